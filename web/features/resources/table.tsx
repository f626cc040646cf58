import { createMemo, createSignal, For, type JSX, onCleanup, onMount, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { place } from "../../api/org-context.ts";
import { picture } from "../../state/live.ts";
import { NextIcon } from "../../ui/icons.tsx";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { createWindowed } from "../../ui/windowed.ts";
import { KINDS } from "../resource/kinds.ts";
import { pathOf } from "../resource/path.ts";
import { isFresh, problemOf } from "../resource/status.ts";
import { StatusMark } from "../resource/status-mark.tsx";
import { ResourceOrigin } from "../shell/resource-origin.tsx";
import { Cell, isNumber } from "./cell.tsx";
import type { Column, Sorting } from "./columns.ts";
import { MainFigure } from "./main-figure.tsx";
import type { Row } from "./rows.ts";

interface TableProps {
  rows: readonly Row[];
  columns: readonly Column[];
  sorting: Sorting;
  narrow: boolean;
  /** Rows can be opened: room is kept for what opens them. */
  openable: boolean;
  /** Its head does not stay in sight: something else does. */
  still?: boolean;
  onSort: (column: string) => void;
  onOpen: (id: string, open: boolean) => void;
}

const ROW = { wide: 36, narrow: 56 };
const NAME_LEAST = 208;
const INDENT = 18;

/** Only rows on the screen are drawn, so all of them have one height. */
export function ResourceTable(props: TableProps) {
  let frame: HTMLDivElement | undefined;
  let body: HTMLTableSectionElement | undefined;
  const height = () => (props.narrow ? ROW.narrow : ROW.wide);
  const span = createWindowed(
    () => body,
    height,
    () => props.rows.length,
  );
  const [room, setRoom] = createSignal(Number.POSITIVE_INFINITY);
  onMount(() => {
    const watcher = new ResizeObserver(([entry]) => setRoom(entry?.contentRect.width ?? 0));
    if (frame) watcher.observe(frame);
    onCleanup(() => watcher.disconnect());
  });
  const least = () => NAME_LEAST + props.columns.reduce((sum, { width }) => sum + width, 0);
  /* Wider than its place it scrolls in itself, and its head cannot stick to the page. */
  const isCramped = () => !props.narrow && least() > room();
  const byId = createMemo(() => new Map(props.rows.map((row, index) => [row.id, { row, index }])));
  const drawn = createMemo(() => props.rows.slice(span().from, span().to).map(({ id }) => id));
  const direction = (column: Column | undefined) => {
    const id = column?.id ?? "name";
    if (props.sorting.by !== id) return undefined;
    const falls = column ? isNumber(column) || column.form === "status" : false;
    return falls === props.sorting.reversed ? "ascending" : "descending";
  };
  const Heading = (own: { column?: Column }): JSX.Element => (
    <button
      type="button"
      class="-mx-1.5 h-7 min-w-7 rounded-sm px-1.5 hover:text-ink"
      classList={{ "text-ink font-medium": props.sorting.by === (own.column?.id ?? "name") }}
      onClick={() => props.onSort(own.column?.id ?? "name")}
    >
      {own.column?.label ?? "Name"}
      <span aria-hidden="true">
        {direction(own.column) === "ascending" ? " ↑" : direction(own.column) === "descending" ? " ↓" : ""}
      </span>
    </button>
  );
  return (
    <div ref={frame} classList={{ "overflow-x-auto": isCramped() }}>
      <table
        class="figures w-full table-fixed border-b border-line"
        style={{ "min-width": props.narrow ? "0" : `${least()}px` }}
        aria-rowcount={props.rows.length + 1}
      >
        <thead
          class="max-sm:hidden"
          classList={{ "sticky top-12 z-10 bg-page wide:top-(--banner)": !isCramped() && !props.still }}
        >
          <tr aria-rowindex={1}>
            <th scope="col" aria-sort={direction(undefined)}>
              <Heading />
            </th>
            <For each={props.columns}>
              {(column) => (
                <th
                  scope="col"
                  aria-sort={direction(column)}
                  classList={{ "text-left!": !isNumber(column) }}
                  style={{ width: `${column.width}px` }}
                >
                  <Heading column={column} />
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={(event) => moveThroughRows(event)}>
          <Spacer rows={span().from} height={height()} />
          <For each={drawn()}>
            {(id) => (
              <ResourceRow
                id={id}
                place={byId().get(id)}
                columns={props.columns}
                narrow={props.narrow}
                openable={props.openable}
                height={height()}
                onOpen={props.onOpen}
              />
            )}
          </For>
          <Spacer rows={props.rows.length - span().to} height={height()} />
        </tbody>
      </table>
    </div>
  );
}

/** Stands where rows would that nobody sees. */
function Spacer(props: { rows: number; height: number }) {
  return (
    <Show when={props.rows > 0}>
      <tr>
        <td class="border-0! p-0!" style={{ height: `${props.rows * props.height}px` }} />
      </tr>
    </Show>
  );
}

interface RowProps {
  id: string;
  place: { row: Row; index: number } | undefined;
  columns: readonly Column[];
  narrow: boolean;
  openable: boolean;
  height: number;
  onOpen: (id: string, open: boolean) => void;
}

function ResourceRow(props: RowProps) {
  // A row that has just gone is drawn once more before its list notices.
  const resource = createMemo<Resource | undefined>((before) => picture.resources[props.id] ?? before);
  const row = createMemo<Row | undefined>((before) => props.place?.row ?? before);
  return (
    <Show when={resource()}>
      {(shown) => (
        <tr
          class="relative hover:bg-hover"
          classList={{ old: !isFresh(shown()) }}
          aria-rowindex={(props.place?.index ?? 0) + 2}
          style={{ height: `${props.height}px` }}
        >
          <td class="overflow-hidden">
            <div
              class="flex items-center gap-2"
              style={{ "padding-left": `${(row()?.depth ?? 0) * INDENT}px` }}
            >
              <Show when={props.openable}>
                <Opener row={row()} name={shown().name} onOpen={props.onOpen} />
              </Show>
              <a
                href={place().base + pathOf(shown())}
                data-row=""
                class="flex min-w-0 flex-1 scroll-mt-24 items-center gap-2.5 after:absolute after:inset-0"
              >
                <StatusMark resource={shown()} />
                <span class="min-w-0">
                  <span
                    class="block truncate"
                    classList={{ "font-medium": row()?.depth === 0, "text-ink-2": row()?.aside ?? false }}
                    title={shown().name}
                  >
                    {shown().name}
                  </span>
                  <Show when={props.narrow}>
                    <Below resource={shown()} />
                  </Show>
                </span>
                <ResourceOrigin resource={shown()} short />
              </a>
              <Show when={props.narrow}>
                <MainFigure resource={shown()} />
              </Show>
            </div>
          </td>
          <For each={props.columns}>{(column) => <Cell column={column} resource={shown()} />}</For>
        </tr>
      )}
    </Show>
  );
}

/** The second line on narrow screens: what is wrong, or what it is and what it is a part of. */
function Below(props: { resource: Resource }) {
  const words = () => {
    const problem = problemOf(props.resource);
    if (problem) return problem;
    const parent = props.resource.parentId && picture.resources[props.resource.parentId];
    return parent ? `${KINDS[props.resource.kind].one} of ${parent.name}` : KINDS[props.resource.kind].one;
  };
  return (
    <span
      class="block truncate text-xs"
      classList={{ "text-ink-3": !problemOf(props.resource), "text-ink-2": !!problemOf(props.resource) }}
    >
      {words()}
    </span>
  );
}

function Opener(props: { row: Row | undefined; name: string; onOpen: (id: string, open: boolean) => void }) {
  return (
    <Show when={props.row?.parts ? props.row : undefined} fallback={<span class="-ml-1.5 w-6 shrink-0" />}>
      {(row) => (
        <button
          type="button"
          aria-expanded={row().open}
          aria-label={`Parts of ${props.name}`}
          title={`${row().parts} in it`}
          class="relative z-1 -my-1 -ml-1.5 flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
          onClick={() => props.onOpen(row().id, !row().open)}
        >
          <NextIcon class={`size-3.5! transition-transform ${row().open ? "rotate-90" : ""}`} />
        </button>
      )}
    </Show>
  );
}
