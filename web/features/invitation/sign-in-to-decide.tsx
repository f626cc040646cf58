import { createSignal, Show } from "solid-js";
import { explain, type Refusal } from "../../api/errors.ts";
import { signIn } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";

/** Here rather than on the page for it: the invitation's secret is only in the memory of this one. */
export function SignInToDecide(props: { email: string }) {
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
      await signIn({ email: props.email, password: password() });
    } catch (error) {
      setRefusal(explain(error));
      setBusy(false);
      field?.focus();
      field?.select();
    }
  };
  const words = (refused: Refusal) =>
    refused.reason === "authentication_required" ? "The password is wrong." : refused.words;

  return (
    <form class="space-y-4" onSubmit={submit} noValidate>
      <p class="text-ink-2">There is an account for this address. Sign in to decide.</p>
      <Show when={refusal()}>
        {(refused) => (
          <Notice level="critical" alert>
            {words(refused())}
          </Notice>
        )}
      </Show>
      <input type="text" autocomplete="username" value={props.email} readonly hidden />
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
      <Button type="submit" look="primary" class="h-9! w-full" busy={busy()}>
        Sign in
      </Button>
    </form>
  );
}
