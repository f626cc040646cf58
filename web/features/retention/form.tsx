import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from "solid-js";
import type { DeletedNow, HistoryRetention } from "../../../server/contract/history.ts";
import { KEPT_TIERS } from "../../../server/contract/retention-limits.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import {
  daysWords,
  deletedWords,
  deletesMore,
  estimateWords,
  faultsOf,
  type KeepTexts,
  settingsOf,
  TIER_WORDS,
  textsOf,
} from "./words.ts";

/** So long after the last key the server is asked what that would come to. */
const TYPED_MS = 300;

/** For admins: what to keep for how long. What it would come to is told before it is set. */
export function RetentionForm(props: { found: HistoryRetention; onSet: () => void }) {
  const [texts, setTexts] = createSignal(textsOf(props.found));
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const [deleting, setDeleting] = createSignal<DeletedNow[]>();
  const faults = createMemo(() => faultsOf(texts(), props.found.quotaBytes));
  const isFine = () => Object.keys(faults()).length === 0;
  const isChanged = () => JSON.stringify(texts()) !== JSON.stringify(textsOf(props.found));
  const wrong = (field: keyof KeepTexts, name: string) =>
    (tried() ? faults()[field] : undefined) ?? refusal()?.fields[name];
  /* What somebody else has set meanwhile is shown, unless something else is typed already. */
  createEffect(
    on(
      () => JSON.stringify(textsOf(props.found)),
      (_, before) => {
        if (JSON.stringify(texts()) === before) setTexts(textsOf(props.found));
      },
      { defer: true },
    ),
  );

  const [question, setQuestion] = createSignal<string>();
  createEffect(
    on([texts, () => JSON.stringify(textsOf(props.found))], () => {
      const next = isChanged() && isFine() ? JSON.stringify(settingsOf(texts())) : undefined;
      const timer = setTimeout(() => setQuestion(next), TYPED_MS);
      onCleanup(() => clearTimeout(timer));
    }),
  );
  const preview = createAnswer(question, (asked) => api.history.retention.query(JSON.parse(asked)));
  const wouldBe = () => (question() === undefined ? undefined : preview.value());

  const set = async () => {
    await api.history.setRetention.mutate(settingsOf(texts()));
    setTried(false);
    toast("History is kept as you said.");
    props.onSet();
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (!isFine()) return focusWrong(form);
    setBusy(true);
    try {
      const next = await api.history.retention.query(settingsOf(texts()));
      if (deletesMore(next, props.found)) setDeleting(next.deletes);
      else await set();
    } catch (error) {
      setRefusal(explain(error));
      focusWrong(form);
    }
    setBusy(false);
  };

  return (
    <form class="mt-8 max-w-2xl" onSubmit={submit} noValidate>
      <h2 class="font-semibold">Keep for</h2>
      <p class="mt-0.5 text-ink-2">
        What is coarser is kept at least as long as what is finer. Charts show the finest there is of a time.
      </p>
      <Show when={refusal() && Object.keys(refusal()?.fields ?? {}).length === 0}>
        <div class="mt-4">
          <Notice level="critical" alert>
            {refusal()?.words}
          </Notice>
        </div>
      </Show>
      <div class="mt-4 grid gap-x-6 gap-y-4 sm:grid-cols-2">
        <For each={KEPT_TIERS}>
          {(tier) => (
            <Field
              label={TIER_WORDS[tier].label}
              value={texts()[tier]}
              isNumber
              unit="days"
              maxLength={6}
              autocomplete="off"
              onInput={(typed) => setTexts({ ...texts(), [tier]: typed })}
              error={wrong(tier, `keepDays.${tier}`)}
              help={helpOf(texts()[tier], props.found.standardDays[tier])}
            />
          )}
        </For>
        <Field
          label="Take at most"
          value={texts().maxBytes}
          optional
          maxLength={16}
          autocomplete="off"
          example="2 GB"
          onInput={(typed) => setTexts({ ...texts(), maxBytes: typed })}
          error={wrong("maxBytes", "maxBytes")}
          help="Then the oldest samples go sooner. Empty: as much as is allowed here."
        />
      </div>
      <div class="mt-5 min-h-10" role="status">
        <Show when={wouldBe()}>
          {(next) => (
            <Notice level={deletesMore(next(), props.found) ? "warning" : "plain"}>
              <p>{estimateWords(next())}</p>
              <Show when={deletesMore(next(), props.found)}>
                <p class="mt-0.5">This deletes {deletedWords(next().deletes)}.</p>
              </Show>
            </Notice>
          )}
        </Show>
      </div>
      <div class="mt-4 flex justify-end">
        <Button type="submit" look="primary" busy={busy()} disabled={!isChanged()}>
          Save
        </Button>
      </div>
      <Show when={deleting()} keyed>
        {(deletes) => (
          <Confirm
            title="Delete old history?"
            verb="Delete"
            typed="delete"
            act={set}
            onClose={() => setDeleting(undefined)}
          >
            <p>This deletes {deletedWords(deletes)}.</p>
            <p>It cannot be had back, and begins at once.</p>
          </Confirm>
        )}
      </Show>
    </form>
  );
}

/** What is typed in larger words, or what is standard. */
function helpOf(typed: string, standardDays: number): string {
  const days = /^\d{1,6}$/.test(typed.trim()) ? Number(typed) : 0;
  const words = days >= 365 && days % 365 === 0 ? `${daysWords(days)}. ` : "";
  return days === standardDays ? `${words}The standard.` : `${words}Standard is ${daysWords(standardDays)}.`;
}
