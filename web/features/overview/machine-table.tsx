import { A } from "@solidjs/router";
import { For } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { nowByMinute } from "../../state/clock.ts";
import { Figure } from "../../ui/figure.tsx";
import { bytesPerSecond, celsius, duration, percent, ratio } from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { type Level, Meter } from "../../ui/meter.tsx";
import { roundTopPercent } from "../../ui/scale.ts";
import { createSeen } from "../../ui/seen.ts";
import { Sparkline } from "../../ui/sparkline.tsx";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import type { MachineFigures } from "./figures.ts";
import { isCurrent, MachineMark, MachineWord } from "./machine-status.tsx";
import type { Row, SortKey } from "./order.ts";
import { FILESYSTEM_LEVELS, levelOf, MEMORY_LEVELS } from "./problems.ts";
import { createRecent, RECENT_MS } from "./recent.ts";

const COLUMNS: { key: SortKey; label: string; wideOnly?: boolean }[] = [
  { key: "cpu", label: "CPU" },
  { key: "memory", label: "Memory" },
  { key: "disk", label: "Disk" },
  { key: "receive", label: "In", wideOnly: true },
  { key: "transmit", label: "Out", wideOnly: true },
  { key: "load", label: "Load", wideOnly: true },
  { key: "temperature", label: "Temp", wideOnly: true },
  { key: "uptime", label: "Up for", wideOnly: true },
];

interface TableProps {
  rows: readonly Row[];
  sort: SortKey;
  reversed: boolean;
  onSort: (key: SortKey) => void;
}

export function MachineTable(props: TableProps) {
  const direction = (key: SortKey) => {
    if (props.sort !== key) return undefined;
    return (key === "name") === props.reversed
      ? "descending"
      : key === "name"
        ? "ascending"
        : props.reversed
          ? "ascending"
          : "descending";
  };
  const Heading = (own: { column: SortKey; label: string }) => (
    <button
      type="button"
      class="-mx-1.5 h-7 min-w-7 rounded-sm px-1.5 hover:text-ink"
      classList={{ "text-ink font-medium": props.sort === own.column }}
      onClick={() => props.onSort(own.column)}
    >
      {own.label}
      <span aria-hidden="true">
        {props.sort === own.column ? (direction(own.column) === "ascending" ? " ↑" : " ↓") : ""}
      </span>
    </button>
  );
  return (
    <table class="figures w-full border-b border-line">
      <thead>
        <tr>
          <th scope="col" aria-sort={direction("name")}>
            <Heading column="name" label="Machine" />
          </th>
          <th scope="col" class="hidden 2xl:table-cell">
            CPU, last hour
          </th>
          <For each={COLUMNS}>
            {(column) => (
              <th
                scope="col"
                aria-sort={direction(column.key)}
                classList={{ "hidden lg:table-cell": column.wideOnly }}
              >
                <Heading column={column.key} label={column.label} />
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody onKeyDown={(event) => moveThroughRows(event)}>
        <For each={props.rows}>{(row) => <MachineRow machine={row.machine} figures={row.figures()} />}</For>
      </tbody>
    </table>
  );
}

function MachineRow(props: { machine: Resource; figures: MachineFigures }) {
  let element: HTMLTableRowElement | undefined;
  const figures = () => props.figures;
  const recent = createRecent(
    () => props.machine,
    ["cpu_percent"],
    createSeen(() => element),
  );
  const cpu = () => recent().get("cpu_percent");
  const end = () => Math.max(props.machine.lastSeenAt, nowByMinute());
  return (
    <tr ref={element} class="relative hover:bg-hover" classList={{ old: !isCurrent(props.machine) }}>
      <td class="w-full">
        <A
          href={`/machines/${props.machine.id}`}
          data-row=""
          class="flex min-w-28 items-center gap-2.5 contain-inline-size after:absolute after:inset-0 sm:min-w-44"
        >
          <MachineMark machine={props.machine} />
          <span class="truncate font-medium" title={props.machine.name}>
            {props.machine.name}
          </span>
          <ResourceOrigin resource={props.machine} short />
          <span class="ml-auto hidden sm:inline">
            <MachineWord machine={props.machine} />
          </span>
        </A>
      </td>
      <td class="hidden 2xl:table-cell">
        <Sparkline
          class="ml-auto h-5 w-32"
          times={cpu()?.times ?? []}
          values={cpu()?.avg ?? []}
          from={end() - RECENT_MS}
          to={end()}
          top={roundTopPercent(Math.max(0, ...(cpu()?.avg ?? []).map(Number)), 50)}
        />
      </td>
      <ShareCell value={figures().cpu} level="fine" />
      <ShareCell value={figures().memory} level={levelOf(figures().memory, MEMORY_LEVELS)} />
      <ShareCell
        value={figures().disk}
        level={levelOf(figures().disk, FILESYSTEM_LEVELS)}
        title={figures().fullest?.name}
      />
      <td class="hidden min-w-24 lg:table-cell">
        <Figure value={bytesPerSecond(figures().receive)} />
      </td>
      <td class="hidden min-w-24 lg:table-cell">
        <Figure value={bytesPerSecond(figures().transmit)} />
      </td>
      <td class="hidden min-w-16 lg:table-cell">
        <Figure value={ratio(figures().load)} />
      </td>
      <td class="hidden min-w-16 lg:table-cell">
        <Figure value={celsius(figures().temperature)} />
      </td>
      <td class="hidden min-w-20 text-ink-2 lg:table-cell">{duration(figures().uptime)}</td>
    </tr>
  );
}

function ShareCell(props: { value: number | undefined; level: Level; title?: string | undefined }) {
  return (
    <td title={props.title}>
      <span class="inline-flex items-center justify-end gap-2.5">
        <Meter percent={props.value} level={props.level} class="hidden w-10 sm:block 2xl:w-14" />
        <Figure value={percent(props.value)} class="min-w-13" />
      </span>
    </td>
  );
}
