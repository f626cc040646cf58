/**
 * What Prometheus and Grafana see of history: our metrics with a prefix, so that they meet no one else's, and a few
 * labels that say whose they are. What of their query language is understood stands in docs/export.md.
 */

export const PROMETHEUS_PREFIX = "pulse_";
export const NAME_LABEL = "__name__";
/** `shared_from`: only on what another org shows here. */
export const SERIES_LABELS = [NAME_LABEL, "kind", "machine", "name", "resource", "shared_from"] as const;

export type SeriesLabels = Record<string, string>;

export const PROMETHEUS_LIMITS = {
  /** Characters of a query; the rest of the address has room as well. */
  query: 4_000,
  /** Operators and brackets inside each other. */
  depth: 20,
  /** Selectors of one query, or `match[]` of one request. */
  selectors: 10,
  matchers: 20,
  /** As Prometheus has it. */
  pointsPerSeries: 11_000,
  series: 1_000,
  /** Series times points, of one selector and of an answer: some six megabytes of text. */
  values: 250_000,
  /** Samples, or steps they were summarised to, that are read for one selector: at most 80 megabytes at once. */
  read: 5_000_000,
  /** Sets of labels, or values of a label, in one answer. */
  listed: 10_000,
  /** Thirty years and a bit, as for exports. */
  spanMs: 11_000 * 86_400_000,
} as const;

export const MATCH_OPERATORS = ["=", "!=", "=~", "!~"] as const;
export interface Matcher {
  label: string;
  operator: (typeof MATCH_OPERATORS)[number];
  value: string;
}

/** Every matcher has to fit. */
export type Selector = readonly Matcher[];

/** `last`: the newest value, as far back as the window reaches or the source needs. */
export type OverTime = "last" | "avg" | "min" | "max";

/** Values of every series that fits, at `startAt`, `startAt + stepMs` and so on. */
export interface SelectInput {
  selector: Selector;
  over: OverTime;
  /** Each value is of so much time before it. */
  windowMs: number;
  startAt: number;
  stepMs: number;
  count: number;
}

export interface SelectedSeries {
  labels: SeriesLabels;
  /** NaN where there is none. */
  values: Float64Array;
}

export interface ListSeriesInput {
  /** Of any of them; none: everything. */
  selectors: readonly Selector[];
  from: number;
  to: number;
  /** Only what this label can be. */
  label?: string | undefined;
}

/** In no order; `isCut`: there are more. */
export interface SeriesList {
  series: SeriesLabels[];
  values: string[];
  isCut: boolean;
}
