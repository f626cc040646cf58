import { createSignal, For, Show } from "solid-js";
import type { InboxInvitation } from "../../../server/contract/members.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { now } from "../../state/clock.ts";
import { loadSession } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { ahead, moment } from "../../ui/format.ts";
import { toast } from "../../ui/toast.tsx";
import { roleWords } from "./words.ts";

/** Invitations that wait for whoever is signed in; nothing at all where none do. */
export function InvitationsInbox(props: { onAccepted?: (slug: string) => void }) {
  const answer = createAnswer(
    () => true,
    () => api.members.inbox.query(),
  );
  const [busy, setBusy] = createSignal<string>();
  const waiting = () => answer.value()?.invitations ?? [];

  const decide = async (invitation: InboxInvitation, accepts: boolean) => {
    setBusy(invitation.id);
    const { slug, name } = invitation.org;
    try {
      if (accepts) {
        await api.members.accept.mutate({ code: invitation.id });
        await loadSession();
        toast(`You belong to ${name} now.`);
        props.onAccepted?.(slug);
      } else {
        await api.members.decline.mutate({ code: invitation.id });
        toast(`You have declined ${name}.`);
      }
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(undefined);
    answer.ask();
  };

  return (
    <Show when={waiting().length > 0}>
      <section aria-label="Invitations" class="rounded-lg border border-line bg-surface px-4">
        <ul class="divide-y divide-line">
          <For each={waiting()}>
            {(invitation) => (
              <li class="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
                <div class="min-w-0 flex-1 basis-56">
                  <p class="truncate">
                    <span class="font-medium">{invitation.org.name}</span> invites you as{" "}
                    {roleWords(invitation.role)}
                  </p>
                  <p class="truncate text-sm text-ink-2" title={moment(invitation.expiresAt)}>
                    {invitation.invitedBy ? `From ${invitation.invitedBy}, ends ` : "Ends "}
                    {ahead(invitation.expiresAt, now())}
                  </p>
                </div>
                <div class="flex gap-2">
                  <Button
                    aria-label={`Decline ${invitation.org.name}`}
                    disabled={busy() === invitation.id}
                    onClick={() => void decide(invitation, false)}
                  >
                    Decline
                  </Button>
                  <Button
                    look="primary"
                    aria-label={`Accept ${invitation.org.name}`}
                    busy={busy() === invitation.id}
                    onClick={() => void decide(invitation, true)}
                  >
                    Accept
                  </Button>
                </div>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
