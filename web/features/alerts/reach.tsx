import { A } from "@solidjs/router";
import { createEffect, For, on, Show } from "solid-js";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { now } from "../../state/clock.ts";
import { newestFailure } from "../../state/live.ts";
import { createPreference } from "../../state/preferences.ts";
import { Button } from "../../ui/button.tsx";
import { ago, clockOrDay, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { administers } from "../settings/links.ts";

const LOOK_EVERY_MS = 60_000;

/**
 * Whether what stands on the page gets to people who do not look at it. Nothing where it does. `hint`: also that
 * nobody has set up anything yet.
 */
export function Reach(props: { hint?: boolean }) {
  const trouble = createRenewed(
    async () => ({ channels: await api.notifications.trouble.query() }),
    LOOK_EVERY_MS,
  );
  createEffect(on(newestFailure, () => void trouble.ask(), { defer: true }));
  return (
    <>
      <Show when={administers()}>
        <NobodyIsTold hint={props.hint} />
      </Show>
      <Show when={(trouble.value()?.channels.length ?? 0) > 0}>
        <ul aria-label="Channels in trouble" class="mt-3">
          <For each={trouble.value()?.channels}>
            {({ id, name, since, fix }) => (
              <li class="flex items-baseline gap-2.5 text-ink-2">
                <LevelMark level="warning" label="Messages do not arrive" />
                <span class="min-w-0 break-words">
                  Messages to{" "}
                  <Show when={administers()} fallback={<span class="text-ink">{name}</span>}>
                    <A
                      href={`/settings/notifications/${id}`}
                      class="inline-block min-h-6 min-w-6 py-0.5 font-medium text-ink hover:underline"
                    >
                      {name}
                    </A>
                  </Show>{" "}
                  have not arrived since <span title={ago(since, now())}>{moment(since).slice(0, -3)}</span>.{" "}
                  <Show when={administers()}>{fix}</Show>
                </span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </>
  );
}

const [hint, setHint] = createPreference("nobody-is-told", ["said", "heard"], "said", { everyTab: true });

/** That there is no channel yet is said once, kindly; that somebody has switched all of it off, for as long as it is so. */
function NobodyIsTold(props: { hint?: boolean | undefined }) {
  const asked = createRenewed(async () => {
    const [{ channels }, { settings }] = await Promise.all([
      api.notifications.channels.query(),
      api.notifications.routes.query(),
    ]);
    return {
      channels: channels.length,
      off: channels.filter(({ enabled }) => !enabled).length,
      observeUntil: settings.observeUntil ?? 0,
    };
  }, LOOK_EVERY_MS);
  const hasNone = () => asked.value()?.channels === 0;
  const said = (): { words: string; fix: string } | undefined => {
    const known = asked.value();
    if (!known) return undefined;
    const { channels, off, observeUntil } = known;
    if (hasNone())
      return props.hint && hint() === "said"
        ? { words: "Nobody is told yet.", fix: "Set up a channel" }
        : undefined;
    if (off === channels) return { words: "Nobody is told: every channel is off.", fix: "Switch one on" };
    if (observeUntil <= now()) return undefined;
    const until = clockOrDay(observeUntil, now());
    return { words: `Nobody is told: only watching until ${until}.`, fix: "Tell from now on" };
  };
  return (
    <Show when={said()}>
      {(known) => (
        <div class="mt-3 flex min-h-11.5 flex-wrap items-center gap-x-4 gap-y-1 rounded-md border border-line bg-surface px-3 py-1.5">
          <p class="min-w-0 flex-1 basis-60 text-ink-2">
            {known().words}{" "}
            <A href="/settings/notifications" class="font-medium text-accent hover:underline">
              {known().fix}
            </A>
          </p>
          <Show when={hasNone()}>
            <Button look="quiet" class="-mr-1.5 text-sm" onClick={() => setHint("heard")}>
              Not now
            </Button>
          </Show>
        </div>
      )}
    </Show>
  );
}
