import { createMemo, createSignal, createUniqueId, For, lazy, Show, Suspense } from "solid-js";
import type uPlot from "uplot";
import { shownTheme, themeColor } from "../../state/theme.ts";
import { Figure } from "../../ui/figure.tsx";
import { TableIcon } from "../../ui/icons.tsx";
import { Notice } from "../../ui/notice.tsx";
import type { Drawing, PlotManner } from "../../ui/plot.ts";
import { PlotView } from "../../ui/plot-view.tsx";
import { type Column, chartData, newest, stacked, valueAt as valueAtStep } from "./chart-data.ts";
import type { ChartSpec } from "./charts.ts";
import { type MachineHistory, REPORT_EVERY_MS, seriesKey } from "./history.ts";
import { axisTexts, formFor, formOf } from "./units.ts";

const ChartTable = lazy(async () => ({ default: (await import("./chart-table.tsx")).ChartTable }));

const COLORS = ["--data-1", "--data-2", "--data-3", "--data-4", "--data-5", "--data-6"];
const SWATCHES = ["bg-data-1", "bg-data-2", "bg-data-3", "bg-data-4", "bg-data-5", "bg-data-6"];
const HEIGHT = 148;
/** More lines than this do not fit beside the title; more than the second, not in one row. */
const BESIDE_TITLE_MAX = 3;
const ONE_ROW_MAX = 4;
/** Height of the time axis and the padding above; the rest is rows of cells. */
const HEAT_FRAME = 32;
const HEAT_ROW_LEAST = 3;

interface ChartProps {
  spec: ChartSpec;
  /** Of the plot. */
  height: number;
  history: MachineHistory;
  onZoom: (from: number, to: number) => void;
  onHover: (at: number | undefined) => void;
  onReset: () => void;
}

/** The height a plot needs. */
export function heightOf({ form, lines }: ChartSpec): number {
  return form === "heat" ? Math.max(HEIGHT, HEAT_FRAME + HEAT_ROW_LEAST * lines.length) : HEIGHT;
}

export function Chart(props: ChartProps) {
  const id = createUniqueId();
  const [cursor, setCursor] = createSignal<number | null>(null);
  const [asTable, setAsTable] = createSignal(false);
  const unit = createMemo(() => formFor(props.spec));
  const data = createMemo(() =>
    chartData(
      props.spec.lines,
      (resource, metric) => props.history.series().get(seriesKey(resource, metric)),
      REPORT_EVERY_MS,
    ),
  );
  const drawnIndexes = createMemo(() =>
    props.spec.lines.flatMap((line, index) => (line.valueOnly ? [] : [index])),
  );
  const drawn = createMemo((): Column[] => {
    const columns = drawnIndexes().map((index) => data().values[index] ?? []);
    return props.spec.form === "stack" ? stacked(columns) : columns;
  });
  const drawing = createMemo((): Drawing => {
    const form = props.spec.form;
    const band = form === "lines" ? data().band : undefined;
    const edges = band
      ? [band.min, band.max].flatMap((side) => drawnIndexes().map((index) => side[index] ?? []))
      : [];
    return {
      shape: {
        form,
        banded: band !== undefined,
        lines: drawnIndexes().map((_, index) => ({
          color: COLORS[form === "heat" ? 0 : index % COLORS.length] ?? "--data-1",
          ...(index >= COLORS.length ? { dash: [4, 3] } : {}),
        })),
      },
      data: [data().times, ...drawn(), ...edges] as unknown as uPlot.AlignedData,
    };
  });
  const valueAt = (line: number): number | undefined => {
    const column = data().values[line] ?? [];
    const index = cursor();
    return index === null ? newest(column) : valueAtStep(column, index);
  };

  /* Lines yet to come count: a head that grows moves the whole page. */
  const figureCount = () => Math.max(props.spec.lines.length, props.spec.room ?? 0);

  const manner: PlotManner = {
    cursorKey: "machine",
    top(highest) {
      const { unit: kind, top } = props.spec;
      if (top !== undefined && kind === "bytes") return top;
      return unit().top(highest, top ?? unit().leastTop) || 1;
    },
    axisTexts: (values) => axisTexts(props.spec.unit, values),
    rowNames: () => props.spec.lines.map((line) => line.label),
    color: themeColor,
    step: () => data().step,
    onZoom: props.onZoom,
    onReset: props.onReset,
    onCursor: (index) => {
      setCursor(index);
      props.onHover(index === null ? undefined : data().times[index]);
    },
  };
  const refusal = createMemo(() =>
    props.spec.lines
      .flatMap((line) => line.sources)
      .map(({ resourceId }) => props.history.refusalFor(resourceId))
      .find((refused) => refused !== undefined),
  );

  // Caption, plot and table share their rows with the chart beside, so that both plots stand on one line.
  return (
    <figure class="group row-span-3 grid min-w-0 grid-cols-1 grid-rows-subgrid pb-7" aria-labelledby={id}>
      <figcaption class="mb-1 flex min-h-6 flex-wrap content-start items-start gap-x-3">
        <h3 id={id} class="shrink-0 font-medium">
          {props.spec.title}
        </h3>
        <button
          type="button"
          aria-pressed={asTable()}
          aria-label={`${props.spec.title} as a table`}
          title="As a table"
          onClick={() => setAsTable(!asTable())}
          class="-my-0.5 -ml-2 shrink-0 rounded-sm p-1 text-ink-3 opacity-0 group-hover:opacity-100 hover:text-ink focus-visible:opacity-100 aria-pressed:text-accent aria-pressed:opacity-100 pointer-coarse:opacity-100"
        >
          <TableIcon class="size-3.5!" />
        </button>
        <Show when={props.spec.form !== "heat"} fallback={<Busiest spec={props.spec} valueAt={valueAt} />}>
          {/* On narrow screens, and where there are many, in columns below the title; else beside it. */}
          <div
            class="grid min-w-0 basis-full grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-x-3.5 text-sm"
            classList={{
              "sm:flex": figureCount() <= ONE_ROW_MAX,
              "sm:ml-auto sm:basis-auto": figureCount() <= BESIDE_TITLE_MAX,
            }}
          >
            <For each={props.spec.lines}>
              {(line, index) => (
                <span class="flex h-[18px] min-w-0 items-center gap-1.5">
                  <Show when={!line.valueOnly}>
                    <span
                      class={`h-[3px] w-2.5 shrink-0 rounded-full ${swatch(drawnIndexes().indexOf(index()))}`}
                    />
                  </Show>
                  <span class="max-w-36 truncate text-ink-2" title={line.label}>
                    {line.label}
                  </span>
                  <Figure value={unit().figure(valueAt(index()))} class={`sm:text-right ${unit().width}`} />
                </span>
              )}
            </For>
            <For each={Array.from({ length: figureCount() - props.spec.lines.length })}>
              {() => <span class="h-[18px]" />}
            </For>
          </div>
        </Show>
      </figcaption>
      <div class="relative grid">
        <PlotView
          drawing={drawing()}
          manner={manner}
          from={props.history.from()}
          to={props.history.to()}
          height={props.height}
          theme={shownTheme()}
          label={`${props.spec.title} over time`}
        />
        <Show when={refusal()}>
          {(refused) => (
            <div class="absolute inset-x-2 top-2">
              <Notice level="warning">Part of this history could not be read. {refused().words}</Notice>
            </div>
          )}
        </Show>
      </div>
      <div>
        <Suspense>
          <Show when={asTable()}>
            <ChartTable spec={props.spec} data={data()} from={props.history.from()} to={props.history.to()} />
          </Show>
        </Suspense>
      </div>
    </figure>
  );
}

/** Of many cores only the busiest is worth a number. */
function Busiest(props: { spec: ChartSpec; valueAt: (line: number) => number | undefined }) {
  const busiest = createMemo(() => {
    let best: { label: string; value: number } | undefined;
    props.spec.lines.forEach((line, index) => {
      const value = props.valueAt(index);
      if (value !== undefined && value > (best?.value ?? -1)) best = { label: line.label, value };
    });
    return best;
  });
  return (
    <span class="ml-auto flex h-[18px] items-center gap-1.5 text-sm">
      <span class="text-ink-2">busiest: {busiest()?.label ?? "–"}</span>
      <Figure
        value={formOf(props.spec.unit).figure(busiest()?.value)}
        class={`text-right ${formOf(props.spec.unit).width}`}
      />
    </span>
  );
}

function swatch(index: number): string {
  return SWATCHES[index % SWATCHES.length] ?? "bg-data-1";
}
