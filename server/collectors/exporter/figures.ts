/**
 * What is kept of a page. A figure is one number over time of one set of labels:
 *
 * - a gauge is itself;
 * - a counter is how fast it grows: `x_total` becomes `x_per_second`;
 * - a histogram or a summary is how often something was observed (`x_count_per_second`) and what it was
 *   on average since the last look (`x_seconds` becomes `x_mean_seconds`). Quantiles that the exporter
 *   gives are kept (`x_p99_seconds`). Buckets are not: they would be ten series for one fact;
 * - what has no type is a counter when it is named like one, else a gauge;
 * - the moment a counter was made (`x_created`) is not kept.
 *
 * Pure: nothing here knows what was seen before.
 */
import { type Family, type Label, labelOf, type Sample } from "../exposition/parse.ts";
import { metricName, qualifiedName, quantileWord, rateName } from "./metric-name.ts";

export interface Figure {
  labels: readonly Label[];
  /** Its labels as one text, the same in whatever order they came. */
  labelKey: string;
  /** Our name. */
  metric: string;
  /** The exporter's names of the sample and of its family. */
  names: readonly [sample: string, family: string];
  how: "gauge" | "rate" | "mean";
  /** The gauge, the counter, or the sum of all observations. */
  value: number;
  /** Number of observations, for a mean. */
  count?: number;
  timestampMs?: number;
}

export function figuresOf(families: readonly Family[]): Figure[] {
  return families.flatMap((family) => {
    switch (family.type) {
      case "counter":
        return simple(family, rate, (sample) => !isCreated(sample, family));
      case "histogram":
      case "gaugehistogram":
      case "summary":
        return distribution(family);
      case "unknown":
        return [
          ...simple(family, rate, ({ name }) => name.endsWith("_total")),
          ...simple(family, gauge, ({ name }) => !name.endsWith("_total")),
        ];
      default:
        return simple(family, gauge);
    }
  });
}

type Make = (sample: Sample, family: Family, metric?: string) => Figure;

/** A large family is one name ten thousand times: our name for it is found once. */
function simple(family: Family, make: Make, isWanted: (sample: Sample) => boolean = () => true): Figure[] {
  let last: Figure | undefined;
  const figures: Figure[] = [];
  for (const sample of family.samples) {
    if (!isWanted(sample)) continue;
    last = make(sample, family, last?.names[0] === sample.name ? last.metric : undefined);
    figures.push(last);
  }
  return figures;
}

/** Sorted by name, so that an exporter that changes their order changes nothing. */
export function labelKeyOf(labels: readonly Label[]): string {
  const texts = labels.map(({ name, value }) => `${name}=${quoted(value)}`);
  return (texts.length > 1 ? texts.sort() : texts).join(",");
}

/** Characters that stand for themselves: none that ends a value, none that a database or a page minds. */
const PLAIN = /^[ !#-[\]-~\u00a0-\uffff]*$/;

function quoted(value: string): string {
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

function isCreated(sample: Sample, family: Family): boolean {
  return sample.name !== family.name && sample.name.endsWith("_created");
}

function figure(sample: Sample, family: Family, metric: string, how: Figure["how"]): Figure {
  const { labels, name, value, timestampMs } = sample;
  return {
    labels,
    labelKey: labelKeyOf(labels),
    metric,
    names: [name, family.name],
    how,
    value,
    ...(timestampMs === undefined ? {} : { timestampMs }),
  };
}

function gauge(sample: Sample, family: Family, metric = metricName(sample.name)): Figure {
  return figure(sample, family, metric, "gauge");
}

function rate(sample: Sample, family: Family, metric = rateName(sample.name)): Figure {
  return figure(sample, family, metric, "rate");
}

function distribution(family: Family): Figure[] {
  const figures: Figure[] = [];
  const sums = new Map<string, Sample>();
  for (const sample of family.samples) {
    if (sample.name.endsWith("sum")) sums.set(labelKeyOf(sample.labels), sample);
  }
  for (const sample of family.samples) {
    if (sample.name === family.name) figures.push(...quantile(sample, family));
    else if (sample.name.endsWith("count")) figures.push(...observations(sample, family, sums));
  }
  return figures;
}

function quantile(sample: Sample, family: Family): Figure[] {
  const given = labelOf(sample, "quantile");
  const share = given === undefined ? Number.NaN : Number(given);
  if (!(share >= 0 && share <= 1)) return [];
  const labels = sample.labels.filter(({ name }) => name !== "quantile");
  return [figure({ ...sample, labels }, family, qualifiedName(family.name, quantileWord(share)), "gauge")];
}

/** How many, and their mean. In a gaugehistogram both are of what is there now. */
function observations(count: Sample, family: Family, sums: Map<string, Sample>): Figure[] {
  const isNow = family.type === "gaugehistogram";
  const name = `${family.name}_count`;
  const often = figure(count, family, isNow ? metricName(name) : rateName(name), isNow ? "gauge" : "rate");
  const sum = sums.get(often.labelKey);
  if (!sum) return [often];
  const mean = qualifiedName(family.name, "mean");
  if (isNow) {
    return count.value > 0
      ? [often, figure({ ...sum, value: sum.value / count.value }, family, mean, "gauge")]
      : [often];
  }
  return [often, { ...figure(sum, family, mean, "mean"), count: count.value }];
}
