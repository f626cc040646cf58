/**
 * What makes the live window move: loaded when somebody opens one. It glides, and ends a moment before the newest
 * report, so that lines come into it instead of jumping.
 */
import { type Accessor, createEffect, createMemo, createSignal, on, onCleanup } from "solid-js";
import { picture, serverNow } from "../../state/live.ts";
import { createWatching, type Watching } from "../../state/watching.ts";

/** A report that comes this much later than the one before is none of a machine that reports each second. */
const FAST_WITHIN_MS = 2_500;
/** So often the window moves: about a point of a plot each time, or once with each second. */
const MOVES_EVERY_MS = 200;
const STILL_MOVES_EVERY_MS = 1_000;
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

export interface Motion {
  /** The machine has been asked to report each second, at some time in this window. */
  isHeld: Accessor<boolean>;
  pace: Accessor<LivePace>;
  again: () => void;
  /** What is in sight of a window so long. */
  bounds: (spanMs: number) => { from: number; to: number };
}

export function createMotion(resourceId: Accessor<string>, isOn: Accessor<boolean>): Motion {
  const { watching, again } = createWatching(() => (isOn() ? resourceId() : undefined));
  const seenAt = () => picture.resources[resourceId()]?.lastSeenAt;
  const [now, setNow] = createSignal(serverNow());
  /** How far behind us the machine's newest report is at the least: its clock, and the way. */
  const [behindMs, setBehindMs] = createSignal<number>();
  const [lastGapMs, setLastGapMs] = createSignal(Number.POSITIVE_INFINITY);

  createEffect(
    on([isOn, resourceId], ([on]) => {
      setBehindMs(undefined);
      setLastGapMs(Number.POSITIVE_INFINITY);
      if (!on) return;
      setNow(serverNow());
      const everyMs = stillness.matches ? STILL_MOVES_EVERY_MS : MOVES_EVERY_MS;
      const timer = setInterval(() => document.hidden || setNow(serverNow()), everyMs);
      onCleanup(() => clearInterval(timer));
    }),
  );
  createEffect(
    on(
      seenAt,
      (at, before) => {
        if (!isOn() || at === undefined) return;
        const behind = serverNow() - at;
        setBehindMs((known) => Math.min(known ?? behind, behind));
        if (before !== undefined && before !== null) setLastGapMs(at - before);
      },
      { defer: true },
    ),
  );

  /* A server that is away for a moment is no reason to read everything anew in other steps. */
  const isHeld = createMemo<boolean>((held) => {
    const known = watching();
    return isOn() && (held || (known.state === "said" && known.watch.until !== undefined));
  }, false);
  const machineNow = () => now() - (behindMs() ?? 0);
  return {
    again,
    isHeld,
    pace: () => {
      const silentMs = Math.max(0, machineNow() - (seenAt() ?? 0));
      const isFast = lastGapMs() < FAST_WITHIN_MS && silentMs < FAST_WITHIN_MS + HIDDEN_MS;
      return { watching: watching(), isFast, silentMs };
    },
    bounds: (spanMs) => {
      const to = machineNow() - HIDDEN_MS;
      return { from: to - spanMs + 3 * HIDDEN_MS, to };
    },
  };
}
