/** Limits and delays as they are typed and read: in the unit a metric's name ends in, times in whole units. */
import { type Unit, unitOf } from "../../../server/contract/metrics.ts";
import { sizeOf, sizeText } from "../retention/words.ts";

export interface ValueForm {
  /** What the field counts; empty where it is typed with the number, or there is none. */
  unit: string;
  /** Typed with digits alone. */
  isNumber: boolean;
  /** As it stands in the field. */
  text: (value: number) => string;
  /** Undefined when it is none. */
  parse: (typed: string) => number | undefined;
  /** What would be right. */
  like: string;
}

/** Keeps a number and its unit on one line. */
const NO_BREAK = "\u00a0";

const counted = (unit: string): ValueForm => ({
  unit,
  isNumber: true,
  text: plainNumber,
  parse: numberOf,
  like: unit ? `A number, in ${unit}.` : "A number.",
});

const DURATION: ValueForm = {
  unit: "",
  isNumber: false,
  text: (seconds) => durationText(seconds * 1_000),
  parse(typed) {
    const ms = durationOf(typed);
    return ms === undefined ? undefined : ms / 1_000;
  },
  like: "A time like 250 ms, 30 s, 12 h or 7 d.",
};

const FORMS: Record<Unit, ValueForm> = {
  percent: counted("%"),
  celsius: counted("°C"),
  rpm: counted("rpm"),
  per_second: counted("/s"),
  count: counted(""),
  bytes: {
    unit: "",
    isNumber: false,
    text: amountText,
    parse: amountOf,
    like: "An amount like 500 MB or 2 GiB.",
  },
  bytes_per_second: {
    unit: "",
    isNumber: false,
    text: (value) => `${amountText(value)}/s`,
    parse: (typed) => amountOf(typed.trim().replace(/\s*\/\s*s$/i, "")),
    like: "An amount like 20 MB/s.",
  },
  seconds: DURATION,
};

/** Between what every value of a unit is. */
const RANGES: Partial<Record<Unit, { least: number; most?: number }>> = {
  percent: { least: 0, most: 100 },
  rpm: { least: 0 },
  per_second: { least: 0 },
  bytes: { least: 0 },
  bytes_per_second: { least: 0 },
  seconds: { least: 0 },
};

/** Where nothing is known of it, from anything to anything. */
export function rangeOf(metric: string): { least: number; most: number } {
  return { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY, ...RANGES[unitOf(metric)] };
}

export function valueFormOf(metric: string): ValueForm {
  return FORMS[unitOf(metric)];
}

/** As it is read: "90 %", "7 d", "2 GiB". */
export function valueWords(metric: string, value: number): string {
  const { unit, text } = valueFormOf(metric);
  return (unit ? `${text(value)}${NO_BREAK}${unit}` : text(value)).replaceAll(" ", NO_BREAK);
}

function plainNumber(value: number): string {
  return String(Number(value.toFixed(3)));
}

function numberOf(typed: string): number | undefined {
  const text = typed.trim().replace(",", ".");
  return /^[-−]?\d{1,15}(?:\.\d{1,6})?$/.test(text) ? Number(text.replace("−", "-")) : undefined;
}

function amountText(value: number): string {
  return Math.abs(value) < 1_000 ? `${plainNumber(value)} B` : sizeText(value);
}

function amountOf(typed: string): number | undefined {
  const [, bytes] = /^(\d{1,15})\s*B?$/i.exec(typed.trim()) ?? [];
  return bytes === undefined ? sizeOf(typed) : Number(bytes);
}

const UNITS: readonly [name: string, ms: number][] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
  ["ms", 1],
];
/** As people write them, in the singular. */
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ["millisecond", 1],
  ["sec", 1_000],
  ["second", 1_000],
  ["m", 60_000],
  ["minute", 60_000],
  ["hr", 3_600_000],
  ["hour", 3_600_000],
  ["day", 86_400_000],
  ["w", 7 * 86_400_000],
  ["week", 7 * 86_400_000],
  ...UNITS,
]);

/** In the largest unit in which it is a whole number: "90 s", "15 min", "7 d". */
export function durationText(ms: number): string {
  if (ms === 0) return "0 s";
  const [name, size] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ["s", 1_000];
  return `${plainNumber(ms / size)} ${name}`;
}

/** Milliseconds; undefined when it is no time. Nothing, and "at once", is none to wait. */
export function durationOf(typed: string): number | undefined {
  const text = typed.trim().toLowerCase();
  if (text === "" || text === "0" || text === "at once") return 0;
  const parts = [...text.matchAll(/(\d{1,9}(?:[.,]\d{1,3})?)\s*([a-z]*)\s*/g)];
  if (parts.map(([part]) => part).join("") !== text) return undefined;
  let sum = 0;
  let before = Number.POSITIVE_INFINITY;
  for (const [, number = "", unit = ""] of parts) {
    const size = unit ? (UNIT_MS.get(unit) ?? UNIT_MS.get(unit.replace(/s$/, ""))) : unitBelow(before);
    if (size === undefined || size >= before) return undefined;
    sum += Number(number.replace(",", ".")) * size;
    before = size;
  }
  return Math.round(sum);
}

/** "1h30" is an hour and thirty minutes. */
function unitBelow(size: number): number | undefined {
  return Number.isFinite(size) ? UNITS.find(([, each]) => each < size)?.[1] : undefined;
}

export const DURATION_LIKE = "A time like 30 s, 5 min or 2 h.";
