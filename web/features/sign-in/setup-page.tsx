import { Navigate, useLocation, useNavigate } from "@solidjs/router";
import { createSignal, Match, onMount, Show, Switch } from "solid-js";
import { explain, type Refusal } from "../../api/errors.ts";
import { loadSession, setUp, state } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { FrontDoor } from "./front-door.tsx";
import { checkAccount } from "./new-account.ts";

export function SetupPage() {
  const token = new URLSearchParams(useLocation().hash.slice(1)).get("token");
  if (state() === "signed_in") toast(SETUP_IS_DONE);
  return (
    <Switch
      fallback={
        <Show when={token} fallback={<WhereIsTheLink />}>
          {(given) => <SetupForm token={given()} />}
        </Show>
      }
    >
      <Match when={state() === "signed_in"}>
        <Navigate href="/" />
      </Match>
      <Match when={state() === "signed_out"}>
        <Navigate href="/sign-in" state={{ notice: `${SETUP_IS_DONE} Sign in with an account.` }} />
      </Match>
    </Switch>
  );
}

const SETUP_IS_DONE = "Set-up is done already.";

function WhereIsTheLink() {
  return (
    <FrontDoor title="This server is new">
      <p class="text-ink-2">
        Nobody has an account here yet. When Pulse started it printed a set-up link, which ends in{" "}
        <code class="font-mono text-sm text-ink">/setup#token=…</code>. Look for it in the terminal Pulse was
        started from, or in its log (<code class="font-mono text-sm text-ink">journalctl -u pulse</code>,{" "}
        <code class="font-mono text-sm text-ink">docker logs</code>), and open it here. It makes you the first
        person.
      </p>
    </FrontDoor>
  );
}

function SetupForm(props: { token: string }) {
  // The token leaves the address bar at once: it is worth an account to whoever reads it there.
  const navigate = useNavigate();
  onMount(() => navigate("/setup", { replace: true, scroll: false }));
  const [name, setName] = createSignal("");
  const [email, setEmail] = createSignal("");
  const [password, setPassword] = createSignal("");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal(false);
  const wrong = () => (tried() ? checkAccount({ email: email(), password: password() }) : {});

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    setTried(true);
    setRefusal(undefined);
    if (Object.keys(wrong()).length > 0) return focusWrong(form);
    setBusy(true);
    const given = name().trim();
    try {
      await setUp({
        token: props.token,
        email: email().trim(),
        password: password(),
        ...(given ? { name: given } : {}),
      });
    } catch (error) {
      const refused = explain(error);
      setRefusal(refused);
      setBusy(false);
      focusWrong(form);
      // Somebody else may have been faster; then this page leads on by itself.
      if (isStale(refused)) void loadSession();
    }
  };

  return (
    <FrontDoor title="Create the first account" lead="It operates this server. Everything stays on it.">
      <form class="space-y-4" onSubmit={submit} noValidate>
        <Show when={refusal()}>
          {(refused) => (
            <Notice level="critical" alert>
              {setupWords(refused())}
            </Notice>
          )}
        </Show>
        <Field
          label="Name"
          autocomplete="name"
          autofocus
          optional
          maxLength={80}
          value={name()}
          onInput={setName}
        />
        <Field
          label="E-mail"
          type="email"
          autocomplete="username"
          value={email()}
          onInput={setEmail}
          error={wrong().email ?? refusal()?.fields["email"]}
          help="Only used to sign in."
        />
        <Field
          label="Password"
          type="password"
          autocomplete="new-password"
          value={password()}
          onInput={setPassword}
          error={wrong().password ?? refusal()?.fields["password"]}
          help="At least 12 characters. A few words are easier than symbols."
        />
        <Button type="submit" look="primary" class="h-9! w-full" busy={busy()}>
          Create account
        </Button>
      </form>
    </FrontDoor>
  );
}

function isStale(refusal: Refusal): boolean {
  return refusal.reason === "token_invalid" || refusal.reason === "access_denied";
}

function setupWords(refusal: Refusal): string {
  if (isStale(refusal)) {
    return "This set-up link is not valid any more. The newest one stands in the server's log.";
  }
  if (refusal.reason === "invalid_request") return "Something below needs another look.";
  return refusal.words;
}
