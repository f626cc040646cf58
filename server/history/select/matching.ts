/** Which series a selector means. A label that a series does not have is the empty text, as in Prometheus. */
import type { ResourceId } from "../../contract/ids.ts";
import {
  type ListSeriesInput,
  type Matcher,
  NAME_LABEL,
  PROMETHEUS_LIMITS,
  PROMETHEUS_PREFIX,
  type Selector,
  type SeriesLabels,
  type SeriesList,
} from "../../contract/prometheus.ts";
import type { Resource } from "../../contract/resource.ts";
import { linearPattern } from "../../lib/linear-pattern.ts";
import { knownMetrics, machineOf, partsOf, type WithParts } from "../known-series.ts";
import { requireOpen } from "../range.ts";

/** Seen through a door: what is behind it, and from whom it comes. */
export interface Behind {
  resourceId: ResourceId;
  sharedFrom: string;
}

export interface Found {
  resource: Resource;
  metrics: string[];
  /** All but the name. */
  labels: SeriesLabels;
}

/** Between so many resources others have their turn. */
const AT_A_TIME = 500;

/** Resource by resource, those of which anything fits any of the selectors; all where there is none. */
export async function* findSeries(
  org: WithParts,
  selectors: readonly Selector[],
  range: { from: number; to: number },
  behind?: Behind,
): AsyncGenerator<Found> {
  const judges = selectors.map(judgeOf);
  const metricsOf = knownMetrics(org, range);
  let seen = 0;
  for (const resource of resourcesOf(org, behind)) {
    if (++seen % AT_A_TIME === 0) {
      await new Promise(setImmediate);
      requireOpen(org);
    }
    const labels = labelsOf(org, resource, behind);
    const fitting = judges.filter(({ fitsLabels }) => fitsLabels(labels));
    if (judges.length > 0 && fitting.length === 0) continue;
    const metrics = [...(await metricsOf(resource))].filter(
      (metric) =>
        fitting.length === 0 || fitting.some(({ fitsName }) => fitsName(PROMETHEUS_PREFIX + metric)),
    );
    if (metrics.length > 0) yield { resource, labels, metrics: metrics.sort() };
  }
}

/** What there is, as labels, or as the values of one label. */
export async function listSeries(
  org: WithParts,
  { selectors, from, to, label }: ListSeriesInput,
  behind?: Behind,
): Promise<SeriesList> {
  const list: SeriesList = { series: [], values: [], isCut: false };
  const values = new Set<string>();
  for await (const { labels, metrics } of findSeries(org, selectors, { from, to }, behind)) {
    for (const metric of metrics) {
      const all: SeriesLabels = { [NAME_LABEL]: PROMETHEUS_PREFIX + metric, ...labels };
      if (label === undefined) list.series.push(all);
      else if (all[label]) values.add(all[label]);
      if (list.series.length + values.size > PROMETHEUS_LIMITS.listed) {
        list.isCut = true;
        list.series.pop();
        return { ...list, values: [...values].slice(0, PROMETHEUS_LIMITS.listed) };
      }
      if (label !== undefined && label !== NAME_LABEL) break;
    }
  }
  return { ...list, values: [...values] };
}

function resourcesOf(org: WithParts, behind: Behind | undefined): Iterable<Resource> {
  if (!behind) return org.inventory.all();
  const root = org.inventory.get(behind.resourceId);
  return root ? [root, ...partsOf(org, root.id)] : [];
}

function labelsOf(org: WithParts, resource: Resource, behind: Behind | undefined): SeriesLabels {
  return {
    resource: resource.id,
    name: resource.name,
    kind: resource.kind,
    machine: machineOf(org, resource, behind?.resourceId).name,
    ...(behind && { shared_from: behind.sharedFrom }),
  };
}

interface Judge {
  fitsName(name: string): boolean;
  fitsLabels(labels: SeriesLabels): boolean;
}

function judgeOf(selector: Selector): Judge {
  const compiled = selector.map((matcher) => ({ label: matcher.label, fits: fitting(matcher) }));
  const names = compiled.filter(({ label }) => label === NAME_LABEL);
  const others = compiled.filter(({ label }) => label !== NAME_LABEL);
  return {
    fitsName: (name) => names.every(({ fits }) => fits(name)),
    fitsLabels: (labels) =>
      others.every(({ label, fits }) => fits(Object.hasOwn(labels, label) ? (labels[label] ?? "") : "")),
  };
}

function fitting({ operator, value }: Matcher): (text: string) => boolean {
  if (operator === "=") return (text) => text === value;
  if (operator === "!=") return (text) => text !== value;
  const matches = linearPattern(value);
  return operator === "=~" ? matches : (text) => !matches(text);
}
