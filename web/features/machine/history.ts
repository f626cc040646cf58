import { type Accessor, batch, createEffect, createSignal, on, onCleanup, untrack } from "solid-js";
import type { HistoryRangeInput } from "../../../server/contract/history.ts";
import { api } from "../../api/client.ts";
import { explain, meansSignedOut, type Refusal } from "../../api/errors.ts";
import { connection, picture, serverNow } from "../../state/live.ts";
import { append, begin, type LiveSeries } from "../../state/series.ts";
import { sessionLost } from "../../state/session.ts";
import { pointsFor, type TimeWindow } from "./window.ts";

export type History = ReadonlyMap<string, LiveSeries>;

export interface MachineHistory {
  /** By `seriesKey`. */
  series: Accessor<History>;
  /** The window as asked for and as it has moved on since. */
  from: Accessor<number>;
  to: Accessor<number>;
  /** Why nothing at all could be read. */
  refusal: Accessor<Refusal | undefined>;
  /** Why the history of one resource could not be read, where that of others could. */
  refusalFor: (resourceId: string) => Refusal | undefined;
}

export const REPORT_EVERY_MS = 10_000;
/** A report speaks for the time since the one before it, as it does in the server's own answer. */
const SPEAKS_FOR_MS = 1.5 * REPORT_EVERY_MS;
/** Averages that grew live are replaced by the server's own this often. */
const RENEW_MS = 300_000;

export function seriesKey(resourceId: string, metric: string): string {
  return `${resourceId} ${metric}`;
}

/** History of all that is wanted, in one window, continued by each report of the machine. */
export function createHistory(
  machineId: Accessor<string>,
  wanted: Accessor<Map<string, Set<string>>>,
  window: Accessor<TimeWindow>,
): MachineHistory {
  const [series, setSeries] = createSignal<History>(new Map());
  const [bounds, setBounds] = createSignal(boundsOf(untrack(window)));
  const [refusals, setRefusals] = createSignal<ReadonlyMap<string, Refusal>>(new Map());
  const [refusal, setRefusal] = createSignal<Refusal>();
  let newest = 0;

  const ask = async () => {
    newest += 1;
    const mine = newest;
    const { from, to } = boundsOf(window());
    const maxPoints = pointsFor(to - from, window().everyMs ?? REPORT_EVERY_MS);
    setBounds({ from, to });
    const questions = [...wanted()].map(([resourceId, metrics]) =>
      api.history.range.query({
        resourceId: resourceId as HistoryRangeInput["resourceId"],
        metrics: [...metrics],
        from: Math.floor(from),
        to: Math.ceil(to),
        maxPoints,
      }),
    );
    const ids = [...wanted().keys()];
    const answers = await Promise.allSettled(questions);
    if (mine !== newest) return;
    const next = new Map<string, LiveSeries>();
    const failed = new Map<string, Refusal>();
    answers.forEach((answer, index) => {
      const id = ids[index] ?? "";
      if (answer.status === "fulfilled") {
        for (const each of answer.value.series) next.set(seriesKey(id, each.metric), begin(each));
      } else failed.set(id, explain(answer.reason));
    });
    const reasons = [...failed.values()];
    if (reasons.some(meansSignedOut)) return sessionLost();
    batch(() => {
      setRefusal(next.size === 0 ? reasons[0] : undefined);
      // A part that vanished meanwhile has no history to show; that alone is no failure.
      setRefusals(new Map([...failed].filter(([, { reason }]) => next.size > 0 && reason !== "not_found")));
      if (next.size > 0 || failed.size === 0) setSeries(next);
    });
  };

  // What is wanted is compared by value: a report does not change it, a new disk does.
  const question = () => JSON.stringify([[...wanted()].map(([id, metrics]) => [id, ...metrics]), window()]);
  createEffect(
    on([question, () => connection().state], ([asked, state], before) => {
      const reconnected = state === "live" && before?.[1] === "away";
      if (asked !== before?.[0] || reconnected) void ask();
    }),
  );
  const renewal = setInterval(() => {
    if (!window().fixed && !document.hidden && connection().state === "live") void ask();
  }, RENEW_MS);
  onCleanup(() => {
    newest += 1;
    clearInterval(renewal);
  });

  createEffect(
    on(
      () => picture.resources[machineId()]?.lastSeenAt,
      (at, before) => {
        const { fixed, spanMs, everyMs } = window();
        if (fixed || at === undefined || at === before) return;
        batch(() => {
          setBounds({ from: at - spanMs, to: at });
          setSeries((known) => continued(known, at, at - spanMs, everyMs === undefined ? 0 : SPEAKS_FOR_MS));
        });
      },
      { defer: true },
    ),
  );

  return {
    series,
    from: () => bounds().from,
    to: () => bounds().to,
    refusal,
    refusalFor: (resourceId) => refusals().get(resourceId),
  };
}

function boundsOf({ fixed, spanMs }: TimeWindow): { from: number; to: number } {
  if (fixed) return fixed;
  const to = serverNow();
  return { from: to - spanMs, to };
}

function continued(known: History, at: number, from: number, speaksForMs: number): History {
  const next = new Map<string, LiveSeries>();
  for (const [key, series] of known) {
    const resource = untrack(() => picture.resources[key.slice(0, key.indexOf(" "))]);
    const value = untrack(() => resource?.metrics[series.metric]);
    next.set(key, append(series, at, value, from, speaksForMs));
  }
  return next;
}
