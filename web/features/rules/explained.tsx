import { createMemo, createSignal, For, Show } from "solid-js";
import type { Explained } from "../../../server/contract/alerts.ts";
import type { ResourceId } from "../../../server/contract/ids.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { partsOf } from "../../state/inventory.ts";
import { Button } from "../../ui/button.tsx";
import { keepFocus } from "../../ui/keep-focus.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toast.tsx";
import { isPart, KINDS } from "../resource/kinds.ts";
import { administers } from "../settings/links.ts";
import { type Book, createBook } from "./book.ts";
import { ALL_RULES, isSamePlace, withOverride, withoutOverride } from "./change.ts";
import { ExplainedRow } from "./explained-row.tsx";
import { createSaving } from "./saving.tsx";

const LOOK_EVERY_MS = 10_000;

/** What is wrong first, what is off last. */
const ORDER: readonly Explained["state"][] = ["open", "waiting", "closed", "quiet", "off"];

/** Which rules there are for it, and for what it is made of. */
export function ExplainedRules(props: { resource: Resource }) {
  const [chosen, setChosen] = createSignal<string>(props.resource.id);
  const options = createMemo(() => [
    { value: props.resource.id as string, label: `${props.resource.name} itself` },
    ...partsOf(props.resource.id)
      .filter(({ kind }) => isPart(kind))
      .map(({ id, kind, name }) => ({ value: id as string, label: `${KINDS[kind].one} ${name}` })),
  ]);
  return (
    <div class="mt-3">
      <Show when={options().length > 1}>
        <div class="max-w-sm">
          <Select label="Rules for" bare options={options()} value={chosen()} onChoose={setChosen} />
        </div>
      </Show>
      <Show when={chosen()} keyed>
        {(id) => <Of id={id as ResourceId} />}
      </Show>
    </div>
  );
}

function createExplained(id: ResourceId) {
  return createRenewed(() => api.alerts.explain.query({ resourceId: id }), LOOK_EVERY_MS);
}

/** How one rule stands with one resource now. */
export function ExplainedRule(props: { id: ResourceId; rule: string }) {
  const asked = createExplained(props.id);
  const book = createBook();
  return (
    <Show
      when={asked.value()}
      fallback={
        <Show when={asked.refusal()} fallback={<div class="skeleton h-14 w-full" />}>
          {(refused) => <Notice>{refused().words}</Notice>}
        </Show>
      }
    >
      {(found) => (
        <Show
          when={found().rules.find(({ name }) => name === props.rule)}
          fallback={<p class="text-ink-2">The rule it was by is not there any more.</p>}
        >
          {(rule) => (
            <ul ref={keepFocus} class="border-y border-line">
              <ExplainedRow id={props.id} rule={rule()} book={book} onChanged={() => void asked.ask()} />
            </ul>
          )}
        </Show>
      )}
    </Show>
  );
}

function Of(props: { id: ResourceId }) {
  const asked = createExplained(props.id);
  const book = createBook();
  /* What changes its state keeps its place: a row that moved would bring another one below the pointer. */
  const names = createMemo(
    (known: readonly string[]) => {
      const sorted = (asked.value()?.rules ?? [])
        .toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
        .map(({ name }) => name);
      return [
        ...known.filter((name) => sorted.includes(name)),
        ...sorted.filter((name) => !known.includes(name)),
      ];
    },
    [],
    { equals: (one, other) => one.join() === other.join() },
  );
  return (
    <Show
      when={asked.value()}
      fallback={
        <Show when={asked.refusal()} fallback={<div class="skeleton mt-3 h-40 w-full" />}>
          {(refused) => <Notice>{refused().words}</Notice>}
        </Show>
      }
    >
      {(found) => (
        <Show when={names().length > 0} fallback={<p class="mt-3 text-ink-2">There is no rule for it.</p>}>
          <ul
            ref={keepFocus}
            aria-label={`Rules for ${found().resource.name}`}
            class="mt-2 divide-y divide-line border-y border-line"
            onKeyDown={(event) => moveThroughRows(event)}
          >
            <For each={names()}>
              {(name) => (
                <Show when={found().rules.find((rule) => rule.name === name)}>
                  {(rule) => (
                    <ExplainedRow
                      id={props.id}
                      rule={rule()}
                      book={book}
                      onChanged={() => void asked.ask()}
                    />
                  )}
                </Show>
              )}
            </For>
          </ul>
          <AllHere id={props.id} book={book} onChanged={() => void asked.ask()} />
        </Show>
      )}
    </Show>
  );
}

/** Nothing that may be wrong with it is of interest, or is again. */
function AllHere(props: { id: ResourceId; book: Book; onChanged: () => void }) {
  const saving = createSaving(props.book);
  const place = () => ({ rule: ALL_RULES, scope: { resourceId: props.id } });
  const isOff = () =>
    props.book.list()?.settings.overrides.some((override) => isSamePlace(override, place()));
  const run = async () => {
    const isBack = isOff();
    props.book.begin();
    const isSet = await saving.run((settings) =>
      isBack
        ? withoutOverride(settings, place())
        : withOverride(settings, { ...place(), change: { off: true } }),
    );
    if (!isSet) toast(saving.refusal()?.words ?? "");
    props.onChanged();
  };
  return (
    <Show when={administers() && props.book.list()}>
      <Button look="quiet" class="mt-2 -ml-2 text-sm" busy={saving.busy()} onClick={() => void run()}>
        {isOff() ? "All as elsewhere" : "All off here"}
      </Button>
    </Show>
  );
}
