import { createSignal, Show } from "solid-js";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { loadSession } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { goTo, homeOf } from "../organization/moving.ts";
import { checkNewPassword } from "../sign-in/new-account.ts";

/** For an invited person without an account: makes it, accepts and signs in, in one step. */
export function Join(props: { code: string; email: string }) {
  const [name, setName] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (checkNewPassword(password())) return focusWrong(form);
    setBusy(true);
    const called = name().trim();
    try {
      const { org } = await api.members.join.mutate({
        code: props.code,
        password: password(),
        ...(called && { name: called }),
      });
      await loadSession();
      goTo(homeOf(org.slug));
    } catch (error) {
      setRefusal(explain(error));
      setBusy(false);
      focusWrong(form);
    }
  };
  const words = () => {
    const refused = refusal();
    return refused && Object.keys(refused.fields).length === 0 ? refused.words : undefined;
  };

  return (
    <form class="space-y-4" onSubmit={submit} noValidate>
      <Show when={words()}>
        {(sentence) => (
          <Notice level="critical" alert>
            {sentence()}
          </Notice>
        )}
      </Show>
      <input type="text" autocomplete="username" value={props.email} readonly hidden />
      <Field
        label="Your name"
        autocomplete="name"
        optional
        autofocus
        maxLength={80}
        value={name()}
        onInput={setName}
        error={refusal()?.fields["name"]}
      />
      <Field
        label="Password"
        type="password"
        autocomplete="new-password"
        value={password()}
        onInput={setPassword}
        error={(tried() ? checkNewPassword(password()) : undefined) ?? refusal()?.fields["password"]}
        help="At least 12 characters. A few words are easier than symbols."
      />
      <Button type="submit" look="primary" class="h-9! w-full" busy={busy()}>
        Create account and accept
      </Button>
    </form>
  );
}
