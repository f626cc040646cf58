import { batch, createEffect, createRoot, createSignal, on } from "solid-js";
import type { FeatureList } from "../../server/contract/features.ts";
import type { EndReason } from "../../server/contract/live.ts";
import type { Me, SetupInput, SignInInput } from "../../server/contract/session.ts";
import { api } from "../api/client.ts";
import { explain, meansSignedOut } from "../api/errors.ts";
import { moveTo } from "../api/org-context.ts";
import { extension, noteFeatures } from "./extension.ts";
import { connection, forgetLive, onLiveEnded, startLive, stopLive } from "./live.ts";

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
  // Before anything is drawn: what this server offers decides which pages there are.
  const known = features.status === "fulfilled" && (await hasNoted(features.value.features));
  if (!known) return unreachable();
  if (who.status === "fulfilled") {
    enter(who.value, false);
    return;
  }
  if (!meansSignedOut(explain(who.reason))) return unreachable();
  setState(features.value.features.setup ? "fresh_server" : "signed_out");
}

function unreachable(): void {
  setState("unreachable");
  retry = setTimeout(loadSession, 3_000);
}

/** False when the part of the page that goes with the features did not arrive. */
async function hasNoted(features: FeatureList["features"]): Promise<boolean> {
  try {
    await noteFeatures(features);
    return true;
  } catch {
    return false;
  }
}

function enter(person: Me, fresh: boolean): void {
  batch(() => {
    setMe(person);
    setNotice("");
    setState("signed_in");
    extension()?.places.arrive();
  });
  if (extension()?.places.isWatched() ?? true) startLive(fresh);
}

/** Asks again who this is: what the person may see has changed, or may have. */
export async function refreshMe(): Promise<void> {
  const person = await api.session.me.query();
  if (state() === "signed_in" && person.user.id === me()?.user.id) setMe(person);
}

/** Signs in once more as the same person. The server ends the session there was. */
export async function renewSession(password: string): Promise<void> {
  await api.session.signIn.mutate({ email: me()?.user.email ?? "", password });
  if (extension()?.places.isWatched() ?? true) startLive(false);
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
  stopLive();
  leaveHere(words);
}

function leaveHere(words: string): void {
  forgetLive();
  batch(() => {
    setMe(undefined);
    setNotice(words);
    setState("signed_out");
    moveTo(undefined);
  });
}

/** Another tab may have just signed in once more; its answer is there a moment after the old session's end. */
const RENEWED_WITHIN_MS = 300;

async function leaveUnlessRenewed(): Promise<void> {
  const before = me()?.user.id;
  await new Promise((resolve) => setTimeout(resolve, RENEWED_WITHIN_MS));
  const person = await api.session.me.query().catch(() => undefined);
  if (state() !== "signed_in" || connection().state !== "idle") return;
  if (person && person.user.id === before) startLive(false);
  else leaveHere(ENDED.signed_out ?? "");
}

onLiveEnded((reason) => {
  if (state() !== "signed_in") forgetLive();
  else if (reason === "signed_out") void leaveUnlessRenewed();
  else if (!extension()?.places.lost(reason)) {
    leaveHere(ENDED[reason] ?? "Your session has ended. Sign in again.");
  }
});

// Live figures arrive although nobody is signed in here: someone has signed in, in another tab.
createRoot(() => {
  createEffect(
    on(connection, ({ state: live }) => {
      if (live === "live" && state() === "signed_out") void loadSession();
    }),
  );
});
