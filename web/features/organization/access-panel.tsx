import { createSignal, Match, Show, Switch } from "solid-js";
import type { Member } from "../../../server/contract/members.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { plural } from "../../ui/format.ts";
import { Invite } from "./invite.tsx";
import { LeaveButton } from "./leave-button.tsx";
import { RemoveMember, TransferOwnership } from "./member-deeds.tsx";
import { MemberTable } from "./member-table.tsx";
import { OpenInvitations } from "./open-invitations.tsx";
import { Panel, Part, Waiting } from "./panel.tsx";
import { here, mayAdminister, roleHere } from "./standing.ts";

export type MemberDeed = "remove" | "transfer";

export function AccessPanel() {
  const [inviting, setInviting] = createSignal(false);
  const [asked, setAsked] = createSignal<{ deed: MemberDeed; member: Member }>();
  const members = createAnswer(
    () => here()?.id,
    () => api.members.list.query(),
  );
  const invitations = createAnswer(
    () => (mayAdminister() ? here()?.id : undefined),
    () => api.members.invitations.query(),
  );
  const done = () => setAsked(undefined);

  return (
    <Panel
      title="Access"
      lead="Who belongs to the organization, and what they may do in it."
      administered
      action={
        <Button look="primary" onClick={() => setInviting(true)}>
          Invite
        </Button>
      }
    >
      <Part
        id="members"
        title={members.value() ? plural(members.value()?.members.length ?? 0, "member") : "Members"}
      >
        <Show when={members.value()} fallback={<Waiting refusal={members.refusal()} rows={3} />}>
          {(known) => (
            <MemberTable
              members={known().members}
              onChanged={members.ask}
              onDeed={(deed, member) => setAsked({ deed, member })}
            />
          )}
        </Show>
      </Part>
      <Show when={mayAdminister()}>
        <OpenInvitations answer={invitations} onInvite={() => setInviting(true)} />
      </Show>
      <Show when={roleHere() !== "owner" && here()}>
        {(org) => (
          <Part id="leave" title="Leave">
            <p class="mb-3 max-w-2xl text-ink-2">You lose sight of everything in it at once.</p>
            <LeaveButton org={org()} />
          </Part>
        )}
      </Show>
      <Show when={inviting()}>
        <Invite onInvited={invitations.ask} onClose={() => setInviting(false)} />
      </Show>
      <Show when={asked()} keyed>
        {({ deed, member }) => (
          <Switch>
            <Match when={deed === "remove"}>
              <RemoveMember member={member} onDone={members.ask} onClose={done} />
            </Match>
            <Match when={deed === "transfer"}>
              <TransferOwnership member={member} onDone={members.ask} onClose={done} />
            </Match>
          </Switch>
        )}
      </Show>
    </Panel>
  );
}
