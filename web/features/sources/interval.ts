const MINUTE_MS = 60_000;

const STEPS: [ms: number, label: string][] = [
  [10_000, "10 seconds"],
  [30_000, "30 seconds"],
  [MINUTE_MS, "1 minute"],
  [2 * MINUTE_MS, "2 minutes"],
  [5 * MINUTE_MS, "5 minutes"],
  [15 * MINUTE_MS, "15 minutes"],
  [30 * MINUTE_MS, "30 minutes"],
  [60 * MINUTE_MS, "1 hour"],
];

export const STANDARD_INTERVAL_MS = MINUTE_MS;

/** What can be chosen; one that a script has set is among them. */
export function intervalsWith(currentMs: number): { value: string; label: string }[] {
  const known = STEPS.some(([ms]) => ms === currentMs);
  const steps = known ? STEPS : [...STEPS, [currentMs, `${currentMs / 1_000} seconds`] as const];
  return steps.toSorted(([a], [b]) => a - b).map(([ms, label]) => ({ value: String(ms), label }));
}
