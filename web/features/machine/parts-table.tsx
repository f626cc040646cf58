import { For, type JSX, Match, Show, Switch } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { partsOf } from "../../state/inventory.ts";
import { Figure } from "../../ui/figure.tsx";
import {
  bytes,
  bytesPerSecond,
  type Figure as FigureValue,
  latency,
  linkSpeed,
  percent,
  perSecond,
  text,
} from "../../ui/format.ts";
import { Meter } from "../../ui/meter.tsx";
import { FILESYSTEM_LEVELS, levelOf } from "../overview/problems.ts";
import type { ChartGroup } from "./charts.ts";
import { textOf } from "./facts.ts";

/** The parts a group of charts is about, one row each. */
export function PartsTable(props: { group: ChartGroup["id"]; charts: number; machine: Resource }) {
  const id = () => props.machine.id;
  return (
    <Switch>
      <Match when={props.group === "memory" && props.charts % 2 === 1}>
        <Memory machine={props.machine} />
      </Match>
      <Match when={props.group === "filesystems"}>
        <Filesystems parts={partsOf(id(), "filesystem")} />
      </Match>
      <Match when={props.group === "disks"}>
        <Disks machine={props.machine} parts={partsOf(id(), "disk")} />
      </Match>
      <Match when={props.group === "network"}>
        <Interfaces parts={partsOf(id(), "interface")} />
      </Match>
    </Switch>
  );
}

/** A column that narrow screens do without. */
interface Secondary {
  secondary: string;
}
const SECONDARY = "hidden sm:table-cell";

function Table(props: {
  label: string;
  headings: (string | Secondary)[];
  wide?: boolean;
  children: JSX.Element;
}) {
  return (
    <div
      class="row-span-3 min-w-0 pb-7 sm:overflow-x-auto"
      classList={{ "lg:col-span-2": props.wide ?? false }}
    >
      <table class="figures w-full" aria-label={props.label}>
        <thead>
          <tr>
            <For each={props.headings}>
              {(heading) => (
                <th scope="col" class={typeof heading === "string" ? "" : SECONDARY}>
                  {typeof heading === "string" ? heading : heading.secondary}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </div>
  );
}

/** `narrow` is the second line where the screen has no room for columns. */
function Name(props: { name: string; below: string; narrow: string }) {
  return (
    <td class="w-full max-w-0">
      <div class="truncate leading-4.5" title={props.name}>
        {props.name}
      </div>
      <Show when={props.below}>
        <div class="truncate text-xs text-ink-3 max-sm:hidden" title={props.below}>
          {props.below}
        </div>
      </Show>
      <div class="truncate text-xs text-ink-3 sm:hidden">{props.narrow}</div>
    </td>
  );
}

function Cell(props: { value: FigureValue; secondary?: boolean }) {
  return (
    <td class={props.secondary ? SECONDARY : ""}>
      <Figure value={props.value} />
    </td>
  );
}

function Filesystems(props: { parts: readonly Resource[] }) {
  return (
    <Table
      label="Filesystems"
      headings={[
        "Filesystem",
        "Used",
        { secondary: "" },
        { secondary: "Left" },
        { secondary: "Size" },
        { secondary: "Inodes" },
      ]}
    >
      <For each={props.parts}>
        {(part) => {
          const of = (metric: string) => part.metrics[metric];
          const readOnly = () => part.attributes["read_only"] === true;
          const below = () =>
            [
              textOf(part.attributes["device"]),
              textOf(part.attributes["fstype"]),
              readOnly() ? "read-only" : "",
            ]
              .filter(Boolean)
              .join(" · ");
          const level = () =>
            readOnly() ? "fine" : levelOf(of("filesystem_used_percent"), FILESYSTEM_LEVELS);
          return (
            <tr class="h-11">
              <Name
                name={part.name}
                below={below()}
                narrow={`${text(bytes(of("filesystem_available_bytes")))} left of ${text(bytes(of("filesystem_total_bytes")))}${readOnly() ? " · read-only" : ""}`}
              />
              <Cell value={percent(of("filesystem_used_percent"))} />
              <td class={SECONDARY}>
                <Meter class="w-16" percent={of("filesystem_used_percent")} level={level()} />
              </td>
              <Cell secondary value={bytes(of("filesystem_available_bytes"))} />
              <Cell secondary value={bytes(of("filesystem_total_bytes"))} />
              <Cell secondary value={percent(of("filesystem_inodes_used_percent"))} />
            </tr>
          );
        }}
      </For>
    </Table>
  );
}

function Disks(props: { machine: Resource; parts: readonly Resource[] }) {
  return (
    <Table
      wide
      label="Disks"
      headings={[
        "Disk",
        "Busy",
        { secondary: "" },
        ...["Read", "Write", "Reads", "Writes", "Read wait", "Write wait", "Queue"].map((secondary) => ({
          secondary,
        })),
      ]}
    >
      <For each={props.parts}>
        {(part) => {
          const of = (metric: string) => part.metrics[metric];
          const size = () => part.attributes["size_bytes"];
          const below = () => {
            const held = size();
            return [
              textOf(part.attributes["model"]),
              typeof held === "number" ? text(bytes(held)) : "",
              isRotating(part, props.machine) ? "rotating" : "",
            ]
              .filter(Boolean)
              .join(" · ");
          };
          return (
            <tr class="h-11">
              <Name
                name={part.name}
                below={below()}
                narrow={`read ${text(bytesPerSecond(of("disk_read_bytes_per_second")))} · write ${text(bytesPerSecond(of("disk_write_bytes_per_second")))}`}
              />
              <Cell value={percent(of("disk_busy_percent"))} />
              <td class={SECONDARY}>
                <Meter class="w-16" percent={of("disk_busy_percent")} />
              </td>
              <Cell secondary value={bytesPerSecond(of("disk_read_bytes_per_second"))} />
              <Cell secondary value={bytesPerSecond(of("disk_write_bytes_per_second"))} />
              <Cell secondary value={perSecond(of("disk_reads_per_second"))} />
              <Cell secondary value={perSecond(of("disk_writes_per_second"))} />
              <Cell secondary value={latency(of("disk_read_wait_seconds"))} />
              <Cell secondary value={latency(of("disk_write_wait_seconds"))} />
              <Cell secondary value={{ ...perSecond(of("disk_queue_depth")), unit: "" }} />
            </tr>
          );
        }}
      </For>
    </Table>
  );
}

function Interfaces(props: { parts: readonly Resource[] }) {
  return (
    <Table
      wide
      label="Interfaces"
      headings={[
        "Interface",
        { secondary: "State" },
        { secondary: "Speed" },
        "In",
        "Out",
        { secondary: "Errors" },
        { secondary: "Drops" },
      ]}
    >
      <For each={props.parts}>
        {(part) => {
          const of = (metric: string) => part.metrics[metric];
          const speed = () => part.attributes["speed_bits_per_second"];
          const sum = (a: string, b: string) => {
            const [left, right] = [of(a), of(b)];
            return left === undefined && right === undefined ? undefined : (left ?? 0) + (right ?? 0);
          };
          return (
            <tr class="h-11">
              <Name
                name={part.name}
                below={textOf(part.attributes["mac"])}
                narrow={textOf(part.attributes["state"])}
              />
              <td class={`text-ink-2 ${SECONDARY}`}>{textOf(part.attributes["state"]) || "–"}</td>
              <Cell
                secondary
                value={linkSpeed(typeof speed() === "number" ? (speed() as number) : undefined)}
              />
              <Cell value={bytesPerSecond(of("network_receive_bytes_per_second"))} />
              <Cell value={bytesPerSecond(of("network_transmit_bytes_per_second"))} />
              <Cell
                secondary
                value={perSecond(
                  sum("network_receive_errors_per_second", "network_transmit_errors_per_second"),
                )}
              />
              <Cell
                secondary
                value={perSecond(
                  sum("network_receive_drops_per_second", "network_transmit_drops_per_second"),
                )}
              />
            </tr>
          );
        }}
      </For>
    </Table>
  );
}

/** Disks of virtual machines say they rotate, because nobody told them otherwise. */
function isRotating(disk: Resource, machine: Resource): boolean {
  const isVirtual = /^(?:x?vd)/.test(disk.name) || Boolean(textOf(machine.attributes["virtualization"]));
  return disk.attributes["rotational"] === true && !isVirtual;
}

/** Stands where a second chart would: the same figures, and those that have no line. */
function Memory(props: { machine: Resource }) {
  const total = () => props.machine.metrics["memory_total_bytes"];
  const rows = () =>
    MEMORY_ROWS.flatMap(({ label, metric }) => {
      const value = props.machine.metrics[metric];
      return value === undefined ? [] : [{ label, value }];
    });
  return (
    <Table label="Memory" headings={["Memory now", "Share", ""]}>
      <For each={rows()}>
        {(row) => (
          <tr>
            <td class="w-full">{row.label}</td>
            <Cell value={percent(share(row.value, total()))} />
            <Cell value={bytes(row.value)} />
          </tr>
        )}
      </For>
    </Table>
  );
}

const MEMORY_ROWS = [
  { label: "Used", metric: "memory_used_bytes" },
  { label: "Cached", metric: "memory_cached_bytes" },
  { label: "Available", metric: "memory_available_bytes" },
  { label: "ZFS ARC", metric: "zfs_arc_bytes" },
  { label: "In all", metric: "memory_total_bytes" },
];

function share(value: number, total: number | undefined): number | undefined {
  return total ? (100 * value) / total : undefined;
}
