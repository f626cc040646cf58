import { createSignal, Show } from "solid-js";
import { explain, type Refusal } from "../../api/errors.ts";
import { me, renewSession } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Layer } from "../../ui/layer.tsx";
import { Notice } from "../../ui/notice.tsx";

/** Asks for the password of whoever is signed in. */
export function IdentityDialog(props: { onConfirmed: () => void; onClose: () => void }) {
  let field: HTMLInputElement | undefined;
  const [password, setPassword] = createSignal("");
  const [missing, setMissing] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setMissing(!password());
    setRefusal(undefined);
    if (!password()) return field?.focus();
    setBusy(true);
    try {
      await renewSession(password());
      props.onConfirmed();
    } catch (error) {
      setRefusal(explain(error));
      setBusy(false);
      field?.focus();
      field?.select();
    }
  };

  return (
    <Layer label="Confirm that it is you" heading class="max-w-sm" onClose={props.onClose}>
      <form class="space-y-4 overflow-y-auto px-5 pt-1 pb-5" onSubmit={submit} noValidate>
        <p class="text-ink-2">
          This cannot be undone easily, and you signed in a while ago. Enter your password once more.
        </p>
        <Show when={refusal()}>
          {(refused) => (
            <Notice level="critical" alert>
              {wordsFor(refused())}
            </Notice>
          )}
        </Show>
        {/* Lets a password manager know whose password is asked for. */}
        <input type="text" autocomplete="username" value={me()?.user.email ?? ""} readonly hidden />
        <Field
          label="Password"
          type="password"
          autocomplete="current-password"
          autofocus
          ref={(element) => {
            field = element;
          }}
          value={password()}
          onInput={setPassword}
          error={missing() ? "Enter your password." : undefined}
        />
        <div class="flex justify-end gap-2">
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button type="submit" look="primary" busy={busy()}>
            Confirm
          </Button>
        </div>
      </form>
    </Layer>
  );
}

function wordsFor(refusal: Refusal): string {
  if (refusal.reason === "authentication_required" || refusal.reason === "access_denied") {
    return "The password is wrong.";
  }
  return refusal.words;
}
