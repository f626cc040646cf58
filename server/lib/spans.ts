/** Lengths of time and counts, as a person says them. */

/** "3 days", "1 hour": the largest unit of which there is at least one and a half, rounded down. */
export function span(ms: number): string {
  for (const [unit, size] of SPANS) if (ms >= size * 1.5 || size === 1_000) return count(ms / size, unit);
  return count(ms / 1_000, "second");
}

const SPANS: [unit: string, size: number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];

function count(value: number, unit: string): string {
  return plural(Math.floor(value), unit);
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString("en-US")} ${word}${count === 1 ? "" : "s"}`;
}
