import { A } from "@solidjs/router";
import { For, Show } from "solid-js";
import type { Member } from "../../../server/contract/members.ts";
import type { Refusal } from "../../api/errors.ts";
import { Waiting } from "./panel.tsx";
import { RoleBadge } from "./role-badge.tsx";

const SHOWN = 24;

/** Who belongs to it, at a glance; the panel beside it is for changing that. */
export function PeopleInIt(props: {
  people: readonly Member[];
  refusal: Refusal | undefined;
  pending: boolean;
}) {
  return (
    <Show when={!props.pending} fallback={<Waiting refusal={props.refusal} rows={1} />}>
      <ul class="flex flex-wrap gap-2">
        <For each={props.people.slice(0, SHOWN)}>
          {(member) => (
            <li
              class="flex max-w-full items-center gap-2 rounded-full border border-line bg-surface py-1 pr-1 pl-3"
              title={member.email}
            >
              <span class="truncate">{member.name || member.email}</span>
              <RoleBadge role={member.role} />
            </li>
          )}
        </For>
      </ul>
      <p class="mt-3">
        <A href="/settings/access" class="font-medium text-accent hover:underline">
          {props.people.length > SHOWN ? `All ${props.people.length} of them` : "Who may do what"}
        </A>
      </p>
    </Show>
  );
}
