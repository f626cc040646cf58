import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import type { Silence, SilenceList, SilenceWindow } from "../../../server/contract/alerts.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { now } from "../../state/clock.ts";
import { picture } from "../../state/live.ts";
import { ahead, moment } from "../../ui/format.ts";
import { keepFocus } from "../../ui/keep-focus.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { ownTimeZone } from "../../ui/time-zones.ts";
import { AlertFrame } from "../alerts/frame.tsx";
import { authorWords } from "../alerts/words.ts";
import { EditLink } from "../forms/edit-link.tsx";
import { scopeWords } from "../scope/words.ts";
import { edits } from "../settings/links.ts";
import { Calendar } from "./calendar-view.tsx";
import { RemoveSilence } from "./remove.tsx";
import { spanWords, whenWords } from "./words.ts";

const LOOK_EVERY_MS = 15_000;

export function SilencesPage() {
  const asked = createRenewed(() => api.alerts.silences.query(), LOOK_EVERY_MS);
  const silences = () => asked.value()?.silences ?? [];
  return (
    <AlertFrame
      title="Silences"
      lead="Times in which nobody is told. What goes wrong then is still recorded."
      action={
        <Show when={edits() && silences().length > 0}>
          <LinkButton href="/alerts/silences/new" look="primary">
            New silence
          </LinkButton>
        </Show>
      }
    >
      <div ref={keepFocus} class="mt-6">
        <Show
          when={asked.value()}
          fallback={
            <Show when={asked.refusal()} fallback={<div class="skeleton h-56 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          }
        >
          {(found) => (
            <Show when={silences().length > 0} fallback={<NoSilences />}>
              <List found={found()} onChanged={() => void asked.ask()} />
              <Calendar found={found()} />
            </Show>
          )}
        </Show>
      </div>
    </AlertFrame>
  );
}

function NoSilences() {
  return (
    <div class="max-w-2xl border-t border-line pt-5">
      <p class="font-medium">No silences yet</p>
      <p class="mt-1 mb-4 text-ink-2">
        For planned work, so that nobody is woken: nas on Sunday from 02:00 to 04:00, everything tagged lab at
        night, or patches on the second Tuesday of a month.
      </p>
      <Show when={edits()} fallback={<p class="text-ink-2">Editors make them.</p>}>
        <LinkButton href="/alerts/silences/new" look="primary">
          New silence
        </LinkButton>
      </Show>
    </div>
  );
}

function List(props: { found: SilenceList; onChanged: () => void }) {
  const rules = createAnswer(
    () => true,
    () => api.alerts.rules.query(),
  );
  const titleOf = (name: string) => rules.value()?.rules.find((rule) => rule.name === name)?.title;
  const windowOf = (id: Silence["id"]) =>
    props.found.coming.find((window) => window.id === id && window.to > now());
  /* What is quiet now first, what is over last. */
  const rankOf = ({ active, when }: Silence) => {
    if (active) return 0;
    return when.type === "once" && when.to <= now() ? 2 : 1;
  };
  const sorted = createMemo(() => props.found.silences.toSorted((a, b) => rankOf(a) - rankOf(b)));
  return (
    <ul
      aria-label="Silences"
      class="divide-y divide-line border-y border-line"
      onKeyDown={(event) => moveThroughRows(event)}
    >
      <For each={sorted()}>
        {(silence) => (
          <SilenceRow
            silence={silence}
            window={windowOf(silence.id)}
            titleOf={titleOf}
            onChanged={props.onChanged}
          />
        )}
      </For>
    </ul>
  );
}

function SilenceRow(props: {
  silence: Silence;
  window: SilenceWindow | undefined;
  titleOf: (rule: string) => string | undefined;
  onChanged: () => void;
}) {
  const silence = props.silence;
  const whom = () =>
    scopeWords(silence.scope, { resource: (id) => picture.resources[id]?.name, rule: props.titleOf });
  const isOver = () => silence.when.type === "once" && silence.when.to <= now();
  const standing = () => {
    const { window } = props;
    if (isOver()) return "Over";
    if (!window) return silence.active ? "Active now" : "Not in the next weeks";
    return window.from <= now()
      ? `Active, ends ${ahead(window.to, now())}`
      : `Begins ${ahead(window.from, now())}`;
  };
  const isActive = () => props.window !== undefined && props.window.from <= now();
  return (
    <li class="py-3" classList={{ "text-ink-2": isOver() }}>
      <div class="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div class="min-w-0 flex-1 basis-72">
          <A
            href={`/alerts/silences/${silence.id}`}
            data-row=""
            class="block w-fit max-w-full truncate py-0.5 font-medium hover:text-accent hover:underline focus-visible:text-accent focus-visible:underline"
            title={silence.name}
          >
            {silence.name}
          </A>
          <p class="text-sm break-words">Covers {whom()}</p>
          <p class="text-sm text-ink-2">
            {capitalized(whenWords(silence.when, ownTimeZone()))}
            <Show when={silence.by}>{(by) => <> · by {authorWords(by())}</>}</Show>
          </p>
        </div>
        <p
          class="py-0.5 text-sm sm:w-40"
          classList={{ "font-medium": isActive(), "text-ink-2": !isActive() }}
          title={props.window ? `${spanWords(props.window)} (${moment(props.window.from)})` : undefined}
        >
          {standing()}
        </p>
        <Show when={edits()}>
          <span class="-mx-2 -my-1 max-sm:ml-auto flex sm:w-36 sm:justify-end">
            <EditLink href={`/alerts/silences/${silence.id}`} name={silence.name} />
            <RemoveSilence silence={silence} look="quiet" onDone={props.onChanged} />
          </span>
        </Show>
      </div>
    </li>
  );
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
