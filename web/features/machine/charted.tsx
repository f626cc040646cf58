import { useSearchParams } from "@solidjs/router";
import { createComputed, createMemo, createSignal, For, type JSX, lazy, Show, Suspense } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import type { Resource } from "../../../server/contract/resource.ts";
import { onEscape } from "../../ui/keyboard.ts";
import { Notice } from "../../ui/notice.tsx";
import { Chart, heightOf } from "./chart.tsx";
import { type ChartGroup, type ChartSpec, measured, metricsIn } from "./charts.ts";
import { createHistory, type MachineHistory, seriesKey } from "./history.ts";
import { createLive } from "./live-watch.ts";
import { RangeBar } from "./range-bar.tsx";
import { createSeenMetrics } from "./seen-metrics.ts";
import { RANGES, type RangeId, STANDARD_RANGE, windowOf, zoomTo } from "./window.ts";

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
}

/** The charts of a page, all over the same time, which stands in the address. */
export function Charted(props: ChartedProps) {
  const [query, setQuery] = useSearchParams();
  const [hovered, setHovered] = createSignal<number>();
  const window = createMemo(() => windowOf(query), undefined, {
    equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
  const live = createLive(() => props.resource.id, window);
  const history = live.glide(
    createHistory(
      () => props.resource.id,
      createMemo(() => metricsIn(props.groups)),
      live.window,
    ),
  );
  const seen = createSeenMetrics(() => [props.resource, ...props.parts], history.series);
  const [shown, setShown] = createStore<{ groups: ChartGroup[] }>({ groups: [] });
  // A chart stays the same one, with everything drawn on it, when others come or go or it gets another line.
  createComputed(() => {
    const groups = measured(props.groups, (id, metric) => seen().has(seriesKey(id, metric)));
    // A copy, because the store changes what it holds in place.
    setShown("groups", reconcile(structuredClone(groups), { key: "id" }));
  });

  const reset = () => setQuery({ from: undefined, to: undefined }, { scroll: false });
  const choose = (range: RangeId) =>
    setQuery(
      { range: range === STANDARD_RANGE ? undefined : range, from: undefined, to: undefined },
      { scroll: false, replace: true },
    );
  const zoom = (from: number, to: number) => {
    const zoomed = zoomTo(from, to);
    if (zoomed) setQuery(zoomed, { scroll: false, replace: window().fixed !== undefined });
  };
  onEscape(() => {
    if (window().fixed) reset();
    else props.onBack();
    return true;
  });

  return (
    <Show when={props.groups.length > 0}>
      <RangeBar
        window={window()}
        from={history.from()}
        to={history.to()}
        hovered={hovered()}
        onRange={choose}
        onReset={reset}
      />
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
      <div class="fades">
        <For each={shown.groups}>
          {(group) => (
            <Group
              group={group}
              beside={props.beside}
              history={history}
              onZoom={zoom}
              onHover={setHovered}
              onReset={reset}
            />
          )}
        </For>
      </div>
      <p class="sr-only">
        Times shown: {live.isOn() ? "the last two minutes, live" : `the last ${labelOf(window().range)}`}
        {window().fixed ? ", zoomed in" : ""}.
      </p>
    </Show>
  );
}

function labelOf(range: RangeId): string {
  return RANGES.find(({ id }) => id === range)?.label ?? "";
}

interface GroupProps {
  group: ChartGroup;
  beside: ((group: ChartGroup) => JSX.Element) | undefined;
  history: MachineHistory;
  onZoom: (from: number, to: number) => void;
  onHover: (at: number | undefined) => void;
  onReset: () => void;
}

function Group(props: GroupProps) {
  return (
    <section class="border-b border-line py-6 last:border-0" aria-labelledby={`group-${props.group.id}`}>
      <h2 id={`group-${props.group.id}`} class="mb-4 text-lg font-semibold">
        {props.group.title}
      </h2>
      <div class="-mb-7 grid grid-cols-1 gap-x-10 lg:grid-cols-2">
        <For each={props.group.charts}>
          {(spec, index) => (
            <Chart
              height={Math.max(...rowOf(props.group.charts, index()).map(heightOf))}
              spec={spec}
              history={props.history}
              onZoom={props.onZoom}
              onHover={props.onHover}
              onReset={props.onReset}
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
