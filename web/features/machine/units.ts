import type { Unit } from "../../../server/contract/metrics.ts";
import {
  bytes,
  bytesPerSecond,
  celsius,
  count,
  type Figure,
  latency,
  type Maybe,
  percent,
  perSecond,
  ratio,
  rpm,
  text,
} from "../../ui/format.ts";
import { roundTop, roundTopBytes, roundTopPercent } from "../../ui/scale.ts";

/** How values of a unit are written, and where their scale may end. */
export interface UnitForm {
  figure: (value: Maybe) => Figure;
  top: (highest: number, least: number) => number;
  /** The smallest scale worth having: below it noise would look like a mountain. */
  leastTop: number;
  /** Room for any value, so that nothing moves when it changes. */
  width: string;
}

const FORMS: Record<Unit, UnitForm> = {
  percent: { figure: percent, top: roundTopPercent, leastTop: 5, width: "min-w-[3.7em]" },
  bytes: { figure: bytes, top: roundTopBytes, leastTop: 1_048_576, width: "min-w-[4.6em]" },
  bytes_per_second: {
    figure: bytesPerSecond,
    top: roundTopBytes,
    leastTop: 16_384,
    width: "min-w-[5.6em]",
  },
  per_second: { figure: perSecond, top: roundTop, leastTop: 1, width: "min-w-[4.2em]" },
  celsius: {
    figure: celsius,
    top: (highest, least) => Math.ceil(Math.max(highest, least) / 20) * 20,
    leastTop: 60,
    width: "min-w-[3.2em]",
  },
  seconds: { figure: latency, top: roundTop, leastTop: 0.001, width: "min-w-[4.4em]" },
  rpm: { figure: rpm, top: roundTop, leastTop: 1_000, width: "min-w-[5.2em]" },
  count: { figure: ratio, top: roundTop, leastTop: 1, width: "min-w-[2.8em]" },
};

export function formOf(unit: Unit): UnitForm {
  return FORMS[unit];
}

/** The same for a chart; what is counted in whole numbers has no decimals. */
export function formFor({ unit, whole }: { unit: Unit; whole?: boolean }): UnitForm {
  return unit === "count" && whole ? { ...FORMS.count, figure: count } : FORMS[unit];
}

/** How much more it is now, with its sign; nothing where one of both is unknown. */
export function difference(form: UnitForm, now: Maybe, before: Maybe): string {
  if (typeof now !== "number" || typeof before !== "number") return "";
  const more = now - before;
  return `${more < 0 ? "−" : more > 0 ? "+" : "±"}${text(form.figure(Math.abs(more)))}`;
}

/** How much one of a written unit is, where it is not one of what is stored. */
const SIZE_OF: Record<string, number> = {
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  PiB: 1024 ** 5,
  µs: 1e-6,
  ms: 1e-3,
};
const DECIMALS = [0, 1, 2];

/** Texts along an axis, the highest last: all in one unit, with the same few decimals. */
export function axisTexts(unit: Unit, values: readonly number[]): string[] {
  const { unit: written } = FORMS[unit].figure(values.at(-1));
  const size = SIZE_OF[written.replace("/s", "")] ?? 1;
  const scaled = values.map((value) => value / size);
  const decimals = decimalsFor(scaled);
  return scaled.map((value) => {
    if (value === 0) return unit === "percent" ? text({ number: "0", unit: "%" }) : "0";
    const format = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    return text({ number: value.toLocaleString("en-US", format), unit: written });
  });
}

/** As many as all of them need to be exact; where none are enough, as many as make three digits of the highest. */
function decimalsFor(values: readonly number[]): number {
  const isExact = (value: number, decimals: number) =>
    Math.abs(Number(value.toFixed(decimals)) - value) <= Math.abs(value) * 1e-6;
  const exact = DECIMALS.find((decimals) => values.every((value) => isExact(value, decimals)));
  if (exact !== undefined) return exact;
  const highest = Math.max(...values);
  return highest >= 100 ? 0 : highest >= 10 ? 1 : 2;
}
