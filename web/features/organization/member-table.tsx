import { createSignal, For, Show } from "solid-js";
import type { Member } from "../../../server/contract/members.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { now } from "../../state/clock.ts";
import { me } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { ago, moment } from "../../ui/format.ts";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toast.tsx";
import type { MemberDeed } from "./access-panel.tsx";
import { type GivenRole, ROLE_OPTIONS, ROLE_WORDS } from "./names.ts";
import { RoleBadge } from "./role-badge.tsx";
import { look, mayAdminister, roleHere } from "./standing.ts";
import { withArticle } from "./words.ts";

interface MemberTableProps {
  members: readonly Member[];
  onChanged: () => void;
  onDeed: (deed: MemberDeed, member: Member) => void;
}

const RANK = { owner: 0, admin: 1, editor: 2, viewer: 3 };

export function MemberTable(props: MemberTableProps) {
  const sorted = () =>
    props.members.toSorted((a, b) => RANK[a.role] - RANK[b.role] || a.name.localeCompare(b.name));
  return (
    <ul class="divide-y divide-line border-y border-line" aria-label="Members">
      <For each={sorted()}>
        {(member) => <Row member={member} onChanged={props.onChanged} onDeed={props.onDeed} />}
      </For>
    </ul>
  );
}

function Row(props: { member: Member } & Omit<MemberTableProps, "members">) {
  const [busy, setBusy] = createSignal(false);
  const isMe = () => props.member.userId === me()?.user.id;
  const name = () => props.member.name || props.member.email;
  const mayChange = () => mayAdminister() && props.member.role !== "owner";

  const setRole = async (role: GivenRole) => {
    setBusy(true);
    try {
      await api.members.setRole.mutate({ userId: props.member.userId, role });
      toast(`${name()} is ${withArticle(ROLE_WORDS[role].toLowerCase())} now.`);
      if (isMe()) await look();
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(false);
    props.onChanged();
  };

  return (
    <li class="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 py-2.5">
      <div class="min-w-0 flex-1 basis-52" classList={{ old: props.member.disabled ?? false }}>
        <p class="flex items-center gap-2">
          <span class="truncate font-medium" title={name()}>
            {name()}
          </span>
          <RoleBadge role={props.member.role} />
          <Show when={isMe()}>
            <span class="text-sm text-ink-2">you</span>
          </Show>
        </p>
        <p
          class="truncate text-sm text-ink-2"
          title={`${props.member.email}, since ${moment(props.member.since)}`}
        >
          {props.member.email} · since {ago(props.member.since, now())}
          {props.member.disabled ? " · account switched off" : ""}
        </p>
      </div>
      <Show when={mayAdminister()}>
        <div class="flex items-center gap-2">
          <Show when={roleHere() === "owner" && !isMe() && !props.member.disabled}>
            <Button
              look="quiet"
              aria-label={`Make owner… (${name()})`}
              onClick={() => props.onDeed("transfer", props.member)}
            >
              Make owner…
            </Button>
          </Show>
          <Show when={mayChange()}>
            <div class="w-24" aria-busy={busy()}>
              <Select
                bare
                label={`Role of ${name()}`}
                options={ROLE_OPTIONS}
                value={props.member.role as GivenRole}
                onChoose={(role) => void setRole(role)}
              />
            </div>
            <Show when={!isMe()}>
              <Button
                look="danger"
                aria-label={`Remove ${name()}`}
                onClick={() => props.onDeed("remove", props.member)}
              >
                Remove
              </Button>
            </Show>
          </Show>
        </div>
      </Show>
    </li>
  );
}
