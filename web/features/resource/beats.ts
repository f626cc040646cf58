/** How a check went, as beats of equal length: a picture of a day at a glance. Pure. */
import type { HistorySeries } from "../../../server/contract/history.ts";

export interface Beat {
  from: number;
  to: number;
  /** `partly`: it failed now and then. */
  state: "up" | "partly" | "down" | "unknown";
  /** Share of the time it was up. */
  share: number | undefined;
}

/** The beats between two times; one of which nothing is known says so. */
export function beatsOf(series: HistorySeries | undefined, from: number, to: number, count: number): Beat[] {
  const length = (to - from) / count;
  const sums = Array.from({ length: count }, () => ({ sum: 0, known: 0, least: 1 }));
  series?.times.forEach((time, index) => {
    const up = series.avg[index];
    const place = Math.floor((time + series.step / 2 - from) / length);
    const beat = sums[place];
    if (!beat || up === null || up === undefined) return;
    beat.sum += up;
    beat.known += 1;
    beat.least = Math.min(beat.least, series.min[index] ?? up);
  });
  return sums.map(({ sum, known, least }, index) => {
    const share = known === 0 ? undefined : sum / known;
    const state = share === undefined ? "unknown" : least >= 1 ? "up" : share <= 0 ? "down" : "partly";
    return { from: from + index * length, to: from + (index + 1) * length, state, share };
  });
}

/** The part of the known time since `from` in which it was up, as percent; undefined when nothing is known. */
export function availability(series: HistorySeries | undefined, from: number): number | undefined {
  let sum = 0;
  let known = 0;
  series?.times.forEach((time, index) => {
    const up = series.avg[index];
    if (time + series.step <= from || up === null || up === undefined) return;
    sum += up;
    known += 1;
  });
  return known === 0 ? undefined : (100 * sum) / known;
}

/** Three nines and two nines are worlds apart: never rounded up to 100. */
export function availabilityWords(percent: number | undefined): string {
  if (percent === undefined) return "–";
  if (percent >= 100) return "100";
  if (percent >= 99.9) return (Math.floor(percent * 1_000) / 1_000).toFixed(3);
  return (Math.floor(percent * 100) / 100).toFixed(2);
}
