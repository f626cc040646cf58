import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { now, nowByMinute } from "../../state/clock.ts";
import { Figure } from "../../ui/figure.tsx";
import {
  ago,
  bytes,
  bytesPerSecond,
  celsius,
  duration,
  type Figure as FigureValue,
  moment,
  percent,
  plural,
  ratio,
  text,
} from "../../ui/format.ts";
import { Meter } from "../../ui/meter.tsx";
import { createSeen } from "../../ui/seen.ts";
import { Sparkline } from "../../ui/sparkline.tsx";
import { factsOf } from "../machine/facts.ts";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import type { MachineFigures } from "./figures.ts";
import { isCurrent, MachineMark, MachineWord } from "./machine-status.tsx";
import { FILESYSTEM_LEVELS, levelOf } from "./problems.ts";
import { createRecent, RECENT_MS } from "./recent.ts";

const METRICS = [
  "cpu_percent",
  "memory_used_percent",
  "load1",
  "disk_read_bytes_per_second",
  "disk_write_bytes_per_second",
  "network_receive_bytes_per_second",
  "network_transmit_bytes_per_second",
];

/** A machine across the whole width: for a home with one or a few. */
export function MachineStrip(props: { machine: Resource; figures: MachineFigures }) {
  let element: HTMLElement | undefined;
  const figures = () => props.figures;
  const recent = createRecent(
    () => props.machine,
    METRICS,
    createSeen(() => element),
  );
  const facts = () => factsOf(props.machine);
  const line = (metrics: string[], top: number) => {
    const drawn = () => metrics.map((metric) => recent().get(metric));
    const end = () => Math.max(props.machine.lastSeenAt, nowByMinute());
    return (
      <Sparkline
        class="mt-3 h-12 w-full"
        times={drawn()[0]?.times ?? []}
        values={sum(drawn().map((series) => series?.avg ?? []))}
        from={end() - RECENT_MS}
        to={end()}
        top={top}
      />
    );
  };
  const used = () => {
    const { memoryUsed, memoryTotal } = figures();
    return memoryTotal === undefined ? [] : [`${text(bytes(memoryUsed))} of ${text(bytes(memoryTotal))}`];
  };
  return (
    <article ref={element} class="overflow-hidden rounded-lg border border-line bg-surface">
      <A href={`/machines/${props.machine.id}`} class="block px-5 pt-4 pb-3.5 hover:bg-hover">
        <div class="flex flex-wrap items-baseline gap-x-3">
          <span class="flex min-w-0 items-center gap-2.5">
            <MachineMark machine={props.machine} />
            <h3 class="truncate text-lg font-semibold" title={props.machine.name}>
              {props.machine.name}
            </h3>
            <ResourceOrigin resource={props.machine} />
          </span>
          <span class="min-w-0 truncate text-ink-2">
            {[facts().system, facts().processor].filter(Boolean).join(" · ")}
          </span>
          <span class="text-sm text-ink-2 sm:ml-auto">
            <Show when={isCurrent(props.machine)} fallback={<MachineWord machine={props.machine} />}>
              <span title={`Last report ${moment(props.machine.lastSeenAt)}`}>
                up {duration(figures().uptime)} · seen {ago(props.machine.lastSeenAt, now())}
              </span>
            </Show>
          </span>
        </div>
      </A>
      <dl
        class="-mb-px grid grid-cols-2 border-t border-line lg:grid-cols-3 2xl:grid-cols-6"
        classList={{ old: !isCurrent(props.machine) }}
      >
        <Cell label="CPU" value={percent(figures().cpu)} below={cores(props.machine)}>
          {line(["cpu_percent"], 25)}
        </Cell>
        <Cell label="Memory" value={percent(figures().memory)} below={used()}>
          {line(["memory_used_percent"], 100)}
        </Cell>
        <Cell label="Load" value={ratio(figures().load)} below={loads(props.machine)}>
          {line(["load1"], coreCount(props.machine) ?? 1)}
        </Cell>
        <Cell
          label={`Disk ${figures().fullest?.name ?? ""}`}
          value={percent(figures().disk)}
          below={left(figures().fullest)}
        >
          <Meter class="mt-6" percent={figures().disk} level={levelOf(figures().disk, FILESYSTEM_LEVELS)} />
        </Cell>
        <Cell
          label="Disk traffic"
          value={bytesPerSecond(both(figures().read, figures().write))}
          below={[
            `read ${text(bytesPerSecond(figures().read))}`,
            `write ${text(bytesPerSecond(figures().write))}`,
          ]}
        >
          {line(["disk_read_bytes_per_second", "disk_write_bytes_per_second"], 65_536)}
        </Cell>
        <Cell
          label="Network"
          value={bytesPerSecond(both(figures().receive, figures().transmit))}
          below={[
            `in ${text(bytesPerSecond(figures().receive))}`,
            `out ${text(bytesPerSecond(figures().transmit))}`,
          ]}
        >
          {line(["network_receive_bytes_per_second", "network_transmit_bytes_per_second"], 65_536)}
        </Cell>
      </dl>
    </article>
  );
}

function Cell(props: { label: string; value: FigureValue; below: string[]; children: JSX.Element }) {
  return (
    <div class="-ml-px flex min-w-0 flex-col border-b border-l border-line px-5 pt-3.5 pb-4">
      <dt class="truncate text-sm text-ink-2">{props.label}</dt>
      <dd class="flex grow flex-col">
        <Figure value={props.value} class="text-xl font-medium tracking-tight" />
        <div class="flex min-h-4.5 flex-wrap gap-x-3 text-sm text-ink-3">
          <For each={props.below}>{(words) => <span class="whitespace-nowrap">{words}</span>}</For>
        </div>
        <div class="mt-auto">{props.children}</div>
      </dd>
    </div>
  );
}

function coreCount(machine: Resource): number | undefined {
  const count = machine.attributes["cpu_count"];
  return typeof count === "number" ? count : undefined;
}

function cores(machine: Resource): string[] {
  const count = coreCount(machine);
  const hot = machine.metrics["temperature_celsius"];
  const words = count === undefined ? "" : plural(count, "core");
  return [words, hot === undefined ? "" : text(celsius(hot))].filter(Boolean);
}

function loads(machine: Resource): string[] {
  const of = (metric: string) => text(ratio(machine.metrics[metric]));
  return [`5 min ${of("load5")}`, `15 min ${of("load15")}`];
}

function left(filesystem: Resource | undefined): string[] {
  const available = filesystem?.metrics["filesystem_available_bytes"];
  const total = filesystem?.metrics["filesystem_total_bytes"];
  if (available === undefined) return [];
  return [`${text(bytes(available))} of ${text(bytes(total))} left`];
}

function both(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}

function sum(lists: (readonly (number | null)[])[]): (number | null)[] {
  const [first = [], ...others] = lists;
  return first.map((value, index) =>
    others.reduce<number | null>((total, other) => {
      const more = other[index];
      return total === null || more === null || more === undefined ? total : total + more;
    }, value),
  );
}
