import { createSignal, Show } from "solid-js";
import { api } from "../../api/client.ts";
import { explain, meansSignedOut, type Refusal } from "../../api/errors.ts";
import { me, sessionLost } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { checkNewPassword } from "../sign-in/new-account.ts";

export function ChangePassword() {
  const [current, setCurrent] = createSignal("");
  const [next, setNext] = createSignal("");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const wrongCurrent = () => {
    if (tried() && !current()) return "Enter the password you use now.";
    return refusal()?.fields["currentPassword"];
  };
  const wrongNext = () =>
    (tried() ? checkNewPassword(next()) : undefined) ?? refusal()?.fields["newPassword"];

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (!current() || checkNewPassword(next())) return focusWrong(form);
    setBusy(true);
    try {
      await api.session.changePassword.mutate({ currentPassword: current(), newPassword: next() });
      setCurrent("");
      setNext("");
      setTried(false);
      toast("Password changed. Your other sessions have ended.");
    } catch (error) {
      const why = explain(error);
      if (meansSignedOut(why) && why.reason === "session_expired") return sessionLost();
      setRefusal(why);
      focusWrong(form);
    } finally {
      setBusy(false);
    }
  };
  const words = () => {
    const refused = refusal();
    if (!refused || Object.keys(refused.fields).length > 0) return undefined;
    if (refused.reason === "access_denied") return "The current password is wrong. Nothing was changed.";
    return refused.words;
  };

  return (
    <form class="max-w-sm space-y-4" onSubmit={submit} noValidate>
      <Show when={words()}>
        {(sentence) => (
          <Notice level="critical" alert>
            {sentence()}
          </Notice>
        )}
      </Show>
      {/* Lets a password manager know whose password changes. */}
      <input type="text" autocomplete="username" value={me()?.user.email ?? ""} readonly hidden />
      <Field
        label="Current password"
        type="password"
        autocomplete="current-password"
        value={current()}
        onInput={setCurrent}
        error={wrongCurrent()}
      />
      <Field
        label="New password"
        type="password"
        autocomplete="new-password"
        value={next()}
        onInput={setNext}
        error={wrongNext()}
        help="At least 12 characters."
      />
      <Button type="submit" busy={busy()}>
        Change password
      </Button>
    </form>
  );
}
