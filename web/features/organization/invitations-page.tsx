import { onCleanup, Show } from "solid-js";
import { me } from "../../state/session.ts";
import { InvitationsInbox } from "../invitation/inbox.tsx";
import { countInbox, waiting } from "./inbox.ts";
import { goTo, homeOf } from "./moving.ts";

export function InvitationsPage() {
  void countInbox();
  onCleanup(() => void countInbox());
  return (
    <div class="max-w-2xl">
      <h1 class="text-xl font-semibold tracking-tight">Invitations</h1>
      <p class="mt-0.5 mb-6 text-ink-2">Organizations that want you as a member.</p>
      <InvitationsInbox onAccepted={(slug) => goTo(homeOf(slug))} />
      <Show when={waiting() === 0}>
        <p class="border-t border-line pt-5 text-ink-2">
          None waits for you. Ask an admin of an organization to invite{" "}
          <span class="break-all text-ink">{me()?.user.email}</span>; it then appears here.
        </p>
      </Show>
    </div>
  );
}
