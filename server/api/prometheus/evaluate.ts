/**
 * What a query comes to, at every time it is asked for. Series are selected where they are kept, with one value for each
 * time; what is done with them afterwards is done here, on no more than that.
 *
 * A selector alone means the newest value, as Prometheus has it. Where values are asked for five minutes apart and
 * more, Prometheus shows one sample of each step and passes over all others; here it is the mean of the step that ends
 * there, which costs nothing because steps are kept, and says more.
 */
import {
  NAME_LABEL,
  type OverTime,
  PROMETHEUS_LIMITS,
  type SelectedSeries,
  type SelectInput,
  type SeriesLabels,
} from "../../contract/prometheus.ts";
import { DomainError } from "../../lib/domain-error.ts";
import type { AggregateName, MathName, Query } from "./parse-query.ts";
import { badQuery } from "./query-text.ts";

/** Epoch milliseconds; one time is a step of nothing. */
export interface Times {
  startAt: number;
  stepMs: number;
  count: number;
}

export type Result = { is: "scalar"; values: Float64Array } | { is: "vector"; series: SelectedSeries[] };

type Select = (input: SelectInput) => Promise<SelectedSeries[]>;

/** What Prometheus looks back, unless told otherwise. */
const LOOK_BACK_MS = 5 * 60_000;

export async function evaluate(query: Query, times: Times, select: Select): Promise<Result> {
  const result = await new Evaluation(times, select).result(query);
  if (result.is === "vector" && result.series.length * times.count > PROMETHEUS_LIMITS.values)
    throw new DomainError("too_large", "The query would give too many values: take a longer step.");
  return result;
}

class Evaluation {
  readonly #times: Times;
  readonly #select: Select;

  constructor(times: Times, select: Select) {
    this.#times = times;
    this.#select = select;
  }

  async result(query: Query): Promise<Result> {
    switch (query.is) {
      case "number":
        return { is: "scalar", values: new Float64Array(this.#times.count).fill(query.value) };
      case "series":
        return { is: "vector", series: await this.#series(query) };
      case "math":
        return this.#mapped(await this.result(query.of), MATH[query.name](query.numbers));
      case "aggregate":
        return this.#aggregate(query);
      case "binary": {
        /* One after the other: a query takes one place among those that read. */
        const left = await this.result(query.left);
        return this.#binary(query, left, await this.result(query.right));
      }
    }
  }

  async #series({ selector, over, rangeMs, offsetMs }: Query & { is: "series" }): Promise<SelectedSeries[]> {
    const { startAt, stepMs, count } = this.#times;
    const isCoarse = rangeMs === undefined && count > 1 && stepMs >= LOOK_BACK_MS;
    const windowed: { over: OverTime; windowMs: number } = isCoarse
      ? { over: "avg", windowMs: stepMs }
      : { over, windowMs: rangeMs ?? LOOK_BACK_MS };
    const selected = await this.#select({
      selector,
      ...windowed,
      startAt: startAt - offsetMs,
      stepMs,
      count,
    });
    return rangeMs === undefined || over === "last" ? selected : requireDistinct(selected.map(unnamed));
  }

  #mapped(result: Result, map: (value: number) => number): Result {
    if (result.is === "scalar") return { is: "scalar", values: result.values.map(map) };
    return {
      is: "vector",
      series: requireDistinct(result.series.map((one) => unnamed({ ...one, values: one.values.map(map) }))),
    };
  }

  async #aggregate({ name, of, labels, without, count }: Query & { is: "aggregate" }): Promise<Result> {
    const result = await this.result(of);
    if (result.is === "scalar") throw badQuery(`has ${name}() of a number, which needs series`);
    const groups = new Map<string, { labels: SeriesLabels; members: SelectedSeries[] }>();
    for (const one of result.series) {
      const kept = without
        ? withoutLabels(one.labels, [...labels, NAME_LABEL])
        : onlyLabels(one.labels, labels);
      const key = keyOf(kept);
      const group = groups.get(key);
      if (group) group.members.push(one);
      else groups.set(key, { labels: kept, members: [one] });
    }
    if (name === "topk" || name === "bottomk")
      return {
        is: "vector",
        series: [...groups.values()].flatMap(({ members }) => extremes(members, count, name === "topk")),
      };
    const series = [...groups.values()].map((group) => ({
      labels: group.labels,
      values: folded(group.members, this.#times.count, FOLDS[name]),
    }));
    return { is: "vector", series };
  }

  #binary(query: Query & { is: "binary" }, left: Result, right: Result): Result {
    const act = OPERATORS[query.operator];
    if (!act) throw new Error(`an operator without a meaning: ${query.operator}`);
    const isComparison = COMPARISONS.has(query.operator);
    if (left.is === "scalar" && right.is === "scalar") {
      if (isComparison) throw badQuery("compares two numbers, which needs bool");
      return {
        is: "scalar",
        values: left.values.map((value, index) => act(value, right.values[index] as number)),
      };
    }
    if (left.is === "vector" && right.is === "vector") {
      return { is: "vector", series: joined(query, left.series, right.series, act, isComparison) };
    }
    /* A comparison keeps the value of the series, on whichever side it stands. */
    const [series, other, isLeft] =
      left.is === "vector" && right.is === "scalar"
        ? [left.series, right.values, true]
        : [(right as Result & { is: "vector" }).series, (left as Result & { is: "scalar" }).values, false];
    const mapped = series.map(({ labels, values }) => ({
      labels,
      values: values.map((value, index) => {
        const with_ = other[index] as number;
        const found = isLeft ? act(value, with_) : act(with_, value);
        return isComparison && !Number.isNaN(found) ? value : found;
      }),
    }));
    return { is: "vector", series: isComparison ? mapped : requireDistinct(mapped.map(unnamed)) };
  }
}

const MATH: Record<MathName, (numbers: readonly number[]) => (value: number) => number> = {
  abs: () => Math.abs,
  ceil: () => Math.ceil,
  floor: () => Math.floor,
  round: () => (value) => Math.floor(value + 0.5),
  clamp_min:
    ([least = 0]) =>
    (value) =>
      Math.max(value, least),
  clamp_max:
    ([most = 0]) =>
    (value) =>
      Math.min(value, most),
};

const kept = (isTrue: (a: number, b: number) => boolean) => (a: number, b: number) =>
  isTrue(a, b) ? a : Number.NaN;

const OPERATORS: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": (a, b) => a ** b,
  "==": kept((a, b) => a === b),
  "!=": kept((a, b) => a !== b),
  ">": kept((a, b) => a > b),
  "<": kept((a, b) => a < b),
  ">=": kept((a, b) => a >= b),
  "<=": kept((a, b) => a <= b),
};
const COMPARISONS = new Set(["==", "!=", ">", "<", ">=", "<="]);

const FOLDS: Record<Exclude<AggregateName, "topk" | "bottomk">, (values: readonly number[]) => number> = {
  sum: (values) => values.reduce((sum, value) => sum + value, 0),
  avg: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  min: (values) => values.reduce((least, value) => Math.min(least, value)),
  max: (values) => values.reduce((most, value) => Math.max(most, value)),
  count: (values) => values.length,
};

/** At each time, over those that have a value then. */
function folded(
  members: readonly SelectedSeries[],
  count: number,
  fold: (values: readonly number[]) => number,
): Float64Array {
  const values = new Float64Array(count).fill(Number.NaN);
  for (let index = 0; index < count; index++) {
    const there = members.flatMap(({ values: own }) =>
      Number.isNaN(own[index]) ? [] : [own[index] as number],
    );
    if (there.length > 0) values[index] = fold(there);
  }
  return values;
}

/** Each series where it is among the greatest, or the least, so many. */
function extremes(members: readonly SelectedSeries[], most: number, greatest: boolean): SelectedSeries[] {
  const picked = members.map(({ labels, values }) => ({
    labels,
    values: new Float64Array(values.length).fill(Number.NaN),
  }));
  const sign = greatest ? 1 : -1;
  for (let index = 0; index < (members[0]?.values.length ?? 0); index++) {
    const order = members
      .map(({ values }, member) => ({ member, value: values[index] as number }))
      .filter(({ value }) => !Number.isNaN(value))
      .sort((a, b) => (b.value - a.value) * sign);
    for (const { member, value } of order.slice(0, Math.max(0, most)))
      (picked[member] as SelectedSeries).values[index] = value;
  }
  return picked.filter(({ values }) => values.some((value) => !Number.isNaN(value)));
}

/** One with one, by the labels they have in common. */
function joined(
  { on, ignoring }: { on: string[] | undefined; ignoring: string[] },
  left: readonly SelectedSeries[],
  right: readonly SelectedSeries[],
  act: (a: number, b: number) => number,
  isComparison: boolean,
): SelectedSeries[] {
  const common = (labels: SeriesLabels) =>
    on ? onlyLabels(labels, on) : withoutLabels(labels, [...ignoring, NAME_LABEL]);
  const byKey = new Map<string, SelectedSeries>();
  for (const one of right) {
    const key = keyOf(common(one.labels));
    if (byKey.has(key)) throw manyToMany();
    byKey.set(key, one);
  }
  const used = new Set<string>();
  return left.flatMap((one) => {
    const labels = common(one.labels);
    const key = keyOf(labels);
    const other = byKey.get(key);
    if (!other) return [];
    if (used.has(key)) throw manyToMany();
    used.add(key);
    const values = one.values.map((value, index) => act(value, other.values[index] as number));
    return [{ labels: isComparison ? one.labels : labels, values }];
  });
}

function manyToMany(): DomainError {
  return badQuery("joins several series with one: name what tells them apart with on (…) or sum first");
}

function requireDistinct(series: SelectedSeries[]): SelectedSeries[] {
  if (new Set(series.map(({ labels }) => keyOf(labels))).size < series.length)
    throw badQuery("gives two series with the same labels: name one metric");
  return series;
}

function unnamed({ labels, values }: SelectedSeries): SelectedSeries {
  return { labels: withoutLabels(labels, [NAME_LABEL]), values };
}

function withoutLabels(labels: SeriesLabels, gone: readonly string[]): SeriesLabels {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !gone.includes(label)));
}

function onlyLabels(labels: SeriesLabels, wanted: readonly string[]): SeriesLabels {
  return Object.fromEntries(Object.entries(labels).filter(([label]) => wanted.includes(label)));
}

function keyOf(labels: SeriesLabels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
