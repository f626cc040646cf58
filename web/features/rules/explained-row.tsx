import { A } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import type { Explained, RuleOverride } from "../../../server/contract/alerts.ts";
import type { ResourceId } from "../../../server/contract/ids.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ago, ahead, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { toast } from "../../ui/toast.tsx";
import { administers } from "../settings/links.ts";
import type { Book } from "./book.ts";
import { isSamePlace, withOverride, withoutOverride } from "./change.ts";
import { OverrideForm } from "./override-form.tsx";
import { createSaving } from "./saving.tsx";
import { fromWords, ruleWords } from "./words.ts";

interface ExplainedRowProps {
  id: ResourceId;
  rule: Explained;
  book: Book;
  onChanged: () => void;
}

const STATES: Record<Explained["state"], string> = {
  open: "Open",
  waiting: "Waiting",
  closed: "Closed by hand",
  quiet: "Quiet",
  off: "Off",
};

/** How one rule stands with one resource, and what may be different here. */
export function ExplainedRow(props: ExplainedRowProps) {
  const [editing, setEditing] = createSignal(false);
  const place = () => ({ rule: props.rule.name, scope: { resourceId: props.id } });
  const here = () => props.book.list()?.settings.overrides.find((override) => isSamePlace(override, place()));
  const mark = () => {
    const { state, level = "warning" } = props.rule;
    if (state === "open") return level;
    return state === "quiet" ? "fine" : "unknown";
  };
  return (
    <li class="py-2" classList={{ "text-ink-2": props.rule.state === "off" }}>
      <div class="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <span class="flex w-28 shrink-0 items-baseline gap-2 text-sm">
          <LevelMark level={mark()} />
          {STATES[props.rule.state]}
        </span>
        <div class="min-w-0 flex-1 basis-64">
          <A
            href={`/alerts/rules?rule=${props.rule.name}`}
            data-row=""
            class="font-medium hover:underline"
            title={props.rule.says}
          >
            {props.rule.title}
            {props.rule.words ? ":" : ""}
          </A>{" "}
          <Found rule={props.rule} />
          <p class="text-sm text-ink-2">
            {props.rule.why} <Times rule={props.rule} />
          </p>
          <Show when={props.rule.state !== "off" || props.rule.from.length > 2}>
            <p class="text-sm text-ink-2">
              {props.rule.off ? "" : `${ruleWords(props.rule)} · `}
              {fromWords(props.rule.from)}
            </p>
          </Show>
        </div>
        <Show when={administers() && props.book.list() && !editing()}>
          <HereDeeds {...props} here={here()} onEdit={() => setEditing(true)} />
        </Show>
      </div>
      <Show when={editing() ? props.book.ruleOf(props.rule.name) : undefined}>
        {(everywhere) => (
          <div class="mt-2 sm:pl-32">
            <OverrideForm
              book={props.book}
              rule={everywhere()}
              override={here()}
              here={{ id: props.id, rule: props.rule }}
              onClose={() => {
                setEditing(false);
                props.onChanged();
              }}
            />
          </div>
        )}
      </Show>
    </li>
  );
}

/** What it finds now. */
function Found(props: { rule: Explained }) {
  return (
    <Show when={props.rule.words}>
      {(words) => (
        <Show when={props.rule.alertId} fallback={<span>{words()}</span>}>
          {(id) => (
            <A href={`/alerts/${id()}`} class="hover:underline">
              {words()}
            </A>
          )}
        </Show>
      )}
    </Show>
  );
}

function Times(props: { rule: Explained }) {
  return (
    <>
      <Show when={props.rule.state === "waiting" && props.rule.since}>
        {(since) => <span title={moment(since())}>Since {ago(since(), now())}. </span>}
      </Show>
      <Show when={props.rule.state === "waiting" && props.rule.firesAt}>
        {(at) => <span title={moment(at())}>Fires {ahead(at(), now())}. </span>}
      </Show>
      <Show when={props.rule.silencedBy}>A silence covers it now.</Show>
    </>
  );
}

function HereDeeds(props: ExplainedRowProps & { here: RuleOverride | undefined; onEdit: () => void }) {
  const saving = createSaving(props.book);
  const scope = () => ({ resourceId: props.id });
  const run = async (deed: () => Promise<boolean>) => {
    props.book.begin();
    if (!(await deed())) toast(saving.refusal()?.words ?? "");
    props.onChanged();
  };
  const off = () =>
    run(() =>
      saving.run((settings) =>
        withOverride(settings, { scope: scope(), rule: props.rule.name, change: { off: true } }),
      ),
    );
  const back = () =>
    run(() => saving.run((settings) => withoutOverride(settings, { scope: scope(), rule: props.rule.name })));
  const named = (deed: string) => `${deed}: ${props.rule.title}`;
  return (
    <span class="-mx-2 flex flex-wrap gap-1">
      <Button
        look="quiet"
        class="text-sm"
        aria-label={named("Different here")}
        onClick={() => {
          props.book.begin();
          props.onEdit();
        }}
      >
        Different here…
      </Button>
      <Show when={!props.rule.off}>
        <Button
          look="quiet"
          class="text-sm"
          busy={saving.busy()}
          aria-label={named("Off here")}
          onClick={() => void off()}
        >
          Off here
        </Button>
      </Show>
      <Show when={props.here}>
        <Button
          look="quiet"
          class="text-sm"
          busy={saving.busy()}
          aria-label={named("As elsewhere")}
          onClick={() => void back()}
        >
          As elsewhere
        </Button>
      </Show>
    </span>
  );
}
