import { createEffect, createMemo, createSignal, For, on, onCleanup } from "solid-js";
import type { HistorySeries } from "../../../server/contract/history.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { connection, serverNow } from "../../state/live.ts";
import { clock, day, plural } from "../../ui/format.ts";
import { availability, availabilityWords, type Beat, beatsOf } from "./beats.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BEATS = 96;
const SPANS = [
  { label: "24 h", ms: DAY },
  { label: "7 days", ms: 7 * DAY },
  { label: "30 days", ms: 30 * DAY },
];
const ASK_AGAIN_MS = 5 * 60_000;

interface Past {
  to: number;
  day: HistorySeries | undefined;
  month: HistorySeries | undefined;
}

/** How it went: a day in beats, and the share of longer times. */
export function Availability(props: { resource: Resource }) {
  const [past, setPast] = createSignal<Past>({ to: serverNow(), day: undefined, month: undefined });
  let newest = 0;
  const ask = async () => {
    newest += 1;
    const mine = newest;
    // Whole minutes, so that a beat does not lose what it had when the page is looked at a second later.
    const to = Math.ceil(serverNow() / 60_000) * 60_000;
    const range = (ms: number, maxPoints: number) =>
      api.history.range
        .query({ resourceId: props.resource.id, metrics: ["up"], from: to - ms, to, maxPoints })
        .then(({ series }) => series[0])
        .catch(() => undefined);
    const [ofDay, ofMonth] = await Promise.all([range(DAY, BEATS * 15), range(30 * DAY, 720)]);
    if (mine === newest) setPast({ to, day: ofDay, month: ofMonth });
  };
  // What is known is worth another look when something has changed, and now and then.
  createEffect(
    on([() => props.resource.id, () => props.resource.status, () => connection().state], () => void ask()),
  );
  const renewal = setInterval(() => !document.hidden && void ask(), ASK_AGAIN_MS);
  onCleanup(() => {
    newest += 1;
    clearInterval(renewal);
  });
  const beats = createMemo(() => beatsOf(past().day, past().to - DAY, past().to, BEATS));
  const shares = () =>
    SPANS.map(({ label, ms }) => ({
      label,
      words: availabilityWords(availability(ms === DAY ? past().day : past().month, past().to - ms)),
    }));
  return (
    <section class="mt-6" aria-labelledby="availability">
      <div class="mb-2 flex flex-wrap items-baseline gap-x-8 gap-y-1">
        <h2 id="availability" class="font-semibold">
          Availability
        </h2>
        <dl class="flex gap-x-6">
          <For each={shares()}>
            {({ label, words }) => (
              <div class="flex items-baseline gap-1.5">
                <dt class="text-sm text-ink-3">{label}</dt>
                <dd>
                  {words}
                  <span class="ml-[0.2em] text-[0.86em] text-ink-3">{words === "–" ? "" : "%"}</span>
                </dd>
              </div>
            )}
          </For>
        </dl>
      </div>
      <BeatBar beats={beats()} />
    </section>
  );
}

const LOOK: Record<Beat["state"], string> = {
  up: "h-4 bg-line-strong",
  partly: "h-6 bg-warn-fill",
  down: "h-8 bg-bad-fill",
  unknown: "h-1 bg-track",
};

/** A day from left to right: the higher a beat, the worse. */
function BeatBar(props: { beats: readonly Beat[] }) {
  const summary = () => {
    const bad = props.beats.filter(({ state }) => state === "down" || state === "partly").length;
    const known = props.beats.filter(({ state }) => state !== "unknown").length;
    if (known === 0) return "Nothing is known of the last 24 hours";
    return `The last 24 hours: failures in ${plural(bad, "quarter")} of an hour, of ${known} known`;
  };
  return (
    <div>
      <div role="img" aria-label={summary()} class="flex h-8 items-end gap-px sm:gap-0.5">
        <For each={props.beats}>
          {(beat) => (
            <span class={`min-w-0 flex-1 rounded-[1px] ${LOOK[beat.state]}`} title={wordsOf(beat)} />
          )}
        </For>
      </div>
      <div class="mt-1 flex justify-between text-xs text-ink-3" aria-hidden="true">
        <span>24 h ago</span>
        <span>now</span>
      </div>
    </div>
  );
}

function wordsOf({ from, to, state, share }: Beat): string {
  const when = `${day(from)}, ${clock(from)} – ${clock(to)}`;
  if (share === undefined) return `${when}: not known`;
  return state === "up" ? `${when}: up` : `${when}: up ${availabilityWords(100 * share)} %`;
}
