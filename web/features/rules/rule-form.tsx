import { createMemo, createSignal, Show } from "solid-js";
import type { RuleInfo } from "../../../server/contract/alerts.ts";
import { focusWrong } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import type { Book } from "./book.ts";
import { asWanted, changeTo, withRule } from "./change.ts";
import { draftOf, readDraft } from "./draft.ts";
import { LevelFields } from "./level-fields.tsx";
import { createSaving, SavingFoot } from "./saving.tsx";
import { ruleWords } from "./words.ts";
import { Would } from "./would.tsx";

/** One rule as it is everywhere, to be changed. */
export function RuleForm(props: { book: Book; rule: RuleInfo; given: RuleInfo; onClose: () => void }) {
  const [draft, setDraft] = createSignal(draftOf(props.rule, props.given));
  const [tried, setTried] = createSignal(false);
  const saving = createSaving(props.book);
  const read = createMemo(() => readDraft(draft(), props.rule));
  const isFine = () => Object.keys(read().faults).length === 0;
  const change = () => changeTo(read().wanted, props.given);
  const isChanged = () => JSON.stringify(draft()) !== JSON.stringify(draftOf(props.rule, props.given));

  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    if (!isFine()) return focusWrong(form);
    const next = change();
    if (!(await saving.run((settings) => withRule(settings, props.rule.name, next)))) return;
    toast(`${props.rule.title} is set.`);
    props.onClose();
  };
  return (
    <form class="max-w-xl" aria-label={props.rule.title} onSubmit={save} noValidate>
      <h2 class="mb-3 font-semibold">Everywhere</h2>
      <LevelFields
        rule={props.rule}
        before={props.given}
        draft={draft()}
        onChange={setDraft}
        faults={read().faults}
        isTried={tried()}
      />
      <div class="mt-4 min-h-10" role="status">
        <Show when={isChanged() && isFine()}>
          <p>
            Then: <span class="font-medium">{ruleWords(asWanted(props.rule, read().wanted))}</span>.
          </p>
          <Would asked={{ rule: props.rule.name, everywhere: change() ?? null }} />
        </Show>
      </div>
      <SavingFoot
        saving={saving}
        now={ruleWords(props.rule)}
        isUnchanged={!isChanged()}
        onCancel={() => props.onClose()}
      />
    </form>
  );
}
