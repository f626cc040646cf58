/**
 * The calls of Prometheus's HTTP API that Grafana makes, on what one org may see. Each takes the parameters as they came,
 * from an address or a form.
 */

import { unitOf } from "../../contract/metrics.ts";
import {
  type ListSeriesInput,
  NAME_LABEL,
  PROMETHEUS_LIMITS,
  PROMETHEUS_PREFIX,
  SERIES_LABELS,
  type SelectedSeries,
  type Selector,
  type SeriesLabels,
} from "../../contract/prometheus.ts";
import { DomainError } from "../../lib/domain-error.ts";
import { selectSeries, seriesList, type View } from "../org-view.ts";
import { evaluate, type Result, type Times } from "./evaluate.ts";
import { parseQuery, parseSelector } from "./parse-query.ts";
import { durationMs } from "./query-text.ts";

export interface PrometheusView extends View {
  now: number;
  /** Of the server, for whoever asks what it is. */
  version: string;
}

/** The `data` of the answer, as JSON, and what is to be known of it. */
export interface PrometheusAnswer {
  json: string;
  warnings?: string[];
}

type Call = (view: PrometheusView, given: URLSearchParams, name: string) => Promise<PrometheusAnswer>;

/** By what follows `/api/v1/`; `*` is the name of a label. */
export const PROMETHEUS_CALLS: Record<string, Call> = {
  query,
  query_range: queryRange,
  series,
  labels,
  "label/*/values": labelValues,
  metadata,
  "status/buildinfo": buildInfo,
};

/** What is asked for without a time. */
const LISTED_BACK_MS = 86_400_000;
/** Values written between two turns of whoever else waits. */
const VALUES_AT_A_TIME = 20_000;

/** The version whose answers these are like: by it Grafana decides what it asks. */
const SPOKEN_VERSION = "2.42.0";

async function query(view: PrometheusView, given: URLSearchParams): Promise<PrometheusAnswer> {
  const startAt = timeIn(given, "time") ?? view.now;
  const times = { startAt, stepMs: 0, count: 1 };
  const result = await resultOf(view, given, times);
  const seconds = startAt / 1_000;
  if (result.is === "scalar") {
    const value = [seconds, textOf(result.values[0] ?? Number.NaN)];
    return { json: JSON.stringify({ resultType: "scalar", result: value }) };
  }
  const vector = result.series.flatMap(({ labels: metric, values: [value = Number.NaN] }) =>
    Number.isNaN(value) ? [] : [{ metric, value: [seconds, textOf(value)] }],
  );
  return { json: JSON.stringify({ resultType: "vector", result: vector }) };
}

async function queryRange(view: PrometheusView, given: URLSearchParams): Promise<PrometheusAnswer> {
  const startAt = timeIn(given, "start");
  const endAt = timeIn(given, "end");
  if (startAt === undefined || endAt === undefined)
    throw wrong(startAt === undefined ? "start" : "end", "is missing");
  if (endAt < startAt) throw wrong("end", "must not be before start");
  if (endAt - startAt > PROMETHEUS_LIMITS.spanMs) throw wrong("start", "is too long before end");
  const stepMs = stepIn(given);
  if ((endAt - startAt) / stepMs > PROMETHEUS_LIMITS.pointsPerSeries)
    throw wrong("step", `is too short: at most ${PROMETHEUS_LIMITS.pointsPerSeries} points per series`);
  const times = { startAt, stepMs, count: Math.floor((endAt - startAt) / stepMs) + 1 };
  const result = await resultOf(view, given, times);
  const all = result.is === "vector" ? result.series : [{ labels: {}, values: result.values }];
  return { json: `{"resultType":"matrix","result":[${await matrixOf(all, times, result.is === "scalar")}]}` };
}

function resultOf(view: PrometheusView, given: URLSearchParams, times: Times): Promise<Result> {
  const parsed = parseQuery(given.get("query") ?? "");
  return evaluate(parsed, times, (input) => selectSeries(view, input));
}

/** A text of many values, in pieces between which others have their turn. */
async function matrixOf(all: readonly SelectedSeries[], times: Times, withNaN: boolean): Promise<string> {
  let json = "";
  let written = 0;
  for (const { labels: metric, values } of all) {
    let points = "";
    for (let index = 0; index < values.length; index++) {
      const value = values[index] as number;
      if (Number.isNaN(value) && !withNaN) continue;
      points += `${points && ","}[${(times.startAt + index * times.stepMs) / 1_000},"${textOf(value)}"]`;
    }
    if (points) json += `${json && ","}{"metric":${JSON.stringify(metric)},"values":[${points}]}`;
    written += values.length;
    if (written < VALUES_AT_A_TIME) continue;
    written = 0;
    await new Promise(setImmediate);
  }
  return json;
}

async function series(view: PrometheusView, given: URLSearchParams): Promise<PrometheusAnswer> {
  const selectors = selectorsIn(given);
  if (selectors.length === 0) throw wrong("match[]", "is missing");
  const lists = await seriesList(view, { selectors, ...rangeIn(view, given) });
  const known = new Map<string, SeriesLabels>();
  for (const labels of lists.flatMap((list) => list.series))
    known.set(`${labels.resource} ${labels[NAME_LABEL]}`, labels);
  return listed([...known.values()], lists);
}

async function labels(view: PrometheusView, given: URLSearchParams): Promise<PrometheusAnswer> {
  const selectors = selectorsIn(given);
  if (selectors.length === 0) return { json: JSON.stringify(SERIES_LABELS) };
  const lists = await seriesList(view, { selectors, ...rangeIn(view, given) });
  const names = new Set(lists.flatMap((list) => list.series.flatMap((one) => Object.keys(one))));
  return listed([...names].sort(), lists);
}

async function labelValues(
  view: PrometheusView,
  given: URLSearchParams,
  label: string,
): Promise<PrometheusAnswer> {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]{0,79}$/.test(label)) throw wrong("name", "is not the name of a label");
  const lists = await seriesList(view, { selectors: selectorsIn(given), ...rangeIn(view, given), label });
  const values = new Set(lists.flatMap((list) => list.values));
  return listed([...values].sort(), lists);
}

async function metadata(view: PrometheusView, given: URLSearchParams): Promise<PrometheusAnswer> {
  const range = { from: view.now - LISTED_BACK_MS, to: view.now + 1 };
  const lists = await seriesList(view, { selectors: [], ...range, label: NAME_LABEL });
  const wanted = given.get("metric");
  const names = [...new Set(lists.flatMap((list) => list.values))].filter(
    (name) => !wanted || name === wanted,
  );
  const told = names.sort().map((name) => {
    const metric = name.slice(PROMETHEUS_PREFIX.length);
    const unit = unitOf(metric);
    const facts = {
      type: "gauge",
      help: `${metric} as Pulse measured it.`,
      unit: unit === "count" ? "" : unit,
    };
    return [name, [facts]];
  });
  return { json: JSON.stringify(Object.fromEntries(told)) };
}

async function buildInfo({ version }: PrometheusView): Promise<PrometheusAnswer> {
  const facts = {
    version: SPOKEN_VERSION,
    revision: `pulse ${version}`,
    branch: "",
    buildUser: "",
    buildDate: "",
    goVersion: "",
  };
  return { json: JSON.stringify(facts) };
}

function listed(data: readonly unknown[], lists: readonly { isCut: boolean }[]): PrometheusAnswer {
  const most = PROMETHEUS_LIMITS.listed;
  const isCut = data.length > most || lists.some((list) => list.isCut);
  const json = JSON.stringify(data.slice(0, most));
  return isCut ? { json, warnings: [`Only ${most} are listed. Narrow it down with match[].`] } : { json };
}

function selectorsIn(given: URLSearchParams): Selector[] {
  const all = given.getAll("match[]");
  if (all.length > PROMETHEUS_LIMITS.selectors)
    throw wrong("match[]", `is there more than ${PROMETHEUS_LIMITS.selectors} times`);
  return all.map(parseSelector);
}

function rangeIn({ now }: PrometheusView, given: URLSearchParams): Pick<ListSeriesInput, "from" | "to"> {
  const to = timeIn(given, "end") ?? now;
  const from = timeIn(given, "start") ?? Math.max(0, to - LISTED_BACK_MS);
  if (to < from) throw wrong("end", "must not be before start");
  return { from, to: to + 1 };
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
/** The year 2100 is later than anything here. */
const MAX_AT = 4_102_444_800_000;

/** Epoch milliseconds of a time in seconds, or as RFC 3339 has it. */
function timeIn(given: URLSearchParams, name: string): number | undefined {
  const text = given.get(name);
  if (text === null || text === "") return undefined;
  const at = /^\d{1,12}(?:\.\d{1,9})?$/.test(text)
    ? Math.round(Number(text) * 1_000)
    : ISO_TIME.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (!(at >= 0 && at <= MAX_AT))
    throw wrong(name, "must be a time in seconds, or like 2026-11-28T00:00:00Z");
  return at;
}

function stepIn(given: URLSearchParams): number {
  const text = given.get("step") ?? "";
  const stepMs = /^\d{1,10}(?:\.\d{1,9})?$/.test(text) ? Math.round(Number(text) * 1_000) : durationMs(text);
  if (!stepMs || stepMs > PROMETHEUS_LIMITS.spanMs)
    throw wrong("step", "must be seconds, or a duration such as 1m, and more than 0");
  return stepMs;
}

function textOf(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

function wrong(name: string, what: string): DomainError {
  return new DomainError("invalid_request", `The parameter ${name} ${what}.`, { fields: { [name]: what } });
}
