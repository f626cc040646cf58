import { useNavigate, useSearchParams } from "@solidjs/router";
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  lazy,
  Match,
  on,
  onCleanup,
  Show,
  Suspense,
  Switch,
} from "solid-js";
import { unwrap } from "solid-js/store";
import type { Resource } from "../../../server/contract/resource.ts";
import { now } from "../../state/clock.ts";
import { everything, isMachine, machines } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { TableIcon, TilesIcon } from "../../ui/icons.tsx";
import { onEscape } from "../../ui/keyboard.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { isNarrow } from "../../ui/narrow.ts";
import { Segments } from "../../ui/segments.tsx";
import { isPart } from "../resource/kinds.ts";
import { columnsFor, comparing, findColumn, standardColumns } from "./columns.ts";
import { type Filter, filterOf, isFiltering, matcher, queryOf } from "./filter.ts";
import { FilterBar, KindChips } from "./filter-bar.tsx";
import {
  chosenColumns,
  direction,
  grouping,
  setDirection,
  setGrouping,
  setSortColumn,
  setView,
  sortColumn,
  view,
} from "./form.ts";
import { flat, grouped } from "./rows.ts";
import { ResourceTable } from "./table.tsx";
import { ResourceTiles } from "./tiles.tsx";

const ColumnPicker = lazy(async () => ({ default: (await import("./column-picker.tsx")).ColumnPicker }));

/** The address follows what is typed when one stops typing. */
const ADDRESS_AFTER_MS = 250;
/** While one sorts by what moves, rows change places this often and no more. */
const REORDER_EVERY_MS = 2_000;
/** With so few machines all they are made of is in sight. */
const FEW = 3;

const NOTHING: Filter = { text: "", kinds: [], status: undefined, tag: undefined };
/** What was opened and closed, for as long as the tab lives. */
const [opened, setOpened] = createSignal<ReadonlyMap<string, boolean>>(new Map());

export function ResourcesPage() {
  return (
    <Show when={picture.known} fallback={<Sketch />}>
      <Resources />
    </Show>
  );
}

function Resources() {
  const navigate = useNavigate();
  const { filter, change } = createFilter();
  const [choosing, setChoosing] = createSignal(false);
  const columnsOf = createMemo(() =>
    chosenColumns(filter().kinds.length === 1 ? `${filter().kinds[0]}` : "all"),
  );
  const isTiled = () => view() === "tiles";
  const isGrouped = () => grouping() === "grouped" && !isTiled();
  const chosen = () => columnsOf()[0]() ?? standardColumns(filter().kinds);
  const columns = createMemo(() =>
    columnsFor(filter().kinds)
      .filter(({ id }) => chosen().includes(id))
      // Below what it is part of nothing has to say what that is.
      .filter(({ id }) => id !== "parent" || !isGrouped()),
  );
  const sorting = createMemo(() => {
    const by = sortColumn();
    return { by: by === "name" || findColumn(by) ? by : "name", reversed: direction() === "reversed" };
  });
  const moves = createMemo(() => {
    const isStill = sorting().by === "name" && filter().status === undefined;
    return isStill ? 0 : Math.floor(now() / REORDER_EVERY_MS);
  });
  const rows = createMemo(
    on(
      [everything, filter, sorting, isGrouped, isTiled, opened, moves],
      ([resources, wantedNow, { by, reversed }]) => {
        const wanted = {
          // As they are now: thousands of rows are not looked at again with every figure that changes.
          resources: resources.map((resource) => unwrap(resource)),
          matches: isTiled() ? withoutParts(wantedNow) : matcher(wantedNow),
          compare: comparing({ by, reversed }),
          byName: by === "name" ? (reversed ? "reversed" : "standard") : undefined,
          kindsApart: isTiled(),
        } as const;
        return isGrouped() ? grouped(wanted, isFiltering(wantedNow), isOpen) : flat(wanted);
      },
    ),
  );
  const found = createMemo(() => rows().filter(({ aside }) => !aside).length);

  onEscape(() => {
    if (isFiltering(filter())) change(NOTHING);
    else navigate("/");
    return true;
  });

  return (
    <>
      <div class="mb-3 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h1 class="mr-auto text-xl font-semibold tracking-tight">Resources</h1>
        <Show when={everything().length > 0}>
          <FilterBar filter={filter()} onChange={change} />
          <Show when={!isTiled()}>
            <Segments
              label="Grouping"
              value={grouping()}
              onChoose={setGrouping}
              options={[
                { value: "grouped", label: "Grouped" },
                { value: "flat", label: "Flat" },
              ]}
            />
          </Show>
          <Segments
            label="View"
            value={view()}
            onChoose={setView}
            options={[
              { value: "table", label: "Table", icon: <TableIcon />, hideLabel: true },
              { value: "tiles", label: "Tiles", icon: <TilesIcon />, hideLabel: true },
            ]}
          />
          <Show when={!isTiled() && !isNarrow()}>
            <Button onClick={() => setChoosing(true)}>Columns</Button>
          </Show>
          <LinkButton href="/compare">Compare</LinkButton>
        </Show>
      </div>
      <Show
        when={everything().length > 0}
        fallback={
          <p class="max-w-prose text-ink-2">
            Nothing is watched yet. Machines appear here with all they are made of, and with them their
            containers, guests and checks.
          </p>
        }
      >
        <KindChips kinds={filter().kinds} onChoose={(kinds) => change({ kinds })} />
        <p class="sr-only" role="status">
          {isFiltering(filter()) ? `${found()} of ${everything().length} found` : ""}
        </p>
        <div class="fades mt-2">
          <Switch>
            <Match when={rows().length === 0}>
              <div class="border-t border-line py-8 text-ink-2">
                <p>None of {everything().length} fits.</p>
                <Button class="mt-3" onClick={() => change(NOTHING)}>
                  Show all
                </Button>
              </div>
            </Match>
            <Match when={isTiled()}>
              <ResourceTiles rows={rows()} />
            </Match>
            <Match when={true}>
              <ResourceTable
                rows={rows()}
                columns={columns()}
                sorting={sorting()}
                narrow={isNarrow()}
                openable={isGrouped() && !isFiltering(filter())}
                onSort={(column) => {
                  const again = column === sortColumn() && direction() === "standard";
                  setDirection(again ? "reversed" : "standard");
                  setSortColumn(column);
                }}
                onOpen={(id, open) => setOpened((before) => new Map(before).set(id, open))}
              />
            </Match>
          </Switch>
        </div>
      </Show>
      <Suspense>
        <Show when={choosing()}>
          <ColumnPicker
            offered={columnsFor(filter().kinds)}
            chosen={chosen()}
            onChoose={(ids) => columnsOf()[1](ids)}
            onClose={() => setChoosing(false)}
          />
        </Show>
      </Suspense>
    </>
  );
}

/** The filter in the address, ahead of it by what has just been typed. */
function createFilter() {
  const [query, setQuery] = useSearchParams();
  const [typed, setTyped] = createSignal<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const inAddress = createMemo(() => filterOf(query), undefined, {
    equals: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
  const filter = createMemo(() => ({ ...inAddress(), text: typed() ?? inAddress().text }));
  const write = (part: Partial<Filter>) => setQuery(queryOf(part), { replace: true, scroll: false });
  const change = ({ text, ...part }: Partial<Filter>) => {
    if (text !== undefined) {
      setTyped(text);
      clearTimeout(timer);
      timer = setTimeout(() => write({ text }), ADDRESS_AFTER_MS);
    }
    if (Object.keys(part).length > 0) write(part);
  };
  // A link, or the way back, says something else than what was typed.
  createEffect(
    on(
      () => inAddress().text,
      () => setTyped(undefined),
      { defer: true },
    ),
  );
  onCleanup(() => clearTimeout(timer));
  return { filter, change };
}

function isOpen(id: string): boolean {
  const chosen = opened().get(id);
  if (chosen !== undefined) return chosen;
  const resource = picture.resources[id];
  if (!resource) return false;
  return isMachine(resource) ? machines().length <= FEW : resource.kind === "cluster";
}

/** Among tiles a core or a fan says nothing, unless one asks for it. */
function withoutParts(filter: Filter): (resource: Resource) => boolean {
  const matches = matcher(filter);
  if (filter.kinds.length > 0 || filter.text.trim() || filter.status) return matches;
  return (resource) => !isPart(resource.kind) && matches(resource);
}

function Sketch() {
  return (
    <div aria-hidden="true">
      <div class="skeleton mt-1 h-5 w-36" />
      <div class="skeleton mt-6 h-5 w-full max-w-lg" />
      <div class="mt-8 divide-y divide-line border-y border-line">
        <For each={SKETCHED_ROWS}>
          {(width) => (
            <div class="flex h-9 items-center max-sm:h-14">
              <div class={`skeleton h-3 ${width}`} />
            </div>
          )}
        </For>
      </div>
    </div>
  );
}

const SKETCHED_ROWS = ["w-32", "w-48", "w-40", "w-36", "w-52", "w-32", "w-44", "w-40"];
