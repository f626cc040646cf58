import { createMemo, For, type JSX, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { now, nowByMinute } from "../../state/clock.ts";
import { Figure } from "../../ui/figure.tsx";
import { ago, duration, moment } from "../../ui/format.ts";
import { Meter } from "../../ui/meter.tsx";
import { FILESYSTEM_LEVELS, levelOf, MEMORY_LEVELS } from "../overview/problems.ts";
import { problemOf, statusOf } from "../resource/status.ts";
import { tagsOf } from "../resource/tags.ts";
import { type Column, concerns } from "./columns.ts";
import { uptimeOf } from "./figures.ts";
import { figuresOfKind } from "./main-figures.ts";

/** One field of a table's row. What it is made of is decided once: neither its column nor a kind ever changes. */
export function Cell(props: { column: Column; resource: Resource }) {
  return (
    <td class={isNumber(props.column) ? "max-sm:hidden" : "text-left! max-sm:hidden"}>
      {contentOf(props.column, props)}
    </td>
  );
}

function contentOf(column: Column, props: { resource: Resource }): JSX.Element {
  if (!concerns(column, props.resource.kind)) return null;
  switch (column.form) {
    case "figure":
      return <FigureCell column={column} resource={props.resource} />;
    case "text":
      return (
        <span class="block truncate text-ink-2" title={column.value(props.resource)}>
          {column.value(props.resource)}
        </span>
      );
    case "status":
      return <StatusWord resource={props.resource} />;
    case "uptime":
      return <span class="text-ink-2">{duration(uptimeOf(props.resource, nowByMinute()))}</span>;
    case "seen":
      return (
        <span class="text-ink-2" title={moment(props.resource.lastSeenAt)}>
          {ago(props.resource.lastSeenAt, now())}
        </span>
      );
    case "now":
      return <Now resource={props.resource} />;
    case "tags":
      return <Tags tags={tagsOf(props.resource)} />;
  }
}

function FigureCell(props: { column: Extract<Column, { form: "figure" }>; resource: Resource }) {
  const value = createMemo(() => props.column.value(props.resource));
  const figure = () => <Figure value={props.column.write(value())} class="min-w-12" />;
  if (!props.column.bar) return figure();
  return (
    <span class="inline-flex items-center justify-end gap-2">
      <Show when={value() !== undefined}>
        <Meter percent={value()} level={levelIn(props.column.bar, props.resource, value())} class="w-10" />
      </Show>
      {figure()}
    </span>
  );
}

export function isNumber({ form }: Column): boolean {
  return form === "figure" || form === "seen" || form === "uptime";
}

/** Figures that have no column among those everything has. */
function Now(props: { resource: Resource }) {
  return (
    <span class="flex gap-2 overflow-hidden">
      <For each={figuresOfKind(props.resource.kind).filter(({ bar }) => !bar)}>
        {({ label, column }) => (
          <span class="whitespace-nowrap">
            <span class="mr-1 text-xs text-ink-3">{label}</span>
            <Figure value={column.write(column.value(props.resource))} />
          </span>
        )}
      </For>
    </span>
  );
}

/** What goes well stays grey. */
export function StatusWord(props: { resource: Resource }) {
  const status = () => statusOf(props.resource);
  return (
    <span
      class="block truncate"
      classList={{
        "text-ink-2": status().level === "fine" || status().level === "unknown",
        "text-warn": status().level === "warning",
        "text-bad": status().level === "critical",
      }}
      title={problemOf(props.resource) || status().word}
    >
      {status().word}
    </span>
  );
}

function Tags(props: { tags: readonly string[] }) {
  return (
    <span class="flex gap-1 overflow-hidden" title={props.tags.join(", ")}>
      <For each={props.tags}>
        {(tag) => <span class="shrink-0 rounded-sm bg-hover px-1.5 text-xs text-ink-2">{tag}</span>}
      </For>
    </span>
  );
}

function levelIn(
  bar: "plain" | "memory" | "space" | undefined,
  resource: Resource,
  value: number | undefined,
) {
  if (bar === "memory") return levelOf(value, MEMORY_LEVELS);
  if (bar !== "space" || resource.attributes["read_only"] === true) return "fine";
  return levelOf(value, FILESYSTEM_LEVELS);
}
