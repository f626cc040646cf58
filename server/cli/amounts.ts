/** Lengths of time in days and amounts of bytes, as they are typed and as they are printed. */
import { UsageError } from "./command.ts";

const DAYS_IN: Readonly<Record<string, number>> = { d: 1, w: 7, y: 365 };
const BYTES_IN: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** `90d`, `12w`, `2y`; a year has 365 days. */
export function daysOf(text: string, option: string): number {
  const [, number = "", unit = ""] = /^(\d{1,6})([dwy])$/.exec(text) ?? [];
  const days = DAYS_IN[unit];
  if (days === undefined) throw new UsageError(`${option} takes a time like 90d, 12w or 2y, not "${text}"`);
  return Number(number) * days;
}

/** `500MB`, `1.5GiB`. */
export function sizeOf(text: string, option: string): number {
  const [, number = "", unit = ""] = /^(\d{1,9}(?:\.\d{1,3})?) ?([A-Za-z]{1,3})$/.exec(text) ?? [];
  const bytes = BYTES_IN[unit.toUpperCase()];
  if (bytes === undefined)
    throw new UsageError(`${option} takes an amount like 500MB or 2GiB, or none, not "${text}"`);
  return Math.round(Number(number) * bytes);
}

export function daysWords(days: number): string {
  if (days >= 365 && days % 365 === 0) return days === 365 ? "1 year" : `${days / 365} years`;
  return days === 1 ? "1 day" : `${days} days`;
}

/** Three significant digits. */
export function bytesWords(bytes: number): string {
  let scaled = bytes;
  let unit = 0;
  while (scaled >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1_024;
    unit++;
  }
  const digits = unit === 0 || scaled >= 99.95 ? 0 : scaled >= 9.995 ? 1 : 2;
  return `${scaled.toFixed(digits)} ${UNITS[unit]}`;
}

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
