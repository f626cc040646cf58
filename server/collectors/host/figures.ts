import { REPORT_LIMITS } from "../../contract/report-limits.ts";
import type { Metrics } from "../../contract/resource.ts";
import { sha256Hex } from "../../lib/random-id.ts";

/** A figure that could not be found out. It never becomes a zero on the way. */
export type Figure = number | undefined;

/** Only what is known. */
export function known(figures: Record<string, Figure>): Metrics {
  const metrics: Metrics = {};
  for (const [name, value] of Object.entries(figures)) {
    if (value !== undefined && Number.isFinite(value)) metrics[name] = value;
  }
  return metrics;
}

/** Only what is known, of any kind. */
export function knownAttributes(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

export function rounded(value: Figure, decimals = 2): Figure {
  if (value === undefined || !Number.isFinite(value)) return undefined;
  const scale = 10 ** decimals;
  return Math.round(value * scale) / scale;
}

/** 0 to 100: clocks and counters are read one after the other, so a full share may come out above. */
export function percentOf(part: Figure, whole: Figure): Figure {
  if (part === undefined || whole === undefined || whole <= 0) return undefined;
  return rounded(Math.min(100, Math.max(0, (part / whole) * 100)));
}

/** How far a counter came. Unknown the first time, and when it wrapped or started anew. */
export function increase(before: Figure, after: Figure): Figure {
  if (before === undefined || after === undefined || after < before) return undefined;
  return after - before;
}

/** Over a span that has no length nothing is known. */
export function perSecond(before: Figure, after: Figure, seconds: number, decimals = 0): Figure {
  const gained = increase(before, after);
  return gained === undefined || seconds <= 0 ? undefined : rounded(gained / seconds, decimals);
}

/** Sum of what is known; unknown when nothing is. */
export function sum(figures: Figure[]): Figure {
  const values = figures.filter((figure) => figure !== undefined);
  return values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
}

export function largest(figures: Figure[]): Figure {
  const values = figures.filter((figure) => figure !== undefined);
  return values.length === 0 ? undefined : Math.max(...values);
}

/** Text for a person, from a machine that may hold anything: no control characters, a bounded length. */
export function clip(text: string, length: number = REPORT_LIMITS.nameLength): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  const printable = text.replace(/[\u0000-\u001f\u007f]+/g, " ").trim();
  return printable.slice(0, length).toWellFormed();
}

/** A key must stay unique when it is shortened: two long mount points may begin alike. */
export function resourceKey(...parts: string[]): string {
  const key = parts.join("/");
  if (key.length <= REPORT_LIMITS.keyLength) return key;
  const hash = sha256Hex(key).slice(0, 16);
  return `${key.slice(0, REPORT_LIMITS.keyLength - hash.length - 1).toWellFormed()}~${hash}`;
}
