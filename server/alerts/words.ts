/** How figures and names stand in the words of an alert: like on the page. */
import type { Resource } from "../contract/resource.ts";

/** Keeps a number and its unit on one line. */
const NO_BREAK = "\u00a0";
const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const NAME_MAX = 60;

export function percent(value: number): string {
  return `${value >= 99.95 ? value.toFixed(0) : value.toFixed(1)}${NO_BREAK}%`;
}

export function bytes(value: number): string {
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(scaled) : significant(scaled)}${NO_BREAK}${BYTE_UNITS[unit]}`;
}

export function celsius(value: number): string {
  return `${value.toFixed(0)}${NO_BREAK}°C`;
}

/** 1.23, 12.3, 123, 1,234 */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 9.995) return Number.isInteger(value) ? String(value) : value.toFixed(2);
  if (size < 99.95) return Number.isInteger(value) ? String(value) : value.toFixed(1);
  return Math.round(value).toLocaleString("en-US");
}

/** Names of parts can be as long as a path; what is wrong with them must not drown in it. */
export function short(name: string): string {
  return name.length <= NAME_MAX ? name : `${name.slice(0, NAME_MAX / 2)}…${name.slice(1 - NAME_MAX / 2)}`;
}

/** At most three are named. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map(short).join(", ");
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

export interface Said {
  words: string;
  about: "itself" | "part";
}

/** "Restarts again and again." is said of it; "The certificate has expired." stands on its own. */
const OF_ITSELF = /^(?!its |this |there )(?:is|has|was|does|could|cannot|did|[a-z]+s)(?: |,|$)/;

/** A sentence of a collector, as something that is said after a name. */
export function saidOf(problem: string): Said {
  const sentence = problem.replace(/\.$/, "");
  /* "DNS", "I/O": what is written large within stays so. */
  const words = /^[A-Z][^A-Z]?[a-z ]/.test(sentence)
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;
  return { words, about: OF_ITSELF.test(words) ? "itself" : "part" };
}

/** The sentence about what is wrong; of what is well or silent there is none. */
export function problemOf({ status, attributes }: Resource): string {
  const { problem } = attributes;
  const isTold = (status === "down" || status === "degraded") && typeof problem === "string";
  return isTold ? problem : "";
}
