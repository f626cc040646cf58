import { A, useNavigate, useParams, useSearchParams } from "@solidjs/router";
import { createComputed, createMemo, createSignal, For, Match, Show, Switch } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import type { Resource } from "../../../server/contract/resource.ts";
import { partsOf } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { onEscape } from "../../ui/keyboard.ts";
import { Notice } from "../../ui/notice.tsx";
import { setPageTitle } from "../../ui/page-title.ts";
import { Chart, heightOf } from "./chart.tsx";
import { type ChartGroup, type ChartSpec, chartsOf, measured, metricsIn } from "./charts.ts";
import { FailedUnits } from "./failed-units.tsx";
import { MachineHeader } from "./header.tsx";
import { createHistory, type MachineHistory, seriesKey } from "./history.ts";
import { PartsTable } from "./parts-table.tsx";
import { Processes } from "./processes.tsx";
import { RangeBar } from "./range-bar.tsx";
import { createSeenMetrics } from "./seen-metrics.ts";
import { RANGES, type RangeId, STANDARD_RANGE, windowOf, zoomTo } from "./window.ts";

export function MachinePage() {
  const params = useParams<{ id: string }>();
  const machine = () => {
    const found = picture.resources[params.id];
    return found?.kind === "host" ? found : undefined;
  };
  return (
    <Switch>
      <Match when={machine()?.id} keyed>
        {(id) => <Machine id={id} machine={machine() ?? (picture.resources[id] as Resource)} />}
      </Match>
      <Match when={picture.known}>
        <div class="max-w-[420px] pt-[12dvh]">
          <h1 class="text-xl font-semibold tracking-tight">This machine is not here</h1>
          <p class="mt-2 text-ink-2">It may have been removed, or the address is from somewhere else.</p>
          <p class="mt-5">
            <A href="/" class="font-medium text-accent hover:underline">
              Go to the overview
            </A>
          </p>
        </div>
      </Match>
      <Match when={true}>
        <Sketch />
      </Match>
    </Switch>
  );
}

function Machine(props: { id: string; machine: Resource }) {
  const navigate = useNavigate();
  const [query, setQuery] = useSearchParams();
  const [hovered, setHovered] = createSignal<number>();
  const window = createMemo(() => windowOf(query), undefined, {
    equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
  const possible = createMemo(() => chartsOf(props.machine, partsOf(props.id)));
  const history = createHistory(
    () => props.id,
    createMemo(() => metricsIn(possible())),
    window,
  );
  const seen = createSeenMetrics(() => [props.machine, ...partsOf(props.id)], history.series);
  const [shown, setShown] = createStore<{ groups: ChartGroup[] }>({ groups: [] });
  // A chart stays the same one, with everything drawn on it, when others come or go or it gets another line.
  createComputed(() => {
    const groups = measured(possible(), (id, metric) => seen().has(seriesKey(id, metric)));
    // A copy, because the store changes what it holds in place.
    setShown("groups", reconcile(structuredClone(groups), { key: "id" }));
  });
  setPageTitle(() => props.machine.name);

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
    else navigate("/");
    return true;
  });

  return (
    <article>
      <MachineHeader machine={props.machine} />
      <FailedUnits machine={props.machine} />
      <RangeBar
        window={window()}
        from={history.from()}
        to={history.to()}
        hovered={hovered()}
        onRange={choose}
        onReset={reset}
      />
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
              machine={props.machine}
              history={history}
              onZoom={zoom}
              onHover={setHovered}
              onReset={reset}
            />
          )}
        </For>
        <Processes machine={props.machine} />
      </div>
      <p class="sr-only">
        Times shown: the last {RANGES.find(({ id }) => id === window().range)?.label}
        {window().fixed ? ", zoomed in" : ""}.
      </p>
    </article>
  );
}

/** The page as it will be, while nothing is known yet. */
function Sketch() {
  return (
    <div aria-hidden="true">
      <div class="skeleton mt-1 h-5 w-44" />
      <div class="skeleton mt-5 h-9 w-full max-w-xl" />
      <div class="mt-6 border-b border-line py-2">
        <div class="skeleton h-8 w-72" />
      </div>
      <For each={SKETCHED_CHARTS}>
        {(charts) => (
          <div class="border-b border-line py-6 last:border-0">
            <div class="skeleton mb-4 h-5.5 w-28" />
            <div class="-mb-7 grid grid-cols-1 gap-x-10 lg:grid-cols-2">
              <For each={charts}>{(height) => <div class={`skeleton mb-7 ${height}`} />}</For>
            </div>
          </div>
        )}
      </For>
    </div>
  );
}

/** In the groups every machine has. Beside each other they are as high as the CPU's, whose figures stand below its title. */
const HEIGHT = "h-[176px]";
const CPU_HEIGHT = "h-[190px]";
const SKETCHED_CHARTS = [
  [CPU_HEIGHT, CPU_HEIGHT, HEIGHT, HEIGHT],
  [HEIGHT, HEIGHT],
  [HEIGHT, HEIGHT],
];

interface GroupProps {
  group: ChartGroup;
  machine: Resource;
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
        <PartsTable group={props.group.id} charts={props.group.charts.length} machine={props.machine} />
      </div>
    </section>
  );
}

/** The charts that stand side by side with one, itself among them. */
function rowOf(charts: readonly ChartSpec[], index: number): readonly ChartSpec[] {
  const start = index - (index % 2);
  return charts.slice(start, start + 2);
}
