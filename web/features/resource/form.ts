import type { Component } from "solid-js";
import { unitOf } from "../../../server/contract/metrics.ts";
import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";
import type { ChartGroup, ChartLine, ChartSpec } from "../machine/charts.ts";
import { labelOf, type Told } from "./facts.ts";

/** What matters of one kind of resource: everything its page shows beyond what every page does. */
export interface ResourceForm {
  /** Attributes and metrics told first, in this order; all others follow. */
  facts?: readonly Told[];
  /** Attributes told elsewhere on the page. */
  hidden?: readonly string[];
  charts?: (resource: Resource) => ChartSpec[];
  /** Metrics that are no figure over time: a size, a limit. */
  still?: readonly string[];
  /** Between facts and charts. */
  Above?: Component<{ resource: Resource }>;
  /** After the charts. */
  Below?: Component<{ resource: Resource }>;
  /** Kinds of what is in it that are not listed, because `Below` shows them. */
  unlisted?: readonly ResourceKind[];
}

/** As many charts of metrics nobody has thought of; one question for history takes fifty metrics. */
const OTHERS_MAX = 24;

export function line(resource: Resource, label: string, metric: string): ChartLine {
  return { label, sources: [{ resourceId: resource.id, metric }] };
}

const WHOLE = /(?:_count|_total|_online|_running|^up)$/;

/** A chart of some metrics of one resource; its unit is that of the first. */
export function chart(
  resource: Resource,
  id: string,
  title: string,
  lines: readonly (readonly [label: string, metric: string])[],
  more: Partial<ChartSpec> = {},
): ChartSpec {
  const first = lines[0]?.[1] ?? "";
  return {
    id,
    title,
    unit: unitOf(first),
    whole: WHOLE.test(first),
    form: "lines",
    lines: lines.map(([label, metric]) => line(resource, label, metric)),
    ...more,
  };
}

/** The charts of a form, and one for each metric it does not know. */
export function groupsOf(resource: Resource, form: ResourceForm, metrics: Iterable<string>): ChartGroup[] {
  const known = form.charts?.(resource) ?? [];
  const drawn = new Set(form.still);
  for (const source of known.flatMap(({ lines }) => lines.flatMap(({ sources }) => sources)))
    drawn.add(source.metric);
  const others = [...metrics].filter((metric) => !drawn.has(metric)).sort();
  const groups: ChartGroup[] = [];
  if (known.length > 0) groups.push({ id: "figures", title: "Figures", charts: known });
  if (others.length > 0) {
    const charts = others
      .slice(0, OTHERS_MAX)
      .map((metric) => chart(resource, `other-${metric}`, labelOf(metric), [["now", metric]]));
    groups.push({ id: "others", title: known.length > 0 ? "Further figures" : "Figures", charts });
  }
  return groups;
}

/** Without a limit of its own a scale ends where it must. */
export function top(limit: number | undefined): Partial<ChartSpec> {
  return limit === undefined || limit <= 0 ? {} : { top: limit };
}
