import type { Target } from "./calls.ts";

/** Value of one series as `/metrics` tells it; 0 for one that is not there. `labels` name it completely. */
export async function metric(
  target: Target,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const text = await (await fetch(`${target.url}/metrics`)).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  for (const line of text.split("\n")) {
    const [, found, held = "", value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (found !== name) continue;
    const pairs = held === "" ? [] : held.split(",");
    if (pairs.length === wanted.length && wanted.every((pair) => pairs.includes(pair))) return Number(value);
  }
  return 0;
}
