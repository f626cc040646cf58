import { createSignal, Show } from "solid-js";
import type { RuleSettings } from "../../../server/contract/alerts.ts";
import type { Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import type { Book } from "./book.ts";

export interface Saving {
  busy: () => boolean;
  refusal: () => Refusal | undefined;
  /** Whether it is set. */
  run: (edit: (settings: RuleSettings) => RuleSettings) => Promise<boolean>;
}

export function createSaving(book: Book): Saving {
  const [busy, setBusy] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const run: Saving["run"] = async (edit) => {
    if (busy()) return false;
    setBusy(true);
    const refused = await book.save(edit);
    setRefusal(refused);
    setBusy(false);
    return refused === undefined;
  };
  return { busy, refusal, run };
}

interface SavingFootProps {
  saving: Saving;
  /** How the rule is now, for whom somebody else was faster. */
  now?: string;
  isUnchanged?: boolean;
  word?: string;
  onCancel: () => void;
}

/** The end of a form: why it was not set, and the two ways on. */
export function SavingFoot(props: SavingFootProps) {
  return (
    <>
      <SavingTrouble refusal={props.saving.refusal()} now={props.now} />
      <div class="mt-3 flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={props.saving.busy()} disabled={props.isUnchanged ?? false}>
          {props.word ?? "Save"}
        </Button>
        <Button look="quiet" onClick={() => props.onCancel()}>
          Cancel
        </Button>
      </div>
    </>
  );
}

/** Why it was not set. What was typed stays. */
function SavingTrouble(props: { refusal: Refusal | undefined; now?: string | undefined }) {
  return (
    <Show when={props.refusal}>
      {(refused) => (
        <Show
          when={refused().reason === "conflict"}
          fallback={
            <Notice level="critical" alert>
              {refused().words}
            </Notice>
          }
        >
          <Notice level="warning" alert>
            Somebody else has changed the rules meanwhile, and nothing of theirs is lost.{" "}
            <Show when={props.now}>{(words) => <>This one is now: {words()}. </>}</Show>
            What you typed is still here: save again to set it.
          </Notice>
        </Show>
      )}
    </Show>
  );
}
