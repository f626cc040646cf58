import {
  createComputed,
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  lazy,
  Show,
  Suspense,
  untrack,
} from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import type { Resource } from "../../../server/contract/resource.ts";
import { onEscape } from "../../ui/keyboard.ts";
import { Notice } from "../../ui/notice.tsx";
import { AXIS_WIDTH } from "../../ui/plot.ts";
import { createSeen } from "../../ui/seen.ts";
import { Chart, type ChartSurroundings, heightOf } from "./chart.tsx";
import { type ChartGroup, type ChartSpec, measured, metricsIn } from "./charts.ts";
import { ExportMenu } from "./export-menu.tsx";
import { createHistory, type MachineHistory } from "./history.ts";
import { type History, seriesKey } from "./history-answers.ts";
import { createLive } from "./live-watch.ts";
import { MARK_METRICS, marksIn, shownOf } from "./marks.ts";
import { MarksList } from "./marks-list.tsx";
import { Palette } from "./most.ts";
import { RangeBar } from "./range-bar.tsx";
import { createRuled } from "./ruled.ts";
import { createSeenMetrics } from "./seen-metrics.ts";
import { createTimeNavigation } from "./time-window.ts";
import { type Bounds, RANGES, type RangeId } from "./window.ts";

const LiveNote = lazy(async () => ({ default: (await import("./live-note.tsx")).LiveNote }));

interface ChartedProps {
  resource: Resource;
  /** What else the charts are about. */
  parts: readonly Resource[];
  /** Every chart there may be; those are drawn of which anything was ever measured. */
  groups: ChartGroup[];
  /** Stands below the charts of a group. */
  beside?: (group: ChartGroup) => JSX.Element;
  onBack: () => void;
  /** The time it is about, where that is not the last hour. */
  home?: Bounds;
}

/** From here on two charts stand side by side, so far apart. */
const TWO_COLUMNS = matchMedia("(min-width: 1024px)");
const COLUMN_GAP = 40;

/** The charts of a page, all over the same time, which stands in the address. */
export function Charted(props: ChartedProps) {
  let place: HTMLDivElement | undefined;
  const [hovered, setHovered] = createSignal<number>();
  const [shown, setShown] = createSignal<Bounds>({ from: 0, to: 0 });
  const time = createTimeNavigation(shown, hovered, () => props.home);
  const width = () => {
    const whole = place?.clientWidth ?? 0;
    return (TWO_COLUMNS.matches ? (whole - COLUMN_GAP) / 2 : whole) - AXIS_WIDTH;
  };

  const resourceId = () => props.resource.id;
  const ofGroups = (later: boolean) =>
    metricsIn(props.groups.filter((group) => (group.most !== undefined) === later));
  const metrics = createMemo(() => withMarks(ofGroups(false), props.resource));
  const laterMetrics = createMemo(() => ofGroups(true));
  const most = () => props.groups.find((group) => group.most)?.most;
  const [laterWanted, setLaterWanted] = createSignal(false);
  const live = createLive(resourceId, time.window);
  const common = { resourceId, window: live.window, width };
  const history = live.glide(createHistory({ ...common, metrics }));
  const later = live.glide(createHistory({ ...common, metrics: laterMetrics, most, isWanted: laterWanted }));
  createComputed(() => setShown(time.glimpse() ?? { from: history.from(), to: history.to() }));
  // Most of the time nothing is compared, and its program is not needed.
  const [comparing, setComparing] = createSignal<typeof import("./earlier.ts")>();
  createEffect(async () => {
    if (!time.comparison() || untrack(comparing)) return;
    const loaded = await import("./earlier.ts");
    setComparing(() => loaded);
  });
  const earlier = createMemo(() => comparing()?.createEarlier(history, metrics, time.comparison, width));
  const laterEarlier = createMemo(() =>
    comparing()?.createEarlier(later, laterMetrics, time.comparison, width, most),
  );

  const seen = createSeenMetrics(
    () => [props.resource, ...props.parts],
    createMemo((): History => new Map([...later.series(), ...history.series()])),
  );
  const [drawn, setDrawn] = createStore<{ groups: ChartGroup[] }>({ groups: [] });
  // A chart stays the same one, with everything drawn on it, when others come or go or it gets another line.
  createComputed(() => {
    const groups = measured(props.groups, (id, metric) => seen().has(seriesKey(id, metric)));
    // A copy, because the store changes what it holds in place.
    setDrawn("groups", reconcile(structuredClone(groups), { key: "id" }));
  });

  const ruled = createRuled(resourceId, history);
  // Compared by value: a window that glides moves five times a second, and plots are drawn anew for other marks.
  const marks = createMemo(
    () => {
      const find = (metric: string) => history.series().get(seriesKey(resourceId(), metric));
      const own = [...history.series()].flatMap(([key, series]) =>
        key.startsWith(`${resourceId()} `) ? [series] : [],
      );
      const bounds = { from: history.from(), to: history.to() };
      return shownOf([...marksIn(find, own, bounds), ...ruled.marks()], bounds);
    },
    undefined,
    { equals: (one, other) => JSON.stringify(one) === JSON.stringify(other) },
  );

  onEscape(() => {
    if (time.isAway()) time.reset();
    else props.onBack();
    return true;
  });
  const palette = new Palette();
  const around = {
    shown,
    marks,
    limits: ruled.limits,
    palette,
    onZoom: (from: number, to: number) => time.show({ from, to }),
    onMove: (from: number, to: number, isLast: boolean) => time.look({ from, to }, isLast),
    onHover: setHovered,
    onReset: time.reset,
  };

  return (
    <Show when={props.groups.length > 0}>
      <RangeBar
        home={props.home && "the incident"}
        time={time}
        shown={shown()}
        hovered={hovered()}
        onForesee={history.foresee}
      >
        <ExportMenu
          resourceId={props.resource.id}
          hasParts={props.parts.length > 0}
          from={history.from()}
          to={history.to()}
        />
      </RangeBar>
      <Show when={live.isOn()}>
        <div class="-mb-2 min-h-10 pt-2">
          <Suspense>
            <Show when={live.motion()}>{(motion) => <LiveNote motion={motion()} />}</Show>
          </Suspense>
        </div>
      </Show>
      <Show when={history.refusal()}>
        {(refused) => (
          <div class="mt-4">
            <Notice level="warning">History could not be read. {refused().words}</Notice>
          </div>
        )}
      </Show>
      <div ref={place} class="fades">
        <For each={drawn.groups}>
          {(group) => (
            <Group
              group={group}
              beside={props.beside}
              history={group.most ? later : history}
              around={{ ...around, earlier: () => (group.most ? laterEarlier : earlier)()?.() }}
              onSeen={() => group.most && setLaterWanted(true)}
            />
          )}
        </For>
        <Show when={marks().length > 0}>
          <MarksList marks={marks()} onShow={time.show} />
        </Show>
      </div>
      <p class="sr-only">
        Times shown: {live.isOn() ? "the last two minutes, live" : `the last ${labelOf(time.window().range)}`}
        {time.window().fixed ? ", zoomed in" : ""}.
      </p>
    </Show>
  );
}

function labelOf(range: RangeId): string {
  return RANGES.find(({ id }) => id === range)?.label ?? "";
}

/** With what tells of restarts and the like, where there is such a thing. */
function withMarks(wanted: Map<string, Set<string>>, { id, metrics }: Resource): Map<string, Set<string>> {
  const known = MARK_METRICS.filter((metric) => metrics[metric] !== undefined);
  if (known.length > 0) wanted.set(id, new Set([...(wanted.get(id) ?? []), ...known]));
  return wanted;
}

interface GroupProps {
  group: ChartGroup;
  beside: ((group: ChartGroup) => JSX.Element) | undefined;
  history: MachineHistory;
  around: ChartSurroundings;
  onSeen: () => void;
}

function Group(props: GroupProps) {
  let place: HTMLElement | undefined;
  const seen = createSeen(() => place);
  createComputed(() => seen() && props.onSeen());
  return (
    <section
      ref={place}
      class="border-b border-line py-6 last:border-0"
      aria-labelledby={`group-${props.group.id}`}
    >
      <h2 id={`group-${props.group.id}`} class={props.group.alone ? "sr-only" : "mb-4 text-lg font-semibold"}>
        {props.group.title}
      </h2>
      <div class="-mb-7 grid grid-cols-1 gap-x-10" classList={{ "lg:grid-cols-2": !props.group.alone }}>
        <For each={props.group.charts}>
          {(spec, index) => (
            <Chart
              height={Math.max(...rowOf(props.group.charts, index()).map(heightOf))}
              spec={spec}
              history={props.history}
              around={props.around}
            />
          )}
        </For>
        {props.beside?.(props.group)}
      </div>
    </section>
  );
}

/** The charts that stand side by side with one, itself among them. */
function rowOf(charts: readonly ChartSpec[], index: number): readonly ChartSpec[] {
  const start = index - (index % 2);
  return charts.slice(start, start + 2);
}
