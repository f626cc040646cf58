import { Navigate, useLocation, useSearchParams } from "@solidjs/router";
import { createSignal, Match, Show, Switch } from "solid-js";
import { explain, type Refusal } from "../../api/errors.ts";
import { notice, signIn, state } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { FrontDoor } from "./front-door.tsx";
import { safeReturnPath } from "./return-path.ts";

export function SignInPage() {
  const [query] = useSearchParams<{ to?: string }>();
  return (
    <Switch fallback={<SignInForm />}>
      <Match when={state() === "signed_in"}>
        <Navigate href={safeReturnPath(query.to)} />
      </Match>
      <Match when={state() === "fresh_server"}>
        <Navigate href="/setup" />
      </Match>
    </Switch>
  );
}

function SignInForm() {
  const sentHere = useLocation<{ notice?: string }>().state;
  const words = () => notice() || sentHere?.notice;
  let passwordField: HTMLInputElement | undefined;
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [missing, setMissing] = createSignal<{ email?: string; password?: string }>({});
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const lacking: { email?: string; password?: string } = {};
    if (!email().trim()) lacking.email = "Enter your e-mail address.";
    if (!password()) lacking.password = "Enter your password.";
    setMissing(lacking);
    setRefusal(undefined);
    if (lacking.email || lacking.password) return focusWrong(form);
    setBusy(true);
    try {
      await signIn({ email: email().trim(), password: password() });
    } catch (error) {
      setRefusal(explain(error));
      setBusy(false);
      passwordField?.focus();
      passwordField?.select();
    }
  };

  return (
    <FrontDoor title="Sign in">
      <form class="space-y-4" onSubmit={submit} noValidate>
        <Show when={refusal()} fallback={<Show when={words()}>{(why) => <Notice>{why()}</Notice>}</Show>}>
          {(refused) => (
            <Notice level="critical" alert>
              {signInWords(refused())}
            </Notice>
          )}
        </Show>
        <Field
          label="E-mail"
          type="email"
          autocomplete="username"
          autofocus
          value={email()}
          onInput={setEmail}
          error={missing().email ?? refusal()?.fields["email"]}
        />
        <Field
          label="Password"
          type="password"
          autocomplete="current-password"
          ref={(element) => {
            passwordField = element;
          }}
          value={password()}
          onInput={setPassword}
          error={missing().password}
        />
        <Button type="submit" look="primary" class="h-9! w-full" busy={busy()}>
          Sign in
        </Button>
      </form>
    </FrontDoor>
  );
}

/** At this door "not signed in" can only mean that the two do not belong together. */
function signInWords(refusal: Refusal): string {
  if (refusal.reason === "authentication_required" || refusal.reason === "access_denied") {
    return "E-mail or password is wrong.";
  }
  return refusal.words;
}
