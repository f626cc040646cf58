/**
 * The window that moves with the time: what is shown of the last two minutes, while the machine is asked to report each
 * second. It glides, and ends a moment before the newest report, so that lines come into it instead of jumping.
 */
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { picture, serverNow } from "../../state/live.ts";
import { createWatching, type Watching } from "../../state/watching.ts";
import type { MachineHistory } from "./history.ts";
import type { TimeWindow } from "./window.ts";

const EVERY_MS = 1_000;
const SHORT_MS = 10 * 60_000;
/** A report that comes this much later than the one before is none of a machine that reports each second. */
const FAST_WITHIN_MS = 2_500;
/** So often the window moves: about a point of a plot each time. */
const MOVES_EVERY_MS = 200;
/** What is newer than this is not in sight yet, and what is older than the rest not any more. */
const HIDDEN_MS = 1_500;
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** How often the machine reports, as far as this page has seen. */
export interface LivePace {
  watching: Watching;
  /** Its reports have come each second, and still do. */
  isFast: boolean;
  /** Since its newest report. */
  silentMs: number;
}

export interface Live {
  isOn: Accessor<boolean>;
  /** The same window, and how often reports come in it. */
  window: Accessor<TimeWindow>;
  pace: Accessor<LivePace>;
  again: () => void;
  /** The same history, seen through the window that moves. */
  glide: (history: MachineHistory) => MachineHistory;
}

export function createLive(resourceId: Accessor<string>, window: Accessor<TimeWindow>): Live {
  const isOn = createMemo(() => window().range === "live" && window().fixed === undefined);
  const { watching, again } = createWatching(() => (isOn() ? resourceId() : undefined));
  const isHeld = createMemo(() => {
    const now = watching();
    return now.state === "said" && now.watch.until !== undefined;
  });
  /* A short stretch of the past may have been looked at as closely: where it was not, the server says so. */
  const isShort = () => window().fixed !== undefined && window().spanMs <= SHORT_MS;
  const live = createMemo(() =>
    (isOn() && isHeld()) || isShort() ? { ...window(), everyMs: EVERY_MS } : window(),
  );
  const seenAt = () => picture.resources[resourceId()]?.lastSeenAt;
  const [now, setNow] = createSignal(0);
  /** How far behind us the machine's newest report is at the least: its clock, and the way. */
  const [behindMs, setBehindMs] = createSignal(Number.POSITIVE_INFINITY);
  const [lastGapMs, setLastGapMs] = createSignal(Number.POSITIVE_INFINITY);

  createEffect(
    on([isOn, resourceId], ([on]) => {
      setBehindMs(Number.POSITIVE_INFINITY);
      setLastGapMs(Number.POSITIVE_INFINITY);
      if (!on) return;
      setNow(serverNow());
      const timer = setInterval(
        () => document.hidden || setNow(serverNow()),
        stillness.matches ? EVERY_MS : MOVES_EVERY_MS,
      );
      onCleanup(() => clearInterval(timer));
    }),
  );
  createEffect(
    on(
      seenAt,
      (at, before) => {
        if (!isOn() || at === undefined) return;
        setBehindMs((known) => Math.min(known, serverNow() - at));
        if (before !== undefined && before !== null) setLastGapMs(at - before);
      },
      { defer: true },
    ),
  );

  const end = () => now() - (Number.isFinite(behindMs()) ? behindMs() : 0) - HIDDEN_MS;
  return {
    isOn,
    window: live,
    again,
    pace: () => {
      const silentMs = Math.max(0, now() - (Number.isFinite(behindMs()) ? behindMs() : 0) - (seenAt() ?? 0));
      const isFast = lastGapMs() < FAST_WITHIN_MS && silentMs < FAST_WITHIN_MS + HIDDEN_MS;
      return { watching: watching(), isFast, silentMs };
    },
    glide: (history) => ({
      ...history,
      from: () => (isOn() ? end() - window().spanMs + 2 * HIDDEN_MS + EVERY_MS : history.from()),
      to: () => (isOn() ? end() : history.to()),
    }),
  };
}
