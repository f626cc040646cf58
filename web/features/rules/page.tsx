import { useSearchParams } from "@solidjs/router";
import { createMemo, createSignal, For, Show } from "solid-js";
import type { RuleInfo } from "../../../server/contract/alerts.ts";
import { picture } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { FilterInput } from "../../ui/filter-input.tsx";
import { plural } from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { Notice } from "../../ui/notice.tsx";
import { AlertFrame } from "../alerts/frame.tsx";
import { administers } from "../settings/links.ts";
import { type Book, createBook } from "./book.ts";
import { GROUPS, groupOf, isSought } from "./groups.ts";
import { OverridesOfAll } from "./overrides.tsx";
import { OwnForm } from "./own-form.tsx";
import { RuleRow } from "./row.tsx";

export function RulesPage() {
  const book = createBook();
  const [making, setMaking] = createSignal(false);
  const [sought, setSought] = createSignal("");
  let begin: HTMLButtonElement | undefined;
  const close = () => {
    setMaking(false);
    begin?.focus({ preventScroll: true });
  };
  return (
    <AlertFrame
      title="Rules"
      lead={
        <Show
          when={administers()}
          fallback="By what Pulse decides that something is wrong. Admins change it."
        >
          By what Pulse decides that something is wrong. Open one to change it, everywhere or for some.
        </Show>
      }
      action={
        <Show when={administers() && book.list()}>
          <Button
            ref={begin}
            aria-expanded={making()}
            onClick={() => {
              book.begin();
              setMaking(!making());
            }}
          >
            New rule
          </Button>
        </Show>
      }
    >
      <Show
        when={book.list()}
        fallback={
          <Show when={book.refusal()} fallback={<div class="skeleton mt-6 h-96 w-full" />}>
            {(refused) => (
              <div class="mt-6">
                <Notice>{refused().words}</Notice>
              </div>
            )}
          </Show>
        }
      >
        {(list) => (
          <>
            <Show when={making()}>
              <section class="mt-5 rounded-lg border border-line bg-surface p-4" aria-label="New rule">
                <OwnForm book={book} onClose={close} />
              </section>
            </Show>
            <div class="mt-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
              <FilterInput label="Filter rules" value={sought()} onInput={setSought} />
              <p class="text-sm text-ink-2">{sumWords(list().rules, list().settings.rules)}</p>
            </div>
            <RuleTable book={book} rules={list().rules} sought={sought()} />
            <OverridesOfAll book={book} />
          </>
        )}
      </Show>
    </AlertFrame>
  );
}

function sumWords(rules: readonly RuleInfo[], changed: Readonly<Record<string, unknown>>): string {
  const off = rules.filter((rule) => rule.off).length;
  const count = Object.keys(changed).length;
  return `${plural(rules.length, "rule")}, ${off} off, ${count === 0 ? "none changed" : `${count} changed`}`;
}

function RuleTable(props: { book: Book; rules: readonly RuleInfo[]; sought: string }) {
  const [query, setQuery] = useSearchParams<{ rule?: string }>();
  const openCounts = createMemo(() => {
    const counts = new Map<string, number>();
    for (const { rule, sharedFrom } of Object.values(picture.alerts))
      if (!sharedFrom) counts.set(rule, (counts.get(rule) ?? 0) + 1);
    return counts;
  });
  const found = createMemo(() =>
    GROUPS.map(({ id, title }) => ({
      title,
      names: props.rules
        .filter((rule) => groupOf(rule) === id && isSought(rule, props.sought.trim(), title))
        .map(({ name }) => name),
    })).filter(({ names }) => names.length > 0),
  );
  const toggle = (name: string) => {
    props.book.begin();
    setQuery({ rule: query.rule === name ? undefined : name }, { replace: true });
  };
  return (
    <Show
      when={found().length > 0}
      fallback={<p class="mt-6 text-ink-2">No rule is about “{props.sought.trim()}”.</p>}
    >
      <table class="figures mt-2 w-full border-b border-line" onKeyDown={(event) => moveThroughRows(event)}>
        <thead class="max-md:sr-only">
          <tr>
            <th scope="col">Rule</th>
            <th scope="col" class="text-left!">
              Warning
            </th>
            <th scope="col" class="text-left!">
              Critical
            </th>
            <th scope="col" class="text-left!">
              Over
            </th>
            <th scope="col">Open</th>
          </tr>
        </thead>
        <For each={found()}>
          {(group) => (
            <tbody>
              <tr>
                <th scope="rowgroup" colSpan={5} class="h-12! pt-4! font-semibold!">
                  {group.title}
                </th>
              </tr>
              <For each={group.names}>
                {(name) => (
                  <Show when={props.rules.find((rule) => rule.name === name)}>
                    {(rule) => (
                      <RuleRow
                        book={props.book}
                        rule={rule()}
                        openAlerts={openCounts().get(name) ?? 0}
                        isOpened={query.rule === name}
                        onToggle={() => toggle(name)}
                      />
                    )}
                  </Show>
                )}
              </For>
            </tbody>
          )}
        </For>
      </table>
    </Show>
  );
}
