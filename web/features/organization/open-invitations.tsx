import { createSignal, For, Show } from "solid-js";
import type { Invitation } from "../../../server/contract/members.ts";
import type { Answer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ahead, moment } from "../../ui/format.ts";
import { toast } from "../../ui/toast.tsx";
import { Empty, Part, Waiting } from "./panel.tsx";
import { RoleBadge } from "./role-badge.tsx";

interface OpenInvitationsProps {
  answer: Answer<{ invitations: Invitation[] }>;
  onInvite: () => void;
}

/** Those that nobody has accepted yet. */
export function OpenInvitations(props: OpenInvitationsProps) {
  const [busy, setBusy] = createSignal<string>();
  const revoke = async (invitation: Invitation) => {
    setBusy(invitation.id);
    try {
      await api.members.revokeInvitation.mutate({ id: invitation.id });
      toast(`The invitation of ${invitation.email} does not work any more.`);
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(undefined);
    props.answer.ask();
  };
  return (
    <Part id="invitations" title="Open invitations">
      <Show when={props.answer.value()} fallback={<Waiting refusal={props.answer.refusal()} rows={1} />}>
        {(known) => (
          <Show
            when={known().invitations.length > 0}
            fallback={
              <Empty>
                Nobody is invited at the moment. An invitation is a link for one person, good for three days.{" "}
                <button
                  type="button"
                  class="font-medium text-accent hover:underline"
                  onClick={() => props.onInvite()}
                >
                  Invite somebody
                </button>
              </Empty>
            }
          >
            <ul class="divide-y divide-line border-y border-line" aria-label="Open invitations">
              <For each={known().invitations}>
                {(invitation) => (
                  <li class="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
                    <div class="min-w-0 flex-1 basis-52">
                      <p class="flex items-center gap-2">
                        <span class="truncate font-medium" title={invitation.email}>
                          {invitation.email}
                        </span>
                        <RoleBadge role={invitation.role} />
                      </p>
                      <p class="truncate text-sm text-ink-2" title={moment(invitation.expiresAt)}>
                        {invitation.invitedBy ? `From ${invitation.invitedBy}, ends ` : "Ends "}
                        {ahead(invitation.expiresAt, now())}
                      </p>
                    </div>
                    <Button
                      look="danger"
                      busy={busy() === invitation.id}
                      aria-label={`Revoke the invitation of ${invitation.email}`}
                      onClick={() => void revoke(invitation)}
                    >
                      Revoke
                    </Button>
                  </li>
                )}
              </For>
            </ul>
          </Show>
        )}
      </Show>
    </Part>
  );
}
