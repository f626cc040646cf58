import type { HistorySeries } from "../../../server/contract/history.ts";
import { bridge } from "../../state/series.ts";
import { duration } from "../../ui/format.ts";
import type { Level } from "../../ui/meter.tsx";
import { REPORT_EVERY_MS } from "./history-answers.ts";
import type { Bounds } from "./window.ts";

/** Something that happened to what the charts are about: a moment, or with `until` a stretch of time. */
export interface Mark {
  kind: string;
  at: number;
  until?: number;
  level: Level | "unknown";
  /** The one value it is about: charts of others are not tinted. Left out: it is about all of them. */
  about?: { resourceId: string; metric?: string };
  /** What happened; when, and for how long, is said beside it. */
  words: string;
}

/** What is asked for beyond what is drawn: what happened is read from it. */
export const MARK_METRICS = ["uptime_seconds", "restart_count", "up"];

/** As many can be told apart and read; the newest. */
export const MARKS_MAX = 100;

/** Clocks differ by this much, and uptimes are whole seconds. */
const SLACK_S = 60;
/** A shorter silence is a report that was late. */
const SILENCE_LEAST_MS = 60_000;

/** What a history tells of, beside figures: restarts, silence, failed checks. Oldest first. `all` is what was asked. */
export function marksIn(
  find: (metric: string) => HistorySeries | undefined,
  all: readonly HistorySeries[],
  shown: Bounds,
): Mark[] {
  const known = (metric: string, tell: (series: HistorySeries) => Mark[]) => {
    const series = find(metric);
    return series ? tell(series) : [];
  };
  const fullest = fullestOf(all);
  const marks = [
    ...known("uptime_seconds", restarts),
    ...known("restart_count", countedRestarts),
    ...known("up", failures),
    ...(fullest ? silences(fullest, shown.to) : []),
  ];
  return shownOf(marks, shown);
}

/** Those that touch a window, oldest first. */
export function shownOf(marks: readonly Mark[], { from, to }: Bounds): Mark[] {
  return marks
    .filter(({ at, until = at }) => until >= from && at <= to)
    .sort((a, b) => a.at - b.at)
    .slice(-MARKS_MAX);
}

/** How long it lasted, where it did. */
export function lengthOf({ at, until }: Mark): string {
  return until === undefined ? "" : duration((until - at) / 1_000);
}

/**
 * An uptime that is less than it was began anew: when is the time of a report less what it says. Where a step holds
 * both, the old uptime and the new, the next step tells.
 */
function restarts({ times, min, max, step }: HistorySeries): Mark[] {
  const marks: Mark[] = [];
  let before: number | undefined;
  let isOpen = false;
  for (const [index, at] of times.entries()) {
    const [least, most] = [min[index] ?? undefined, max[index] ?? undefined];
    if (least === undefined || most === undefined) continue;
    const bootAt = at - least * 1_000;
    if (isOpen) marks.push(restartAt(Math.max(bootAt, (marks.at(-1)?.at ?? 0) + 1)));
    const isInside = most - least > step / 1_000 + SLACK_S;
    if (!isInside && !isOpen && before !== undefined && least < before - SLACK_S)
      marks.push(restartAt(bootAt));
    isOpen = isInside;
    before = most;
  }
  if (isOpen) marks.push(restartAt(times.at(-1) ?? 0));
  return marks;
}

function restartAt(at: number): Mark {
  return { kind: "restart", at, level: "fine", words: "Restarted" };
}

function countedRestarts({ times, max }: HistorySeries): Mark[] {
  const marks: Mark[] = [];
  let before: number | undefined;
  for (const [index, at] of times.entries()) {
    const count = max[index];
    if (count === null || count === undefined) continue;
    const more = before === undefined ? 0 : Math.round(count - before);
    if (more > 0) {
      const words = more === 1 ? "Restarted" : `Restarted ${more} times`;
      marks.push({ kind: "restart", at, level: more === 1 ? "fine" : "warning", words });
    }
    before = count;
  }
  return marks;
}

/** Steps in which it did not answer every time, one after the other, are one failure. */
function failures({ times, min, step }: HistorySeries): Mark[] {
  const marks: Mark[] = [];
  for (const [index, at] of times.entries()) {
    const value = min[index];
    if (value === null || value === undefined || value >= 1) continue;
    const last = marks.at(-1);
    if (last?.until === at) last.until = at + step;
    else marks.push({ kind: "down", at, until: at + step, level: "critical", words: "Down" });
  }
  return marks;
}

/** Not every report has everything in it: what is known most often tells when there were any. */
function fullestOf(all: readonly HistorySeries[]): HistorySeries | undefined {
  let fullest: { series: HistorySeries; known: number } | undefined;
  for (const series of all) {
    let known = 0;
    for (const value of series.avg) if (value !== null) known += 1;
    if (!fullest || known > fullest.known) fullest = { series, known };
  }
  return fullest?.series;
}

/** Before the first report there may have been nothing to be silent. */
function silences({ times, avg, step }: HistorySeries, until: number): Mark[] {
  const values = bridge(avg, step >= 2 * REPORT_EVERY_MS);
  const first = values.findIndex((value) => typeof value === "number");
  const marks: Mark[] = [];
  let since: number | undefined;
  const end = (at: number) => {
    if (since !== undefined && at - since >= Math.max(SILENCE_LEAST_MS, 2 * step))
      marks.push({ kind: "silence", at: since, until: at, level: "unknown", words: "No reports" });
    since = undefined;
  };
  if (first < 0) return marks;
  for (let index = first; index < values.length; index += 1) {
    const at = times[index] ?? 0;
    if (values[index] === null) since ??= at;
    else if (typeof values[index] === "number") end(at);
  }
  since ??= (times.at(-1) ?? until) + step;
  end(until);
  return marks;
}
