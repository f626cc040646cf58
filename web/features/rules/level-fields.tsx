import { createSignal, For, Show } from "solid-js";
import type { AlertLevel, RuleInfo } from "../../../server/contract/alerts.ts";
import { CheckBox } from "../../ui/check-box.tsx";
import { Field } from "../../ui/field.tsx";
import type { Wanted } from "./change.ts";
import { type Draft, type Faults, type LevelDraft, type LevelPart, withTrigger } from "./draft.ts";
import { valueFormOf } from "./values.ts";
import { isMeasured, LEVELS } from "./words.ts";

interface LevelFieldsProps {
  rule: RuleInfo;
  /** What it would be otherwise: where a level clears keeps its distance. */
  before: Wanted;
  draft: Draft;
  onChange: (draft: Draft) => void;
  /** Said when it is tried to be set; at a field that was left, at once. */
  faults: Faults;
  isTried: boolean;
}

const DELAY_MAX = 24;
const DELAY_HELP = "Like 5 min, or at once.";
const WORDS: Record<AlertLevel, string> = { warning: "Warning", critical: "Critical" };

/** On or off, both levels, and how long it has to be over. */
export function LevelFields(props: LevelFieldsProps) {
  /* What a state amounts to its rule decides: a level it never finds is not offered. */
  const levels = () =>
    LEVELS.filter((level) => isMeasured(props.rule) || props.rule[level] || props.before[level]);
  const [left, setLeft] = createSignal<readonly string[]>([]);
  const leave = (path: keyof Faults) => setLeft([...left(), path]);
  const faultOf = (path: keyof Faults) =>
    props.isTried || left().includes(path) ? props.faults[path] : undefined;
  const change = (level: AlertLevel, part: Partial<LevelDraft>) =>
    props.onChange({ ...props.draft, [level]: { ...props.draft[level], ...part } });
  return (
    <div class="space-y-5">
      <CheckBox
        label="On"
        checked={props.draft.isOn}
        onChange={(isOn) => props.onChange({ ...props.draft, isOn })}
      />
      <Show when={props.draft.isOn}>
        <For each={levels()}>
          {(level) => (
            <fieldset>
              <legend class="sr-only">{WORDS[level]}</legend>
              <CheckBox
                label={WORDS[level]}
                checked={props.draft[level].isSet}
                onChange={(isSet) => change(level, { isSet })}
              />
              <Show when={props.draft[level].isSet}>
                <div class="mt-2 grid grid-cols-2 gap-x-4 gap-y-3 pl-6 sm:grid-cols-3">
                  <Limits
                    {...props}
                    level={level}
                    onLevel={(part) => change(level, part)}
                    faultOf={(part) => faultOf(`${level}.${part}`)}
                    onLeave={(part) => leave(`${level}.${part}`)}
                  />
                </div>
              </Show>
            </fieldset>
          )}
        </For>
        <p class="text-sm text-bad empty:hidden" role="alert">
          {faultOf("levels") ?? ""}
        </p>
        <div class="max-w-52">
          <Field
            label="Over after"
            value={props.draft.clearAfter}
            maxLength={DELAY_MAX}
            autocomplete="off"
            help="It has to have been well for so long. Like 5 min, or at once."
            error={faultOf("clearAfter")}
            onLeave={() => leave("clearAfter")}
            onInput={(clearAfter) => props.onChange({ ...props.draft, clearAfter })}
          />
        </div>
      </Show>
    </div>
  );
}

function Limits(
  props: LevelFieldsProps & {
    level: AlertLevel;
    onLevel: (part: Partial<LevelDraft>) => void;
    faultOf: (part: LevelPart) => string | undefined;
    onLeave: (part: LevelPart) => void;
  },
) {
  const typed = () => props.draft[props.level];
  const form = () => valueFormOf(props.rule.metric ?? "");
  const unit = () => (props.rule.baseline ? "spreads" : form().unit);
  const before = () => props.before[props.level] ?? { delayMs: 0 };
  return (
    <>
      <Show when={isMeasured(props.rule)}>
        <Field
          label={props.rule.direction === "below" ? "At or below" : "At or above"}
          value={typed().trigger}
          isNumber={form().isNumber}
          unit={unit()}
          maxLength={20}
          autocomplete="off"
          error={props.faultOf("trigger")}
          onLeave={() => props.onLeave("trigger")}
          onInput={(text) => props.onLevel(withTrigger(typed(), text, before(), props.rule.metric))}
        />
        <Field
          label="Over at"
          value={typed().clear}
          isNumber={form().isNumber}
          unit={unit()}
          maxLength={20}
          autocomplete="off"
          error={props.faultOf("clear")}
          onLeave={() => props.onLeave("clear")}
          onInput={(clear) => props.onLevel({ clear, follows: false })}
        />
      </Show>
      <Field
        label="After"
        value={typed().delay}
        maxLength={DELAY_MAX}
        autocomplete="off"
        help={DELAY_HELP}
        error={props.faultOf("delay")}
        onLeave={() => props.onLeave("delay")}
        onInput={(delay) => props.onLevel({ delay })}
      />
    </>
  );
}
