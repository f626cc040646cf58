import { createMemo, createSignal, createUniqueId, lazy, on, Show, Suspense } from "solid-js";
import type uPlot from "uplot";
import { shownTheme, themeColor } from "../../state/theme.ts";
import { clock, clockWithSeconds, date, day } from "../../ui/format.ts";
import { Notice } from "../../ui/notice.tsx";
import type { Drawing, PlotLine, PlotManner } from "../../ui/plot.ts";
import type { PlotLimit, PlotMark } from "../../ui/plot-marks.ts";
import { PlotView } from "../../ui/plot-view.tsx";
import { type Column, chartData, newest, stacked, sum, valueAt as valueAtStep } from "./chart-data.ts";
import { ChartHead } from "./chart-head.tsx";
import type { ChartSpec, Source } from "./charts.ts";
import type { Earlier } from "./earlier.ts";
import type { MachineHistory } from "./history.ts";
import { REPORT_EVERY_MS, seriesKey } from "./history-answers.ts";
import { lengthOf, type Mark } from "./marks.ts";
import { mostOf, type Palette } from "./most.ts";
import { colorOf } from "./palette.ts";
import { PointInTime } from "./point-in-time.tsx";
import { axisTexts, formFor } from "./units.ts";
import type { Bounds } from "./window.ts";

const ChartTable = lazy(async () => ({ default: (await import("./chart-table.tsx")).ChartTable }));

const HEIGHT = 148;
/** Height of the time axis and the padding above; the rest is rows of cells. */
const HEAT_FRAME = 32;
const HEAT_ROW_LEAST = 3;
/** More lines than this, twice, are a tangle; figures and table have them all. */
const BESIDE_MAX = 4;
/** So near to a mark, as a share of the window, the cursor is on it. */
const MARK_WITHIN = 0.008;

/** What all charts of a page have in common. */
export interface ChartSurroundings {
  shown: () => Bounds;
  marks: () => readonly Mark[];
  limits: () => readonly Limit[];
  earlier: () => Earlier | undefined;
  palette: Palette;
  onZoom: (from: number, to: number) => void;
  onMove: (from: number, to: number, isLast: boolean) => void;
  onHover: (at: number | undefined) => void;
  onReset: () => void;
}

/** From where on a rule finds a value too high or too low. */
export interface Limit {
  resourceId: string;
  metric: string;
  level: "warning" | "critical";
  value: number;
}

interface ChartProps {
  spec: ChartSpec;
  /** Of the plot. */
  height: number;
  history: MachineHistory;
  around: ChartSurroundings;
}

/** The height a plot needs. */
export function heightOf({ form, lines }: ChartSpec): number {
  return form === "heat" ? Math.max(HEIGHT, HEAT_FRAME + HEAT_ROW_LEAST * lines.length) : HEIGHT;
}

export function Chart(props: ChartProps) {
  const id = createUniqueId();
  const [cursor, setCursor] = createSignal<number | null>(null);
  /** Where keys have put the cursor. */
  const [pointed, setPointed] = createSignal<number>();
  const [asTable, setAsTable] = createSignal(false);
  const unit = createMemo(() => formFor(props.spec));
  const shown = () => props.around.shown();
  /** How much of what is drawn one of this value is; undefined: it is not drawn here. */
  const scaleOf = (value: { resourceId: string; metric?: string }): number | undefined => {
    const isSame = (source: Source) =>
      source.metric === value.metric && source.resourceId === value.resourceId;
    const { known, lines } = props.spec;
    if (known && isSame(known)) return known.scale;
    return lines.some(({ sources }) => sources.some(isSame)) ? 1 : undefined;
  };
  /** Who is among the most is decided by an answer of the server, not anew by each report. */
  const spec = createMemo(
    on([() => props.spec, props.history.answered], ([whole]) =>
      whole.most ? mostOf(whole, props.history.series(), props.around.palette) : whole,
    ),
  );
  const find = (resource: string, metric: string) => props.history.series().get(seriesKey(resource, metric));
  const data = createMemo(() => chartData(spec().lines, find, REPORT_EVERY_MS));
  const drawnIndexes = createMemo(() =>
    spec().lines.flatMap((line, index) => (line.valueOnly ? [] : [index])),
  );
  const drawn = createMemo((): Column[] => {
    const columns = drawnIndexes().map((index) => data().values[index] ?? []);
    return spec().form === "stack" ? stacked(spec().most ? grounded(columns) : columns) : columns;
  });

  /** By line, how each was the same time before. */
  const before = createMemo((): Column[] | undefined => {
    const earlier = props.around.earlier();
    return spec().form === "heat" ? undefined : earlier?.columnsFor(spec().lines, data());
  });
  const beside = createMemo((): { lines: PlotLine[]; columns: Column[] } => {
    const columns = before();
    const indexes = drawnIndexes();
    if (!columns) return { lines: [], columns: [] };
    if (spec().form === "stack") {
      const total = sum(
        indexes.map((index) => columns[index] ?? []),
        data().times.length,
      );
      return { lines: [{ color: "--ink" }], columns: [total] };
    }
    if (indexes.length > BESIDE_MAX) return { lines: [], columns: [] };
    return {
      lines: indexes.map((index, place) => ({ color: colorOf(spec(), index, place) })),
      columns: indexes.map((index) => columns[index] ?? []),
    };
  });

  const drawing = createMemo((): Drawing => {
    const form = spec().form;
    const band = form === "lines" ? data().band : undefined;
    const edges = band
      ? [band.min, band.max].flatMap((side) => drawnIndexes().map((index) => side[index] ?? []))
      : [];
    return {
      shape: {
        form,
        banded: band !== undefined,
        beside: beside().lines,
        lines: drawnIndexes().map((index, place) => ({
          color: colorOf(spec(), index, place),
          ...(spec().lines[index]?.light ? { light: true } : {}),
          ...(form === "lines" && place >= DASHED_FROM ? { dash: [4, 3] } : {}),
        })),
      },
      data: [data().times, ...drawn(), ...edges, ...beside().columns] as unknown as uPlot.AlignedData,
    };
  });
  const valueIn = (columns: readonly Column[] | undefined, line: number): number | undefined => {
    const column = columns?.[line] ?? [];
    const index = cursor();
    return index === null ? newest(column) : valueAtStep(column, index);
  };

  const manner: PlotManner = {
    cursorKey: "machine",
    top(highest) {
      const { unit: kind, top } = props.spec;
      if (top !== undefined && kind === "bytes") return top;
      return unit().top(highest, top ?? unit().leastTop) || 1;
    },
    axisTexts: (values) => axisTexts(props.spec.unit, values),
    rowNames: () => spec().lines.map((line) => line.label),
    color: themeColor,
    step: () => data().step,
    marks: () => plotMarks(),
    limits: () => limits(),
    onZoom: props.around.onZoom,
    onMove: props.around.onMove,
    onReset: props.around.onReset,
    onCursor: (index) => {
      setCursor(index);
      props.around.onHover(index === null ? undefined : data().times[index]);
    },
  };
  const plotMarks = createMemo((): PlotMark[] =>
    props.around.marks().map(({ at, until, level, about }) => ({
      at,
      ...(until === undefined ? {} : { until }),
      isTinted: about === undefined || scaleOf(about) !== undefined,
      color: MARK_COLORS[level],
    })),
  );
  const limits = createMemo((): PlotLimit[] =>
    props.around.limits().flatMap((limit) => {
      const scale = scaleOf(limit);
      return scale === undefined ? [] : [{ value: limit.value * scale, color: MARK_COLORS[limit.level] }];
    }),
  );
  const refusal = createMemo(() =>
    spec()
      .lines.flatMap((line) => line.sources)
      .map(({ resourceId }) => props.history.refusalFor(resourceId))
      .find((refused) => refused !== undefined),
  );

  const cursorAt = () => {
    const index = cursor();
    return index === null ? undefined : data().times[index];
  };
  const marksThere = createMemo(() => {
    const at = cursorAt();
    if (at === undefined) return [];
    const near = Math.max(data().step / 2, (shown().to - shown().from) * MARK_WITHIN);
    return props.around
      .marks()
      .filter((mark) => mark.at - near <= at && (mark.until ?? mark.at) + near >= at);
  });
  const timeText = (at: number) => {
    if (data().step >= DAY) return date(at);
    const time = data().step >= 60_000 ? clock(at) : clockWithSeconds(at);
    return shown().to - shown().from > DAY / 2 || Date.now() - at > DAY ? `${day(at)}, ${time}` : time;
  };

  // Caption, plot and table share their rows with the chart beside, so that both plots stand on one line.
  return (
    <figure class="group row-span-3 grid min-w-0 grid-cols-1 grid-rows-subgrid pb-7" aria-labelledby={id}>
      <ChartHead
        id={id}
        spec={spec()}
        drawn={drawnIndexes()}
        now={(line) => valueIn(data().values, line)}
        before={before() && ((line) => valueIn(before(), line))}
        comparison={props.around.earlier()?.comparison.words}
        asTable={asTable()}
        onTable={() => setAsTable(!asTable())}
      />
      <div class="relative grid">
        <PlotView
          drawing={drawing()}
          manner={manner}
          from={shown().from}
          to={shown().to}
          height={props.height}
          theme={shownTheme()}
          marks={plotMarks()}
          limits={limits()}
          pointed={pointed()}
          label={`${props.spec.title} over time`}
        />
        <PointInTime
          title={props.spec.title}
          times={data().times}
          shown={shown()}
          cursor={cursor()}
          onPoint={setPointed}
          onEnter={() => setAsTable(!asTable())}
          words={(at) => timeText(at)}
          spec={spec()}
          value={(line) => valueIn(data().values, line)}
          before={before() && ((line) => valueIn(before(), line))}
          comparison={props.around.earlier()?.comparison.words}
          marks={marksThere()}
        />
        <Show when={marksThere().length > 0}>
          <p
            class="pointer-events-none absolute top-1 z-1 hidden max-w-[70%] truncate rounded-sm border border-line bg-raised px-1.5 text-xs text-ink group-hover:block group-has-focus-visible:block"
            classList={{
              "right-1": (cursorAt() ?? 0) < (shown().from + shown().to) / 2,
              "left-[70px]": (cursorAt() ?? 0) >= (shown().from + shown().to) / 2,
            }}
            aria-hidden="true"
          >
            {marksThere()
              .map((mark) => [mark.words, timeText(mark.at), lengthOf(mark)].filter(Boolean).join(", "))
              .join(" · ")}
          </p>
        </Show>
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
            <ChartTable
              spec={spec()}
              data={data()}
              before={before()}
              comparison={props.around.earlier()?.comparison.words}
              from={shown().from}
              to={shown().to}
            />
          </Show>
        </Suspense>
      </div>
    </figure>
  );
}

const DAY = 86_400_000;
const DASHED_FROM = 6;
const MARK_COLORS = {
  fine: "--ink-2",
  unknown: "--ink-3",
  warning: "--warn-fill",
  critical: "--bad-fill",
};

/** Who was not there adds nothing; where nobody is known there is a gap. */
function grounded(columns: readonly Column[]): Column[] {
  const isKnown = (columns[0] ?? []).map((_, index) =>
    columns.some((column) => typeof column[index] === "number"),
  );
  return columns.map((column) =>
    column.map((value, index) => (isKnown[index] && typeof value !== "number" ? 0 : value)),
  );
}
