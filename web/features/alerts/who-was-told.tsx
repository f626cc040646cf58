import { A } from "@solidjs/router";
import { createEffect, For, on, Show } from "solid-js";
import type { Alert } from "../../../server/contract/alerts.ts";
import type { DiagnosedMoment } from "../../../server/contract/routes.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { now } from "../../state/clock.ts";
import { ago, ahead, moment } from "../../ui/format.ts";
import { Notice } from "../../ui/notice.tsx";
import { Tellings } from "../routes/tellings.tsx";
import { administers } from "../settings/links.ts";

const EVENTS: Record<DiagnosedMoment["event"], string> = {
  fired: "It fired",
  updated: "It changed",
  resolved: "It was over",
  test: "A test",
  repeated: "Told again",
  escalated: "Others told",
};

/** Why somebody was told of it, or was not. Asked when somebody wants to know. */
export function WhoWasTold(props: { alert: Alert }) {
  const answer = createAnswer(
    () => props.alert.id,
    (alertId) => api.notifications.diagnose.query({ alertId }),
  );
  createEffect(
    on(
      () => props.alert.changedAt,
      () => answer.ask(),
      { defer: true },
    ),
  );
  return (
    <Show
      when={answer.value()}
      fallback={
        <Show when={answer.refusal()} fallback={<div class="skeleton h-24 w-full" />}>
          {(refused) => <Notice>{refused().words}</Notice>}
        </Show>
      }
    >
      {(found) => (
        <div class="space-y-3">
          <p class="font-medium break-words">{found().answer}</p>
          <ol class="divide-y divide-line border-y border-line">
            <For each={found().moments}>{(each) => <Moment moment={each} />}</For>
          </ol>
          <Show when={found().next}>
            {(next) => (
              <p class="text-ink-2">
                Next, <span title={moment(next().at)}>{ahead(next().at, now())}</span>: {next().says}
              </p>
            )}
          </Show>
          <Show when={administers()}>
            <p class="flex flex-wrap gap-x-5">
              <A href="/settings/notifications#sent" class="py-0.5 font-medium text-accent hover:underline">
                What was sent
              </A>
              <A
                href="/settings/notifications#who-is-told"
                class="py-0.5 font-medium text-accent hover:underline"
              >
                Who is told
              </A>
            </p>
          </Show>
        </div>
      )}
    </Show>
  );
}

function Moment(props: { moment: DiagnosedMoment }) {
  const words = () => {
    const { event, level } = props.moment;
    return event === "fired" || event === "updated" ? `${EVENTS[event]}, ${level}` : EVENTS[event];
  };
  return (
    <li class="grid gap-x-6 gap-y-1 py-2 sm:grid-cols-[150px_minmax(0,1fr)]">
      <time
        class="text-sm text-ink-2"
        dateTime={new Date(props.moment.at).toISOString()}
        title={ago(props.moment.at, now())}
      >
        {moment(props.moment.at)}
      </time>
      <div class="min-w-0 space-y-1">
        <p>{words()}</p>
        <Show when={props.moment.why}>{(why) => <p class="text-ink-2">{why()}</p>}</Show>
        <Tellings tellings={props.moment.tellings} />
      </div>
    </li>
  );
}
