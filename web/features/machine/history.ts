import { type Accessor, batch, createEffect, createSignal, on, onCleanup, untrack } from "solid-js";
import { meansSignedOut, type Refusal } from "../../api/errors.ts";
import { connection, picture, serverNow } from "../../state/live.ts";
import { append, type LiveSeries } from "../../state/series.ts";
import { sessionLost } from "../../state/session.ts";
import {
  type Answer,
  type History,
  HistoryAnswers,
  type Most,
  type Question,
  REPORT_EVERY_MS,
} from "./history-answers.ts";
import { type Bounds, moved, pointsFor, type TimeWindow, toBounds, windowOf } from "./window.ts";

export interface MachineHistory {
  /** By `seriesKey`. */
  series: Accessor<History>;
  /** The window as asked for and as it has moved on since. */
  from: Accessor<number>;
  to: Accessor<number>;
  /** The window as last asked for. */
  asked: Accessor<Bounds | undefined>;
  /** How often it has been read anew. */
  answered: Accessor<number>;
  /** Asks for a window that one may want next. */
  foresee: (window: TimeWindow) => void;
  /** Why nothing at all could be read. */
  refusal: Accessor<Refusal | undefined>;
  /** Why the history of one resource could not be read, where that of others could. */
  refusalFor: (resourceId: string) => Refusal | undefined;
}

interface HistoryWanted {
  /** Whose reports continue it. */
  resourceId: Accessor<string>;
  /** Metrics by resource. */
  metrics: Accessor<ReadonlyMap<string, ReadonlySet<string>>>;
  /** Only the highest of them. */
  most?: Accessor<Most | undefined>;
  window: Accessor<TimeWindow>;
  /** Of a plot, in points of the screen. */
  width: () => number;
  /** Nothing is asked for before. */
  isWanted?: Accessor<boolean>;
}

/** A report speaks for the time since the one before it, as it does in the server's own answer. */
const SPEAKS_FOR_MS = 1.5 * REPORT_EVERY_MS;
/** Averages that grew live are replaced by the server's own this often. */
const RENEW_MS = 300_000;

/** History of all that is wanted, in one window, continued by each report of the machine. */
export function createHistory({
  resourceId,
  metrics,
  most = () => undefined,
  window,
  width,
  isWanted = () => true,
}: HistoryWanted): MachineHistory {
  const answers = new HistoryAnswers();
  const [series, setSeries] = createSignal<History>(new Map());
  const [bounds, setBounds] = createSignal(boundsOf(untrack(window)));
  const [answered, setAnswered] = createSignal(0);
  const [asked, setAsked] = createSignal<Bounds>();
  const [refusals, setRefusals] = createSignal<ReadonlyMap<string, Refusal>>(new Map());
  const [refusal, setRefusal] = createSignal<Refusal>();
  let newest: Question | undefined;

  const questionFor = (of: TimeWindow): Question => {
    const { from, to } = boundsOf(of);
    const everyMs = of.everyMs ?? REPORT_EVERY_MS;
    return { wanted: metrics(), most: most(), from, to, maxPoints: pointsFor(to - from, everyMs, width()) };
  };
  const take = ({ series: next, failed }: Answer) => {
    const reasons = [...failed.values()];
    if (reasons.some(meansSignedOut)) return sessionLost();
    const since = performance.now();
    batch(() => {
      setRefusal(next.size === 0 ? reasons[0] : undefined);
      // A part that vanished meanwhile has no history to show; that alone is no failure.
      setRefusals(new Map([...failed].filter(([, { reason }]) => next.size > 0 && reason !== "not_found")));
      if (next.size > 0 || failed.size === 0) setSeries(next);
      setAnswered((count) => count + 1);
    });
    // Plots draw in the turn after this one.
    queueMicrotask(() => performance.measure("history drawn", { start: since }));
  };
  const ask = async (afresh: boolean) => {
    const question = questionFor(window());
    newest = question;
    if (afresh) answers.forget();
    else answers.leave(question);
    const live = window().fixed === undefined;
    const known = answers.find(question, live ? REPORT_EVERY_MS : 0);
    batch(() => {
      setBounds(question);
      setAsked({ from: question.from, to: question.to });
      if (known) take(known);
    });
    if (!known) {
      const answer = await answers.ask(question);
      if (newest !== question) return;
      take(answer);
    }
    if (!live) foreseeNeighbours(question);
  };
  const foresee = (next: TimeWindow) => {
    const question = questionFor(next);
    if (!isWanted() || document.hidden || connection().state !== "live") return;
    if (!answers.find(question, next.fixed ? 0 : REPORT_EVERY_MS)) void answers.ask(question);
  };
  /** Where one is likely to go from a window that one has moved to already. */
  const foreseeNeighbours = (from: Question) =>
    whenIdle(() => {
      if (newest !== from) return;
      for (const share of [-0.5, 0.5]) {
        const now = serverNow();
        const next = windowOf(toBounds(moved(from, share, now), window().range, now));
        if (next.fixed?.from !== from.from) foresee(next);
      }
    });

  // What is wanted is compared by value: a report does not change it, a new disk does.
  const question = () =>
    JSON.stringify([[...metrics()].map(([id, names]) => [id, ...names]), window(), isWanted()]);
  createEffect(
    on([question, () => connection().state], ([wanted, state], before) => {
      const reconnected = state === "live" && before?.[1] === "away";
      if (isWanted() && (wanted !== before?.[0] || reconnected)) void ask(reconnected);
    }),
  );
  const renewal = setInterval(() => {
    if (!window().fixed && !document.hidden && connection().state === "live" && isWanted()) void ask(true);
  }, RENEW_MS);
  onCleanup(() => {
    newest = undefined;
    answers.forget();
    clearInterval(renewal);
  });

  createEffect(
    on(
      () => picture.resources[resourceId()]?.lastSeenAt,
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
    asked,
    answered,
    foresee,
    refusal,
    refusalFor: (id) => refusals().get(id),
  };
}

export function boundsOf({ fixed, spanMs }: TimeWindow): Bounds {
  if (fixed) return fixed;
  const to = serverNow();
  return { from: to - spanMs, to };
}

function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in globalThis) requestIdleCallback(act, { timeout: 2_000 });
  else setTimeout(act, 200);
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
