import { createSignal, type JSX, Show } from "solid-js";
import { createStore } from "solid-js/store";
import type { AlertLevel } from "../../../server/contract/alerts.ts";
import type { ChannelId } from "../../../server/contract/ids.ts";
import type { Channel } from "../../../server/contract/notifications.ts";
import { ROUTE_LIMITS } from "../../../server/contract/route-limits.ts";
import type { RouteSettings } from "../../../server/contract/routes.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { CheckBox } from "../../ui/check-box.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { ScopePicker } from "../scope/scope-picker.tsx";
import { ChannelChoice } from "./channel-choice.tsx";
import { type At, type Draft, faultsAt, faultsBelow, missing, withoutFaults } from "./draft.ts";
import { QuietTimes } from "./quiet-times.tsx";
import { span } from "./words.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const TOGETHER_MS = [0, 30_000, MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS];
const REPEAT_MS = [0, 30 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS, 168 * HOUR_MS];
const ESCALATE_MS = [0, 5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS];

const LEVELS: { value: AlertLevel; label: string }[] = [
  { value: "warning", label: "Warnings and critical alerts" },
  { value: "critical", label: "Critical alerts only" },
];

/** One route, or what no route has kept. */
export function RouteForm(props: {
  at: At;
  draft: Draft;
  channels: readonly Channel[];
  settings: RouteSettings;
  busy: boolean;
  save: (draft: Draft) => Promise<void>;
  onCancel: () => void;
  /** Beside the button that saves. */
  children?: JSX.Element;
}) {
  const [draft, set] = createStore<Draft>(structuredClone(props.draft));
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  let form: HTMLFormElement | undefined;
  const isRest = () => props.at === "rest";
  const faults = () => ({
    ...faultsAt(refusal()?.fields ?? {}, props.at, props.settings.routes.length),
    ...(tried() && missing(draft, props.at)),
  });
  /** Said of the whole when no field shows it. */
  const whole = () => (Object.keys(faults()).length > 0 ? undefined : refusal()?.words);
  const faultOf = (field: string) =>
    faults()[field] ?? Object.entries(faults()).find(([path]) => path.startsWith(`${field}.`))?.[1];
  /* What was wrong with what is another now is not known to be. */
  const setDraft = (part: Partial<Draft>) => {
    set(part);
    const refused = refusal();
    if (!refused || Object.keys(refused.fields).length === 0) return;
    const fields = Object.keys(part)
      .map((field) => (field.startsWith("escalate") ? "escalate" : field))
      .reduce(withoutFaults, refused.fields);
    setRefusal(Object.keys(fields).length > 0 ? { ...refused, fields } : undefined);
  };
  const isTold = (id: ChannelId) => draft.channels.includes(id);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    setTried(true);
    setRefusal(undefined);
    if (Object.keys(missing(draft, props.at)).length > 0) return form && focusWrong(form);
    try {
      await props.save({ ...draft });
    } catch (error) {
      setRefusal(explain(error));
      queueMicrotask(() => form && focusWrong(form));
    }
  };
  return (
    <form ref={form} class="max-w-xl space-y-6" onSubmit={(event) => void save(event)} noValidate>
      <Show when={!isRest()}>
        <Field
          label="Name"
          value={draft.name}
          onInput={(name) => setDraft({ name })}
          maxLength={ROUTE_LIMITS.nameLength}
          autocomplete="off"
          example="Production at night"
          error={faultOf("name")}
        />
        <Part title="Which alerts" lead="All that is named has to fit; of several, one.">
          <Select
            label="How bad"
            options={LEVELS}
            value={draft.match.leastLevel ?? "warning"}
            onChoose={(leastLevel) => setDraft({ match: { ...draft.match, leastLevel } })}
          />
          <ScopePicker
            value={scopeOf(draft)}
            onChange={(scope) => {
              const { leastLevel } = draft.match;
              setDraft({ match: { ...scope, ...(leastLevel && { leastLevel }) } });
            }}
            errors={faultsBelow(faults(), "match")}
          />
        </Part>
      </Show>
      <Part title="Who is told">
        <Show when={isRest()}>
          <CheckBox
            label="Every channel"
            checked={draft.isAll}
            onChange={(isAll) => setDraft({ isAll })}
            help="Also those that are added later."
          />
        </Show>
        <Show when={!draft.isAll}>
          <ChannelChoice
            label="Channels"
            channels={props.channels}
            chosen={draft.channels}
            onChange={(channels) =>
              setDraft({ channels, escalateTo: draft.escalateTo.filter((id) => !channels.includes(id)) })
            }
            error={faultOf("channels")}
            help={draft.channels.length === 0 ? "None: nobody is told." : undefined}
          />
        </Show>
      </Part>
      <Part title="When">
        <QuietTimes
          value={draft.quiet}
          onChange={(quiet) => setDraft({ quiet })}
          error={faults()["quiet"]}
          errors={faultsBelow(faults(), "quiet")}
        />
        <Select
          label="Gather for"
          options={spans(TOGETHER_MS, draft.togetherMs, "Not at all: each alert by itself")}
          value={String(draft.togetherMs)}
          onChoose={(ms) => setDraft({ togetherMs: Number(ms) })}
          error={faultOf("togetherMs")}
          help="The first message goes at once; what happens within this time after it goes together."
        />
        <Select
          label="Tell again every"
          options={spans(REPEAT_MS, draft.repeatMs, "Never")}
          value={String(draft.repeatMs)}
          onChoose={(ms) => setDraft({ repeatMs: Number(ms) })}
          error={faultOf("repeatMs")}
          help="While it goes on and nobody has acknowledged it."
        />
        <Select
          label="Tell others after"
          options={spans(ESCALATE_MS, draft.escalateAfterMs, "Never")}
          value={String(draft.escalateAfterMs)}
          onChoose={(ms) => setDraft({ escalateAfterMs: Number(ms) })}
          error={faultOf("escalate.afterMs")}
          help="When nobody has acknowledged it by then."
        />
        <Show when={draft.escalateAfterMs > 0}>
          <ChannelChoice
            label="The others"
            channels={props.channels.filter(({ id }) => !isTold(id))}
            chosen={draft.escalateTo.filter((id) => !isTold(id))}
            onChange={(escalateTo) => setDraft({ escalateTo })}
            error={faultOf("escalate.channels")}
          />
        </Show>
      </Part>
      <Show when={!isRest()}>
        <CheckBox
          label="Go on with the routes below as well"
          checked={draft.goesOn}
          onChange={(goesOn) => setDraft({ goesOn })}
          help="Each channel is told once."
        />
      </Show>
      <Show when={whole()}>
        {(words) => (
          <Notice level="critical" alert>
            {words()}
          </Notice>
        )}
      </Show>
      <div class="flex flex-wrap gap-2 border-t border-line pt-4">
        <Button type="submit" look="primary" busy={props.busy}>
          {props.at === "new" ? "Add" : "Save"}
        </Button>
        <Button look="quiet" onClick={() => props.onCancel()}>
          Cancel
        </Button>
        {props.children}
      </div>
    </form>
  );
}

function Part(props: { title: string; lead?: string; children: JSX.Element }) {
  return (
    <section class="space-y-4 border-t border-line pt-5" aria-label={props.title}>
      <div>
        <h2 class="font-semibold">{props.title}</h2>
        <p class="text-sm text-ink-2 empty:hidden">{props.lead ?? ""}</p>
      </div>
      {props.children}
    </section>
  );
}

function scopeOf({ match: { leastLevel: _, ...scope } }: Draft) {
  return scope;
}

/** What can be chosen; one that a script has set is among them. */
function spans(steps: readonly number[], current: number, none: string): { value: string; label: string }[] {
  return [...new Set([...steps, current])]
    .sort((a, b) => a - b)
    .map((ms) => ({ value: String(ms), label: ms === 0 ? none : span(ms) }));
}
