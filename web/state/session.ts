import { batch, createEffect, createRoot, createSignal, on } from "solid-js";
import type { EndReason } from "../../server/contract/live.ts";
import type { Me, SetupInput, SignInInput } from "../../server/contract/session.ts";
import { api } from "../api/client.ts";
import { explain, meansSignedOut } from "../api/errors.ts";
import { connection, onLiveEnded, startLive, stopLive } from "./live.ts";

/**
 * Who is in front of the page. `unasked` until the server has answered once; `fresh_server` while
 * nobody has an account; `unreachable` when the very first question got no answer.
 */
export type SessionState = "unasked" | "unreachable" | "fresh_server" | "signed_out" | "signed_in";

const [state, setState] = createSignal<SessionState>("unasked");
const [me, setMe] = createSignal<Me>();
const [notice, setNotice] = createSignal("");

export { me, notice, state };

/** Why the sign-in page is shown to someone who was signed in. */
const ENDED: Partial<Record<EndReason, string>> = {
  signed_out: "You have been signed out.",
  access_changed: "Your access has changed. Sign in again.",
};

let retry: ReturnType<typeof setTimeout> | undefined;

/** Asks who this is. Called at the start, and again until the server answers. */
export async function loadSession(): Promise<void> {
  clearTimeout(retry);
  const asked = await Promise.allSettled([api.session.me.query(), api.features.list.query()]);
  const [who, features] = asked;
  if (who.status === "fulfilled") {
    enter(who.value, false);
    return;
  }
  if (features.status === "rejected" || !meansSignedOut(explain(who.reason))) {
    setState("unreachable");
    retry = setTimeout(loadSession, 3_000);
    return;
  }
  setState(features.value.features.setup ? "fresh_server" : "signed_out");
}

function enter(person: Me, fresh: boolean): void {
  batch(() => {
    setMe(person);
    setNotice("");
    setState("signed_in");
  });
  startLive(fresh);
}

export async function signIn(input: SignInInput): Promise<void> {
  await api.session.signIn.mutate(input);
  enter(await api.session.me.query(), true);
}

export async function setUp(input: SetupInput): Promise<void> {
  await api.session.setup.mutate(input);
  enter(await api.session.me.query(), true);
}

export async function signOut(): Promise<void> {
  await api.session.signOut.mutate();
  leave("");
}

/** For answers that say the session is over: the page is left, in every tab. */
export function sessionLost(): void {
  if (state() === "signed_in") leave("Your session has ended. Sign in again.");
}

function leave(words: string): void {
  batch(() => {
    setMe(undefined);
    setNotice(words);
    setState("signed_out");
  });
  stopLive();
}

onLiveEnded((reason) => {
  if (state() !== "signed_in") return;
  batch(() => {
    setMe(undefined);
    setNotice(ENDED[reason] ?? "Your session has ended. Sign in again.");
    setState("signed_out");
  });
});

// Live figures arrive although nobody is signed in here: someone has signed in, in another tab.
createRoot(() => {
  createEffect(
    on(connection, ({ state: live }) => {
      if (live === "live" && state() === "signed_out") void loadSession();
    }),
  );
});
