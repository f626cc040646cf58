import { A } from "@solidjs/router";
import { createEffect, createMemo, createUniqueId, on, onMount, Show } from "solid-js";
import type { AlertLevel, RuleInfo } from "../../../server/contract/alerts.ts";
import { Button } from "../../ui/button.tsx";
import { toast } from "../../ui/toast.tsx";
import { listed } from "../scope/words.ts";
import { administers } from "../settings/links.ts";
import type { Book } from "./book.ts";
import { withRule } from "./change.ts";
import { nameOfResource } from "./names.ts";
import { Opened } from "./opened.tsx";
import { createSaving } from "./saving.tsx";
import { levelWords, overWords, ruleWords, scopeOfOverride } from "./words.ts";

interface RuleRowProps {
  book: Book;
  rule: RuleInfo;
  openAlerts: number;
  isOpened: boolean;
  onToggle: () => void;
}

/** How many of those it is different for are named. */
const NAMED = 3;

export function RuleRow(props: RuleRowProps) {
  const id = createUniqueId();
  let row: HTMLTableRowElement | undefined;
  let title: HTMLButtonElement | undefined;
  const given = () => props.book.defaultOf(props.rule.name);
  const isChanged = () => props.book.list()?.settings.rules[props.rule.name] !== undefined && !!given();
  /* Opened by its address. */
  onMount(() => props.isOpened && row?.scrollIntoView({ block: "center" }));
  createEffect(
    on(
      () => props.isOpened,
      (is, was) => was && !is && title?.focus({ preventScroll: true }),
      { defer: true },
    ),
  );
  const exceptions = createMemo(() => {
    const all = (props.book.list()?.settings.overrides ?? []).filter(({ rule }) => rule === props.rule.name);
    if (all.length === 0) return "";
    const named = all.slice(0, NAMED).map(({ scope }) => scopeOfOverride(scope, nameOfResource));
    const more = all.length - named.length;
    return `different for ${listed(more > 0 ? [...named, `${more} more`] : named, "and")}`;
  });
  return (
    <>
      <tr ref={row} classList={{ "text-ink-2": props.rule.off }}>
        <th scope="row" class="w-full py-1.5! whitespace-normal! max-md:pr-4">
          <button
            ref={title}
            type="button"
            data-row=""
            aria-expanded={props.isOpened}
            aria-controls={props.isOpened ? id : undefined}
            class="-mx-1.5 min-h-7 rounded-sm px-1.5 text-left hover:bg-hover"
            classList={{ "font-medium": !props.rule.off }}
            title={props.rule.says}
            onClick={() => props.onToggle()}
          >
            {props.rule.title}
          </button>
          <Show when={isChanged()}>
            <span class="ml-2 rounded-sm border border-line-strong px-1.5 text-sm text-ink-2">Changed</span>
          </Show>
          <p class="text-sm text-ink-2 md:hidden">{ruleWords(props.rule)}</p>
          <Show when={isChanged() ? given() : undefined}>
            {(known) => <Changed book={props.book} rule={props.rule} given={known()} />}
          </Show>
          <p class="text-sm text-ink-2 empty:hidden">{exceptions()}</p>
        </th>
        <Show
          when={!props.rule.off}
          fallback={
            <td class="text-left! max-md:hidden" colSpan={3}>
              Off
            </td>
          }
        >
          <LevelCell rule={props.rule} given={given()} level="warning" />
          <LevelCell rule={props.rule} given={given()} level="critical" />
          <td class="text-left! max-md:hidden">{overWords(props.rule)}</td>
        </Show>
        <td class="max-md:align-top max-md:pt-2!">
          <Show when={props.openAlerts > 0} fallback={<span class="text-ink-3 max-md:hidden">–</span>}>
            <A href="/alerts" class="inline-block min-w-6 py-1 font-medium hover:underline">
              {props.openAlerts}
              <span class="sr-only"> open</span>
            </A>
          </Show>
        </td>
      </tr>
      <Show when={props.isOpened}>
        <tr id={id}>
          <td colSpan={5} class="h-auto! border-t-0! pt-1! pb-6! whitespace-normal!">
            <Opened book={props.book} rule={props.rule} given={given()} onClose={props.onToggle} />
          </td>
        </tr>
      </Show>
    </>
  );
}

function LevelCell(props: { rule: RuleInfo; given: RuleInfo | undefined; level: AlertLevel }) {
  const words = (rule: RuleInfo | undefined) => {
    const info = rule?.[props.level];
    return rule && info ? levelWords(rule, info) : "";
  };
  const isDifferent = () => props.given !== undefined && words(props.given) !== words(props.rule);
  return (
    <td
      class="text-left! max-md:hidden"
      classList={{ "font-medium": isDifferent() }}
      title={isDifferent() ? `By default: ${words(props.given) || "never"}` : undefined}
    >
      {words(props.rule) || <span class="text-ink-3">–</span>}
    </td>
  );
}

/** Says so, and takes it back with one click. */
function Changed(props: { book: Book; rule: RuleInfo; given: RuleInfo }) {
  const saving = createSaving(props.book);
  const back = async () => {
    props.book.begin();
    const { name, title } = props.rule;
    const isDone = await saving.run((settings) => withRule(settings, name, undefined));
    toast(isDone ? `${title} is as it comes.` : (saving.refusal()?.words ?? ""));
  };
  return (
    <p class="text-sm text-ink-2">
      By default {ruleWords(props.given)}.{" "}
      <Show when={administers()}>
        <Button
          look="quiet"
          class="-ml-1 h-6! px-1! text-sm text-accent! hover:underline"
          busy={saving.busy()}
          aria-label={`Back to default: ${props.rule.title}`}
          onClick={() => void back()}
        >
          Back to default
        </Button>
      </Show>
    </p>
  );
}
