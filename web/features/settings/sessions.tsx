import { createSignal, For, Show } from "solid-js";
import type { SessionInfo } from "../../../server/contract/session.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ago, moment } from "../../ui/format.ts";
import { toast } from "../../ui/toast.tsx";
import { deviceOf } from "./device.ts";

export function Sessions() {
  const answer = createAnswer(
    () => true,
    () => api.session.list.query(),
  );
  const [ending, setEnding] = createSignal<string>();
  const sessions = () =>
    answer
      .value()
      ?.sessions.toSorted((a, b) => Number(b.current) - Number(a.current) || b.lastSeenAt - a.lastSeenAt);

  const end = async (session: SessionInfo) => {
    setEnding(session.id);
    try {
      await api.session.revoke.mutate({ id: session.id });
      toast(`${deviceOf(session.userAgent)} has been signed out.`);
      answer.ask();
    } catch (error) {
      toast(explain(error).words);
    }
    setEnding(undefined);
  };

  return (
    <Show
      when={sessions()}
      fallback={
        <Show when={answer.refusal()} fallback={<div class="skeleton h-12 w-full" />}>
          {(refused) => <p class="text-ink-2">{refused().words}</p>}
        </Show>
      }
    >
      {(list) => (
        <ul class="-mt-2 divide-y divide-line">
          <For each={list()}>
            {(session) => (
              <li class="flex min-h-14 items-center gap-4 py-2">
                <div class="min-w-0 flex-1">
                  <p class="truncate" title={session.userAgent}>
                    {deviceOf(session.userAgent)}
                  </p>
                  <p class="truncate text-sm text-ink-2">
                    <span title={moment(session.lastSeenAt)}>
                      {session.current ? "Seen just now" : `Seen ${ago(session.lastSeenAt, now())}`}
                    </span>{" "}
                    from {session.address} ·{" "}
                    <span title={moment(session.createdAt)}>since {ago(session.createdAt, now())}</span>
                  </p>
                </div>
                <Show when={!session.current} fallback={<span class="text-sm text-ink-2">This one</span>}>
                  <Button
                    look="danger"
                    busy={ending() === session.id}
                    aria-label={`End the session of ${deviceOf(session.userAgent)} from ${session.address}`}
                    onClick={() => void end(session)}
                  >
                    End
                  </Button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      )}
    </Show>
  );
}
