import { createMemo, createSignal, Show } from "solid-js";
import type { RuleInfo, RuleOverride } from "../../../server/contract/alerts.ts";
import type { ResourceId } from "../../../server/contract/ids.ts";
import { focusWrong } from "../../ui/field.tsx";
import { focusFirst } from "../../ui/keep-focus.ts";
import type { Book } from "./book.ts";
import { applied, asWanted, changeFrom, wholeChange, withOverride } from "./change.ts";
import { draftOf, readDraft } from "./draft.ts";
import { createWhom, ForWhom } from "./for-whom.tsx";
import { LevelFields } from "./level-fields.tsx";
import { nameOfResource } from "./names.ts";
import { createSaving, SavingFoot } from "./saving.tsx";
import { WhyField } from "./why-field.tsx";
import { ruleWords, scopeOfOverride } from "./words.ts";
import { Would } from "./would.tsx";

interface OverrideFormProps {
  book: Book;
  /** As it is everywhere. */
  rule: RuleInfo;
  /** The one to change; absent for a new one. */
  override?: RuleOverride | undefined;
  /** For this one thing, where the rule is as it is now. */
  here?: { id: ResourceId; rule: RuleInfo };
  onClose: () => void;
}

/** One rule, different for some. */
export function OverrideForm(props: OverrideFormProps) {
  const { rule, override, here } = props;
  const start = here?.rule ?? (override ? applied(rule, override.change, rule) : rule);
  const whom = createWhom(here ? { resourceId: here.id } : override?.scope);
  const [draft, setDraft] = createSignal(draftOf(start, rule));
  const [note, setNote] = createSignal(override?.note ?? "");
  const [tried, setTried] = createSignal(false);
  const saving = createSaving(props.book);
  const read = createMemo(() => readDraft(draft(), rule));
  const isFine = () => Object.keys(read().faults).length === 0;
  /* Between everywhere and here others may count, so everything is said. */
  const change = () => (here ? wholeChange(read().wanted) : changeFrom(read().wanted, rule));
  const next = (): RuleOverride => ({
    scope: whom.scope(),
    rule: rule.name,
    change: change(),
    ...(note().trim() && { note: note().trim() }),
  });

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    if (!isFine() || whom.wrong()) return focusWrong(form);
    const made = next();
    if (await saving.run((settings) => withOverride(settings, made))) props.onClose();
  };
  const asked = () => {
    const { note: _, ...without } = next();
    return { rule: rule.name, override: without };
  };
  return (
    <form
      ref={focusFirst}
      class="max-w-xl rounded-lg border border-line bg-surface p-4"
      aria-label={`${rule.title}, different for some`}
      onSubmit={save}
      noValidate
    >
      <Show when={!here}>
        <h2 class="mb-4 font-semibold">
          {override
            ? `Different for ${scopeOfOverride(override.scope, nameOfResource)}`
            : "Different for some"}
        </h2>
      </Show>
      <div class="space-y-4">
        <Show when={!override && !here}>
          <ForWhom label="Different for" whom={whom} kinds={rule.kinds} isTried={tried()} />
        </Show>
        <LevelFields
          rule={rule}
          before={rule}
          draft={draft()}
          onChange={setDraft}
          faults={read().faults}
          isTried={tried()}
        />
        <WhyField value={note()} onInput={setNote} />
      </div>
      <div class="mt-4 min-h-10" role="status">
        <Show when={isFine() && !whom.wrong()}>
          <p>
            There: <span class="font-medium">{ruleWords(asWanted(rule, read().wanted))}</span>.
          </p>
          <Would asked={asked()} />
        </Show>
      </div>
      <SavingFoot saving={saving} now={ruleWords(rule)} onCancel={() => props.onClose()} />
    </form>
  );
}
