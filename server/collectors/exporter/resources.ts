/** A page of an exporter as resources. */
import type { ReportedResource } from "../../contract/report.ts";
import { REPORT_LIMITS } from "../../contract/report-limits.ts";
import { type Family, type Label, labelOf } from "../exposition/parse.ts";
import {
  clip,
  type Figure as Known,
  known,
  knownAttributes,
  resourceKey,
  rounded,
  sum,
} from "../host/figures.ts";
import type { Figure } from "./figures.ts";
import { Meter } from "./meter.ts";
import type { Group, Placement } from "./placement.ts";

/** Labels of one series that are told, and how much of each: together they fit the limit of attributes. */
const LABELS_TOLD = 24;
const LABEL_LENGTH = 200;
const LABEL_NAME_LENGTH = 80;

/** Gauges by which exporters say whether they could read what they watch. */
const HEALTH = /^(?:[a-z0-9]+_up|probe_success)$/;

export interface Scrape {
  placement: Placement;
  families: readonly Family[];
  samples: number;
  /** When it was asked, on a clock nobody sets. */
  atMs: number;
  tookMs: number;
}

export interface ExporterIdentity {
  name: string;
  /** Where it is, without what may be secret in the address. */
  address: string;
  /** Key of the machine it is about. */
  parent?: string;
}

export class ExporterReport {
  private readonly meter = new Meter();

  read(scrape: Scrape, identity: ExporterIdentity): ReportedResource[] {
    return this.meter.round((measure) => {
      const { placement, atMs } = scrape;
      const worth = (owner: string, figure: Figure) => measure(`${owner} ${figure.metric}`, figure, atMs);
      const metricsOf = (owner: string, figures: Map<string, Figure>) =>
        known(Object.fromEntries([...figures].map(([metric, one]) => [metric, worth(owner, one)])));
      const shown: Record<string, Known> = {};
      for (const [metric, figures] of placement.shown) {
        shown[metric] = sum(figures.map((one) => worth(`shown ${one.labelKey}`, one)));
      }
      const exporter = exporterResource(scrape, identity, {
        ...metricsOf("exporter", placement.exporter),
        ...known(shown),
      });
      const series = placement.groups.map((group) =>
        seriesResource(group, metricsOf(keyOf(group), group.figures)),
      );
      return [exporter, ...series];
    });
  }
}

function exporterResource(
  scrape: Scrape,
  identity: ExporterIdentity,
  metrics: ReportedResource["metrics"],
): ReportedResource {
  const { placement } = scrape;
  const problem = problemOf(placement.exporter);
  return {
    kind: "exporter",
    key: "exporter",
    ...(identity.parent === undefined ? {} : { parent: identity.parent }),
    name: clip(identity.name) || "exporter",
    status: problem === undefined ? "up" : "degraded",
    attributes: knownAttributes({
      address: clip(identity.address, LABEL_LENGTH),
      software: softwareOf(scrape.families),
      shown: placement.chosen.length > 0 ? placement.chosen : undefined,
      series_left_out: placement.leftOut > 0 ? placement.leftOut : undefined,
      problem,
    }),
    metrics: {
      ...metrics,
      up: 1,
      ...known({ scrape_duration_seconds: rounded(scrape.tookMs / 1000, 4) }),
      samples_scraped: scrape.samples,
    },
  };
}

function seriesResource(group: Group, metrics: ReportedResource["metrics"]): ReportedResource {
  const labels = [...group.figures.values()][0]?.labels ?? [];
  const beginning = group.prefix === "" ? [] : [`${group.prefix}_…`];
  return {
    kind: "series",
    key: keyOf(group),
    parent: "exporter",
    name: clip([group.labelKey, ...beginning].filter(Boolean).join(" ")) || "series",
    status: "up",
    attributes: knownAttributes({ labels: labels.length > 0 ? told(labels) : undefined }),
    metrics,
  };
}

function keyOf({ labelKey, prefix }: Group): string {
  return resourceKey("series", labelKey, ...(prefix === "" ? [] : [prefix]));
}

function told(labels: readonly Label[]): Record<string, string> {
  return Object.fromEntries(
    labels
      .slice(0, LABELS_TOLD)
      .map(({ name, value }) => [clip(name, LABEL_NAME_LENGTH), clip(value, LABEL_LENGTH)]),
  );
}

/** The exporter answers, but says that what it watches does not. */
function problemOf(figures: Map<string, Figure>): string | undefined {
  for (const [metric, { how, value }] of figures) {
    if (how === "gauge" && value === 0 && HEALTH.test(metric)) return `${metric} is 0.`;
  }
  return undefined;
}

/** `postgres_exporter 0.15.0`, from its `postgres_exporter_build_info{version="0.15.0"}`. */
export function softwareOf(families: readonly Family[]): string | undefined {
  for (const { name, samples } of families) {
    const software = /^(.+)_build_info$/.exec(name)?.[1];
    const version = samples[0] === undefined ? undefined : labelOf(samples[0], "version");
    if (software !== undefined && version !== undefined)
      return clip(`${software} ${version}`, REPORT_LIMITS.nameLength);
  }
  return undefined;
}
