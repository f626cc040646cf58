import { useLocation, useNavigate } from "@solidjs/router";
import { type JSX, Match, onMount, Show, Switch } from "solid-js";
import type { InvitationPreview } from "../../../server/contract/members.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import type { Refusal } from "../../api/errors.ts";
import { now } from "../../state/clock.ts";
import { me, state } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { ahead, moment } from "../../ui/format.ts";
import { leaveSession } from "../shell/leave-session.ts";
import { FrontDoor } from "../sign-in/front-door.tsx";
import { Decide } from "./decide.tsx";
import { Join } from "./join.tsx";
import { SignInToDecide } from "./sign-in-to-decide.tsx";
import { mayWords, roleWords } from "./words.ts";

export function InvitationPage() {
  const code = new URLSearchParams(useLocation().hash.slice(1)).get("code");
  // It leaves the address bar at once: whoever reads it there could use it.
  const navigate = useNavigate();
  onMount(() => code && navigate("/invitation", { replace: true, scroll: false }));
  return (
    <Show when={code} fallback={<WithoutCode />}>
      {(secret) => <Invitation code={secret()} />}
    </Show>
  );
}

function Invitation(props: { code: string }) {
  const answer = createAnswer(
    () => props.code,
    (code) => api.members.preview.mutate({ code }),
  );
  return (
    <Show
      when={answer.value()}
      fallback={
        <Show when={answer.refusal()} fallback={<Waiting />}>
          {(refused) => <NotGood refusal={refused()} onAgain={answer.ask} />}
        </Show>
      }
    >
      {(known) => <Known code={props.code} invitation={known().invitation} />}
    </Show>
  );
}

function Known(props: { code: string; invitation: InvitationPreview }) {
  const isMine = () => me()?.user.email === props.invitation.email;
  return (
    <FrontDoor title={`${props.invitation.org.name} invites you`}>
      <div class="space-y-5">
        <Lead invitation={props.invitation} />
        <Switch>
          <Match when={state() === "signed_in" && isMine()}>
            <Decide code={props.code} invitation={props.invitation} />
          </Match>
          <Match when={state() === "signed_in"}>
            <SomebodyElse email={props.invitation.email} />
          </Match>
          <Match when={props.invitation.hasAccount}>
            <SignInToDecide email={props.invitation.email} />
          </Match>
          <Match when={true}>
            <Join code={props.code} email={props.invitation.email} />
          </Match>
        </Switch>
      </div>
    </FrontDoor>
  );
}

function Lead(props: { invitation: InvitationPreview }) {
  return (
    <p class="-mt-4 text-ink-2">
      {props.invitation.invitedBy ? `${props.invitation.invitedBy} has invited ` : "Somebody has invited "}
      <span class="break-all text-ink">{props.invitation.email}</span> as {roleWords(props.invitation.role)}:
      you may {mayWords(props.invitation.role)}. The invitation ends{" "}
      <span title={moment(props.invitation.expiresAt)}>{ahead(props.invitation.expiresAt, now())}</span>.
    </p>
  );
}

function SomebodyElse(props: { email: string }) {
  return (
    <div>
      <p class="mb-4 text-ink-2">
        You are signed in as <span class="break-all text-ink">{me()?.user.email}</span>, and this invitation
        is for <span class="break-all text-ink">{props.email}</span>. Sign out to go on as that person; this
        page stays open.
      </p>
      <Button look="primary" class="h-9! w-full" onClick={() => void leaveSession()}>
        Sign out
      </Button>
    </div>
  );
}

function NotGood(props: { refusal: Refusal; onAgain: () => void }) {
  const isGone = () => ["not_found", "token_invalid", "invalid_request"].includes(props.refusal.reason);
  return (
    <Show
      when={isGone()}
      fallback={
        <Says title="The invitation cannot be shown now">
          <p class="mb-5 text-ink-2">{props.refusal.words}</p>
          <Button onClick={() => props.onAgain()}>Try again</Button>
        </Says>
      }
    >
      <Says title="This invitation is not good any more">
        <p class="text-ink-2">
          It has been used, has been withdrawn or has ended: an invitation is good once and for three days.
          Ask whoever sent it for a new one.
        </p>
      </Says>
    </Show>
  );
}

function WithoutCode() {
  return (
    <Says title="Open the whole link">
      <p class="text-ink-2">
        An invitation’s link ends in <code class="font-mono text-sm text-ink">#code=…</code>. Open it again as
        it was sent to you: this page keeps nothing of it when it is loaded anew.
      </p>
    </Says>
  );
}

function Waiting() {
  return (
    <Says title="Invitation">
      <div class="skeleton h-24 w-full" />
    </Says>
  );
}

function Says(props: { title: string; children: JSX.Element }) {
  return <FrontDoor title={props.title}>{props.children}</FrontDoor>;
}
