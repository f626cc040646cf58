import type { Gauge } from "./metrics.ts";

const PROBE_EVERY_MS = 1_000;
const WINDOW_PROBES = 60;

/** Keeps the gauge at the longest stall of this thread's event loop in the last minute, in seconds. */
export function watchEventLoop(gauge: Gauge): { stop(): void } {
  const lags: number[] = [];
  let expected = performance.now() + PROBE_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    lags.push(Math.max(0, now - expected) / 1_000);
    if (lags.length > WINDOW_PROBES) lags.shift();
    expected = now + PROBE_EVERY_MS;
    gauge.set(Math.max(...lags));
  }, PROBE_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
