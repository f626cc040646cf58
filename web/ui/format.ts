/**
 * Figures as they stand on the page: three significant digits, binary units for bytes (KiB, MiB, as
 * memory and filesystems count), and "–" for what is not known. Number and unit come apart, because
 * the unit is set smaller; `text` puts them together again.
 */
export interface Figure {
  number: string;
  unit: string;
}

export type Maybe = number | null | undefined;

export const UNKNOWN: Figure = { number: "–", unit: "" };
/** Keeps a number and its unit on one line. */
const NO_BREAK = "\u00a0";

function isKnown(value: Maybe): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

export function text({ number, unit }: Figure): string {
  return unit ? `${number}${NO_BREAK}${unit}` : number;
}

/** 1.23, 12.3, 123, 1,234 */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 9.995) return value.toFixed(2);
  if (size < 99.95) return value.toFixed(1);
  return grouped(value);
}

/** 12,345 */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function percent(value: Maybe): Figure {
  if (!isKnown(value)) return UNKNOWN;
  return { number: value >= 99.95 ? value.toFixed(0) : value.toFixed(1), unit: "%" };
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

export function bytes(value: Maybe): Figure {
  if (!isKnown(value)) return UNKNOWN;
  let scaled = value;
  let unit = 0;
  while (Math.abs(scaled) >= 999.5 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  const number = unit === 0 ? String(Math.round(scaled)) : significant(scaled);
  return { number, unit: BYTE_UNITS[unit] ?? "B" };
}

export function bytesPerSecond(value: Maybe): Figure {
  if (!isKnown(value)) return UNKNOWN;
  const { number, unit } = bytes(value);
  return { number, unit: `${unit}/s` };
}

export function perSecond(value: Maybe): Figure {
  if (!isKnown(value)) return UNKNOWN;
  return { number: significant(value), unit: "/s" };
}

export function celsius(value: Maybe): Figure {
  if (!isKnown(value)) return UNKNOWN;
  return { number: value.toFixed(0), unit: "°C" };
}

export function rpm(value: Maybe): Figure {
  if (!isKnown(value)) return UNKNOWN;
  return { number: grouped(value), unit: "rpm" };
}

export function count(value: Maybe): Figure {
  if (!isKnown(value)) return UNKNOWN;
  return { number: Number.isInteger(value) ? grouped(value) : significant(value), unit: "" };
}

/** Load and the like: two decimals while they matter. */
export function ratio(value: Maybe): Figure {
  if (!isKnown(value)) return UNKNOWN;
  return { number: value === 0 ? "0.00" : significant(value), unit: "" };
}

/** A time something takes: 1.23 ms. */
export function latency(seconds: Maybe): Figure {
  if (!isKnown(seconds)) return UNKNOWN;
  if (seconds === 0) return { number: "0", unit: "ms" };
  if (seconds < 0.000_999_5) return { number: significant(seconds * 1e6), unit: "µs" };
  if (seconds < 0.999_5) return { number: significant(seconds * 1e3), unit: "ms" };
  return { number: significant(seconds), unit: "s" };
}

/** Network speed is counted in decimal bits, as it is sold. */
export function linkSpeed(bitsPerSecond: Maybe): Figure {
  if (!isKnown(bitsPerSecond) || bitsPerSecond <= 0) return UNKNOWN;
  if (bitsPerSecond >= 1e9) return { number: String(bitsPerSecond / 1e9), unit: "Gbit/s" };
  return { number: String(bitsPerSecond / 1e6), unit: "Mbit/s" };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its two largest units: "12 d 4 h", "42 s". */
export function duration(seconds: Maybe): string {
  if (!isKnown(seconds)) return UNKNOWN.number;
  const whole = Math.max(0, Math.floor(seconds));
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) => {
    const first = `${Math.floor(whole / big)}${NO_BREAK}${bigUnit}`;
    const rest = Math.floor((whole % big) / small);
    return rest > 0 ? `${first} ${rest}${NO_BREAK}${smallUnit}` : first;
  };
  if (whole >= DAY) return pair(DAY, "d", HOUR, "h");
  if (whole >= HOUR) return pair(HOUR, "h", MINUTE, "min");
  if (whole >= MINUTE) return `${Math.floor(whole / MINUTE)}${NO_BREAK}min`;
  return `${whole}${NO_BREAK}s`;
}

/** How long ago, in one unit: "12 s ago". Clocks that disagree a little read as now. */
export function ago(at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1_000);
  if (seconds < 5) return "just now";
  if (seconds < MINUTE) return `${seconds}${NO_BREAK}s ago`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}${NO_BREAK}min ago`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}${NO_BREAK}h ago`;
  return `${Math.floor(seconds / DAY)}${NO_BREAK}d ago`;
}

/** How long until then, in one unit: "in 12 d". */
export function ahead(at: number, now: number): string {
  const seconds = Math.ceil((at - now) / 1_000);
  if (seconds <= 0) return "now";
  if (seconds < HOUR) return `in ${Math.ceil(seconds / MINUTE)}${NO_BREAK}min`;
  if (seconds < 2 * DAY) return `in ${Math.round(seconds / HOUR)}${NO_BREAK}h`;
  return `in ${Math.round(seconds / DAY)}${NO_BREAK}d`;
}

const two = (value: number) => String(value).padStart(2, "0");
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** 14:03, in the viewer's zone. */
export function clock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function clockWithSeconds(at: number): string {
  return `${clock(at)}:${two(new Date(at).getSeconds())}`;
}

export function day(at: number): string {
  const date = new Date(at);
  return `${date.getDate()} ${MONTHS[date.getMonth()]}`;
}

/** 14:03, or 6 Dec, 14:03 where that is not today: for times nobody expects to be of another day. */
export function clockOrDay(at: number, now: number): string {
  return date(at) === date(now) ? clock(at) : `${day(at)}, ${clock(at)}`;
}

/** Nov 2026 */
export function monthAndYear(at: number): string {
  const date = new Date(at);
  return `${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
}

/** 23 Nov 2026 */
export function date(at: number): string {
  return `${day(at)} ${new Date(at).getFullYear()}`;
}

/** 23 Nov 2026, 14:03:20 */
export function moment(at: number): string {
  return `${date(at)}, ${clockWithSeconds(at)}`;
}

export function plural(number: number, one: string, many = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}
