import { createSignal } from "solid-js";
import { focusWrong } from "../../ui/field.tsx";
import { focusFirst } from "../../ui/keep-focus.ts";
import type { Book } from "./book.ts";
import { ALL_RULES, withOverride } from "./change.ts";
import { createWhom, ForWhom } from "./for-whom.tsx";
import { createSaving, SavingFoot } from "./saving.tsx";
import { WhyField } from "./why-field.tsx";

/** For something of which nobody wants to hear, whatever its state. */
export function AllOffForm(props: { book: Book; onClose: () => void }) {
  const whom = createWhom(undefined);
  const [note, setNote] = createSignal("");
  const [tried, setTried] = createSignal(false);
  const saving = createSaving(props.book);
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    if (whom.wrong()) return focusWrong(form);
    const override = {
      scope: whom.scope(),
      rule: ALL_RULES,
      change: { off: true },
      ...(note().trim() && { note: note().trim() }),
    } as const;
    if (await saving.run((settings) => withOverride(settings, override))) props.onClose();
  };
  return (
    <form
      ref={focusFirst}
      class="max-w-xl rounded-lg border border-line bg-surface p-4"
      aria-label="All rules off for some"
      onSubmit={save}
      noValidate
    >
      <div class="space-y-4">
        <ForWhom label="All off for" whom={whom} isTried={tried()} />
        <WhyField value={note()} onInput={setNote} />
      </div>
      <p class="mt-4 text-sm text-ink-2">
        It goes on being measured and shown. What is open there ends, and nobody is told anything of it. For a
        while only, make a silence instead.
      </p>
      <SavingFoot saving={saving} onCancel={() => props.onClose()} />
    </form>
  );
}
