import { A } from "@solidjs/router";
import { createMemo, Match, Show, Switch } from "solid-js";
import type { RouteList, RouteSettings } from "../../../server/contract/routes.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { now } from "../../state/clock.ts";
import { serverNow } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { ahead, moment, plural } from "../../ui/format.ts";
import { keepFocus } from "../../ui/keep-focus.ts";
import { Notice } from "../../ui/notice.tsx";

const DAY_MS = 86_400_000;
/** Of one page of incidents. */
const COUNTED = 200;

/** Watching first: nothing is sent until then, and what is still so is told then. */
export function Observing(props: {
  list: RouteList;
  busy: boolean;
  change: (how: (settings: RouteSettings) => RouteSettings, done?: string) => Promise<void>;
}) {
  const until = createMemo(() => {
    const { observeUntil } = props.list.settings;
    return observeUntil !== undefined && observeUntil > now() ? observeUntil : undefined;
  });
  const begin = () =>
    props.change(
      (settings) => ({ ...settings, observeUntil: Math.ceil(serverNow() + DAY_MS) }),
      "Nobody is told for a day.",
    );
  const end = () =>
    props.change(({ observeUntil: _, ...settings }) => settings, "What goes wrong is told from now on.");
  return (
    <div ref={keepFocus} class="mt-3">
      <Switch>
        <Match when={until()}>
          {(end_) => (
            <Notice>
              <div class="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
                <p class="min-w-0 flex-1 basis-64">
                  <span class="font-medium text-ink">Only watching</span>: nobody is told until{" "}
                  <span title={ahead(end_(), now())}>{moment(end_()).slice(0, -3)}</span>. What is still wrong
                  then is told then, in one message. <LastDay />
                </p>
                <Button busy={props.busy} onClick={() => void end()}>
                  Tell from now on
                </Button>
              </div>
            </Notice>
          )}
        </Match>
        {/* Nobody has set anything yet. */}
        <Match when={props.list.revision === 0}>
          <Notice>
            <div class="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
              <p class="min-w-0 flex-1 basis-64">
                Everything that goes wrong is told from now on. You can look first at what that would be.
              </p>
              <Button busy={props.busy} onClick={() => void begin()}>
                Only watch for a day first
              </Button>
            </div>
          </Notice>
        </Match>
        <Match when={true}>
          <Button look="quiet" class="-ml-2 text-sm" busy={props.busy} onClick={() => void begin()}>
            Only watch for a day
          </Button>
        </Match>
      </Switch>
    </div>
  );
}

/** What there would have been to tell. */
function LastDay() {
  const fired = createAnswer(
    () => true,
    () => api.alerts.incidents.query({ from: Math.floor(serverNow() - DAY_MS), limit: COUNTED }),
  );
  const words = () => {
    const all = fired.value()?.incidents ?? [];
    if (all.length === 0) return "In the last day there would have been nothing to tell.";
    const critical = all.filter(({ level }) => level === "critical").length;
    const count = all.length === COUNTED ? `more than ${COUNTED} alerts` : plural(all.length, "alert");
    return `In the last day there would have been ${count} to tell, ${critical} critical.`;
  };
  return (
    <Show when={fired.value()}>
      {words()}{" "}
      <A href="/alerts" class="font-medium text-accent hover:underline">
        Look at them
      </A>
    </Show>
  );
}
