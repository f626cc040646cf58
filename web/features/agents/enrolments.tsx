import { For, Show } from "solid-js";
import type { EnrolmentInfo } from "../../../server/contract/agents.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ago, ahead, moment, plural } from "../../ui/format.ts";

/** Tokens with which any number of machines may begin. */
export function Enrolments(props: {
  enrolments: readonly EnrolmentInfo[];
  onRevoke: (enrolment: EnrolmentInfo) => void;
}) {
  return (
    <Show when={props.enrolments.length > 0}>
      <section class="mt-8" aria-labelledby="open-tokens">
        <h2 id="open-tokens" class="font-semibold">
          Open to any machine
        </h2>
        <p class="mt-0.5 text-sm text-ink-2">
          Whoever has one of these tokens can add machines until it expires.
        </p>
        <ul class="mt-3 divide-y divide-line border-y border-line">
          <For each={props.enrolments}>
            {(enrolment) => (
              <li class="flex items-center justify-between gap-4 py-2">
                <div class="min-w-0">
                  <p class="truncate font-medium" title={enrolment.name}>
                    {enrolment.name}
                  </p>
                  <p class="text-sm text-ink-2">
                    <span
                      classList={{ "text-warn": enrolment.expiresAt <= now() }}
                      title={moment(enrolment.expiresAt)}
                    >
                      {enrolment.expiresAt <= now()
                        ? "has expired"
                        : `expires ${ahead(enrolment.expiresAt, now())}`}
                    </span>{" "}
                    · {enrolment.used === 0 ? "not used yet" : `used by ${plural(enrolment.used, "machine")}`}{" "}
                    · <span title={moment(enrolment.createdAt)}>made {ago(enrolment.createdAt, now())}</span>
                  </p>
                </div>
                <Button
                  look="danger"
                  aria-label={`Revoke the token ${enrolment.name}`}
                  onClick={() => props.onRevoke(enrolment)}
                >
                  Revoke
                </Button>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
