import { createEffect, on, onCleanup, onMount } from "solid-js";
import uPlot from "uplot";
import { type Drawing, type PlotManner, type PlotShape, plotOptions } from "./plot.ts";
import { createSeen } from "./seen.ts";

interface PlotViewProps {
  /** What is drawn and how its columns are to be read: always one from the other. */
  drawing: Drawing;
  manner: PlotManner;
  from: number;
  to: number;
  height: number;
  /** Changes when colours do. */
  theme: string;
  label: string;
}

/** A canvas that keeps up with its data, its width and the theme. */
export function PlotView(props: PlotViewProps) {
  let place!: HTMLDivElement;
  let plot: uPlot | undefined;
  let built: { shape: PlotShape; height: number } | undefined;
  const seen = createSeen(() => place);

  onMount(() => {
    createEffect(
      on(
        [seen, () => props.drawing, () => props.from, () => props.to, () => props.height],
        ([wanted, { shape, data }, min, max, height]) => {
          if (!wanted) return;
          if (!plot || !isSame(built, { shape, height })) {
            plot?.destroy();
            built = { shape, height };
            const width = Math.max(120, place.clientWidth);
            plot = new uPlot(plotOptions({ ...props.manner, ...shape }, width, height), data, place);
          }
          const current = plot;
          current.batch(() => {
            current.setData(data, false);
            current.setScale("x", { min, max });
          });
        },
      ),
    );
    createEffect(
      on(
        () => props.theme,
        () => plot?.redraw(false),
        { defer: true },
      ),
    );
    const watcher = new ResizeObserver(() => {
      if (plot && place.clientWidth > 0 && place.clientWidth !== plot.width) {
        plot.setSize({ width: place.clientWidth, height: props.height });
      }
    });
    watcher.observe(place);
    onCleanup(() => {
      watcher.disconnect();
      plot?.destroy();
    });
  });

  return (
    <div
      ref={place}
      role="img"
      aria-label={props.label}
      class="self-end overflow-hidden"
      style={{ height: `${props.height}px` }}
    />
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
