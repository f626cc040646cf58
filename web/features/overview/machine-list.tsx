import { createEffect, createMemo, createSignal, For, Match, mapArray, Show, Switch } from "solid-js";
import { machines, partsOf } from "../../state/inventory.ts";
import { plural } from "../../ui/format.ts";
import { AddIcon, TableIcon, TilesIcon } from "../../ui/icons.tsx";
import { isTyping, onEscape, onKey } from "../../ui/keyboard.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Segments } from "../../ui/segments.tsx";
import { administers } from "../settings/links.ts";
import { figuresOf } from "./figures.ts";
import { direction, FEW, setAmount, setDirection, setSort, setView, sort, view } from "./form.ts";
import { MachineGlance } from "./machine-glance.tsx";
import { MachineStrip } from "./machine-strip.tsx";
import { MachineTable } from "./machine-table.tsx";
import { MachineTile } from "./machine-tile.tsx";
import { matching, ordered, type Row } from "./order.ts";

export function MachineList() {
  let filterInput: HTMLInputElement | undefined;
  const [wanted, setWanted] = createSignal("");
  // One row per machine that stays, so that a report costs the work of its own machine only.
  const all = mapArray(machines, (machine): Row => {
    const figures = createMemo(() => figuresOf(machine, partsOf(machine.id, "filesystem")));
    return { machine, figures };
  });
  const rows = createMemo(() => ordered(matching(all(), wanted()), sort(), direction() === "reversed"));
  const few = createMemo(() => machines().length <= FEW);
  createEffect(() => setAmount(few() ? "few" : "many"));

  onKey((event) => {
    if (event.key !== "/" || isTyping(event) || !filterInput) return false;
    filterInput.focus();
    return true;
  });
  onEscape(() => {
    if (!wanted()) return false;
    setWanted("");
    return true;
  });

  return (
    <section class="mt-8" aria-label="Machines">
      <div class="mb-3 flex min-h-8 flex-wrap items-center gap-3">
        <h2 class="font-semibold">Machines</h2>
        <span class="text-ink-3">
          {wanted() ? `${rows().length} of ${machines().length}` : few() ? "" : machines().length}
        </span>
        <div class="ml-auto flex items-center gap-2">
          <Show when={!few()}>
            <input
              ref={filterInput}
              type="search"
              aria-label="Filter machines"
              placeholder="Filter  /"
              value={wanted()}
              onInput={(event) => setWanted(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key !== "Escape") return;
                event.preventDefault();
                if (wanted()) setWanted("");
                else event.currentTarget.blur();
              }}
              class="h-8 w-36 rounded-md border border-line bg-surface px-2.5 text-[16px] placeholder:text-ink-3 sm:w-48 sm:text-base"
            />
          </Show>
          <Show when={administers()}>
            <LinkButton href="/add">
              <AddIcon class="text-ink-3" />
              <span class="max-sm:sr-only">Add a machine</span>
            </LinkButton>
          </Show>
          <Segments
            label="View"
            value={view()}
            onChoose={setView}
            options={[
              { value: "tiles", label: "Tiles", icon: <TilesIcon />, hideLabel: true },
              { value: "table", label: "Table", icon: <TableIcon />, hideLabel: true },
            ]}
          />
        </div>
      </div>
      <Show
        when={rows().length > 0}
        fallback={
          <p class="border-t border-line py-6 text-ink-2">
            None of {plural(machines().length, "machine")} is called “{wanted()}”.
          </p>
        }
      >
        <div class="fades">
          <Switch>
            <Match when={view() === "table"}>
              <MachineTable
                rows={rows()}
                sort={sort()}
                reversed={direction() === "reversed"}
                onSort={(key) => {
                  setDirection(key === sort() && direction() === "standard" ? "reversed" : "standard");
                  setSort(key);
                }}
              />
            </Match>
            <Match when={few()}>
              <div class="space-y-4">
                <For each={rows()}>
                  {(row) => <MachineStrip machine={row.machine} figures={row.figures()} />}
                </For>
              </div>
              <Show when={machines().length === 1 && machines()[0]}>
                {(only) => <MachineGlance machine={only()} />}
              </Show>
            </Match>
            <Match when={true}>
              <div class="grid grid-cols-[repeat(auto-fill,minmax(min(100%,272px),1fr))] gap-3">
                <For each={rows()}>
                  {(row) => <MachineTile machine={row.machine} figures={row.figures()} />}
                </For>
              </div>
            </Match>
          </Switch>
        </div>
      </Show>
    </section>
  );
}
