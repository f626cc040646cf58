import { createEffect, on, onCleanup, onMount } from "solid-js";
import uPlot from "uplot";
import { type Drawing, type PlotManner, type PlotShape, plotOptions } from "./plot.ts";
import type { PlotLimit, PlotMark } from "./plot-marks.ts";
import { createInSight } from "./seen.ts";

interface PlotViewProps {
  /** What is drawn and how its columns are to be read: always one from the other. */
  drawing: Drawing;
  manner: PlotManner;
  from: number;
  to: number;
  height: number;
  /** Changes when colours do. */
  theme: string;
  marks: readonly PlotMark[];
  limits: readonly PlotLimit[];
  /** Where the cursor stands that keys move; undefined: it is not theirs. */
  pointed: number | undefined;
  label: string;
}

/** A canvas that keeps up with its data, its width and the theme; out of sight it waits until it is looked at. */
export function PlotView(props: PlotViewProps) {
  let place!: HTMLDivElement;
  let plot: uPlot | undefined;
  let drawn: uPlot.AlignedData | undefined;
  let built: { shape: PlotShape; height: number } | undefined;
  const inSight = createInSight(() => place);

  onMount(() => {
    createEffect(
      on(
        [inSight, () => props.drawing, () => props.from, () => props.to, () => props.height],
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
            if (drawn !== data) current.setData(data, false);
            current.setScale("x", { min, max });
          });
          drawn = data;
        },
      ),
    );
    createEffect(
      on([() => props.theme, () => props.marks, () => props.limits], () => plot?.redraw(false), {
        defer: true,
      }),
    );
    createEffect(
      on(
        () => props.pointed,
        (at) => plot && putCursor(plot, at === undefined ? -10 : plot.valToPos(at, "x")),
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

/** In all plots of its key: the types leave out that a cursor that is put somewhere can be told to the others. */
function putCursor(plot: uPlot, left: number): void {
  const put = plot.setCursor as (place: { left: number; top: number }, fire: boolean, tell: boolean) => void;
  put({ left, top: 0 }, true, true);
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
