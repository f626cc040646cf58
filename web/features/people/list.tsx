import { For, Show } from "solid-js";
import type { PersonInfo } from "../../../server/contract/people.ts";
import { now } from "../../state/clock.ts";
import { me } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { ago, moment } from "../../ui/format.ts";

interface PeopleListProps {
  people: readonly PersonInfo[];
  onReset: (person: PersonInfo) => void;
  onDisable: (person: PersonInfo) => void;
}

export function PeopleList(props: PeopleListProps) {
  const isMe = (person: PersonInfo) => person.id === me()?.user.id;
  return (
    <ul class="divide-y divide-line border-y border-line">
      <For each={props.people}>
        {(person) => (
          <li class="flex min-h-14 flex-wrap items-center gap-x-4 gap-y-2 py-2">
            <div class="min-w-0 flex-1 basis-52" classList={{ "text-ink-2": person.disabled }}>
              <p class="truncate font-medium" title={person.name}>
                {person.name}
                <Show when={isMe(person)}>
                  <span class="font-normal text-ink-2"> · you</span>
                </Show>
              </p>
              <p class="truncate text-sm text-ink-2" title={person.email}>
                {person.email}
              </p>
            </div>
            <p class="w-44 text-ink-2 max-sm:order-last max-sm:hidden">
              <Standing person={person} />
            </p>
            <p class="w-32 text-right text-ink-2 max-md:hidden" title={moment(person.createdAt)}>
              added {ago(person.createdAt, now())}
            </p>
            <p class="text-sm text-ink-2 empty:hidden sm:hidden">
              <Standing person={person} />
            </p>
            {/* Takes its room also where there is nothing to do, so that the columns stand. */}
            <div class="flex gap-2 max-sm:empty:hidden sm:w-60 sm:justify-end">
              <Show when={!person.disabled && !isMe(person)}>
                <Button aria-label={`New password for ${person.name}`} onClick={() => props.onReset(person)}>
                  New password
                </Button>
                <Button
                  look="danger"
                  aria-label={`Switch off the account of ${person.name}`}
                  onClick={() => props.onDisable(person)}
                >
                  Switch off
                </Button>
              </Show>
            </div>
          </li>
        )}
      </For>
    </ul>
  );
}

function Standing(props: { person: PersonInfo }) {
  return (
    <Show when={props.person.disabled} fallback={props.person.operator ? "Operates this server" : ""}>
      Switched off
    </Show>
  );
}
