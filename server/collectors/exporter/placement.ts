/**
 * Where the figures of a page go. One set of labels is one resource, and what has no labels belongs to
 * the exporter itself, as far as a resource has room. What does not fit is left out, and always the
 * same: the order is by importance and then by name, never by the order of the page or by what was seen
 * before, so a restart changes nothing and a new series takes at most the place of the last one.
 *
 * Pure.
 */
import { REPORT_LIMITS } from "../../contract/report-limits.ts";
import type { ShownMetric } from "../../contract/sources/prometheus.ts";
import { labelOf } from "../exposition/parse.ts";
import type { Figure } from "./figures.ts";

/** The metrics every exporter has: `up`, the time a scrape took, what was on the page. */
const OWN_METRICS = 3;

/** Metrics on the exporter itself. */
const EXPORTER_ROOM = REPORT_LIMITS.metricsPerResource - OWN_METRICS;

/** A group of metrics whose names begin alike is worth a resource of its own from this many on. */
const LEAST_GROUP = 4;

/** What an exporter says of its own process: the first to be left out. */
const OF_ITSELF = /^(?:go|process|promhttp|python|jvm|nodejs|dotnet|ruby)_/;

export interface Group {
  labelKey: string;
  /** What the names of its metrics begin with, when one set of labels has too many for one resource. */
  prefix: string;
  /** By our name. */
  figures: Map<string, Figure>;
}

export interface Placement {
  exporter: Map<string, Figure>;
  /** Chosen metrics that have labels: the exporter shows them, too. Several figures are added up. */
  shown: Map<string, Figure[]>;
  /** Names of all that was chosen and is on the exporter. */
  chosen: string[];
  groups: Group[];
  leftOut: number;
}

export interface Wanted {
  shown: readonly ShownMetric[];
  onlyShown: boolean;
  maxSeries: number;
  /** Resources beside the exporter. */
  maxResources: number;
}

export function place(all: readonly Figure[], wanted: Wanted): Placement {
  const isShown = (figure: Figure) => wanted.shown.some((one) => matches(one, figure));
  const ranked = all.map((figure) => ({ figure, rank: rankOf(figure, isShown(figure)) }));
  const asked = wanted.onlyShown ? ranked.filter(({ rank }) => rank === 0) : ranked;
  asked.sort(
    (a, b) =>
      a.rank - b.rank ||
      a.figure.labels.length - b.figure.labels.length ||
      compare(a.figure.labelKey, b.figure.labelKey) ||
      compare(a.figure.metric, b.figure.metric),
  );
  const kept = asked.slice(0, wanted.maxSeries).map(({ figure }) => figure);
  const byLabels = groupByLabels(kept);
  const shown = shownOnExporter(wanted.shown, kept);
  const { rest: exporter, groups } = split(byLabels.get("") ?? new Map(), "", EXPORTER_ROOM - shown.size);
  byLabels.delete("");
  for (const [labelKey, figures] of byLabels) {
    const { rest, groups: more } = split(figures, labelKey, REPORT_LIMITS.metricsPerResource);
    if (rest.size > 0) groups.push({ labelKey, prefix: "", figures: rest });
    groups.push(...more);
  }
  const placed = groups.slice(0, wanted.maxResources);
  const count = placed.reduce((total, group) => total + group.figures.size, exporter.size);
  const plain = [...exporter.values()].filter(isShown).map(({ metric }) => metric);
  const chosen = [...plain, ...shown.keys()];
  return { exporter, shown, chosen, groups: placed, leftOut: asked.length - count };
}

function rankOf(figure: Figure, isShown: boolean): number {
  if (isShown) return 0;
  return OF_ITSELF.test(figure.names[0]) ? 2 : 1;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function matches(wanted: ShownMetric, figure: Figure): boolean {
  if (!figure.names.includes(wanted.metric) && figure.metric !== wanted.metric) return false;
  return Object.entries(wanted.labels ?? {}).every(
    ([name, value]) => (labelOf(figure, name) ?? "") === value,
  );
}

/** Of a series that is there twice, and of two names that become one, the first counts. */
function groupByLabels(figures: readonly Figure[]): Map<string, Map<string, Figure>> {
  const groups = new Map<string, Map<string, Figure>>();
  for (const figure of figures) {
    let group = groups.get(figure.labelKey);
    if (!group) {
      group = new Map();
      groups.set(figure.labelKey, group);
    }
    if (!group.has(figure.metric)) group.set(figure.metric, figure);
  }
  return groups;
}

/**
 * The chosen figures that have labels, under their plain name. Where a choice means several series only
 * rates can be added up: the sum of two temperatures means nothing.
 */
function shownOnExporter(shown: readonly ShownMetric[], kept: readonly Figure[]): Map<string, Figure[]> {
  const found = new Map<string, Figure[]>();
  const plain = new Set(kept.filter(({ labelKey }) => labelKey === "").map(({ metric }) => metric));
  for (const wanted of shown) {
    const ofThis = new Map<string, Figure[]>();
    for (const figure of kept) {
      if (figure.labelKey === "" || plain.has(figure.metric) || !matches(wanted, figure)) continue;
      ofThis.set(figure.metric, [...(ofThis.get(figure.metric) ?? []), figure]);
    }
    for (const [metric, figures] of ofThis) {
      const canBeAdded = figures.length === 1 || figures.every(({ how }) => how === "rate");
      if (canBeAdded && !found.has(metric) && found.size < EXPORTER_ROOM) found.set(metric, figures);
    }
  }
  return found;
}

/**
 * When one set of labels has more metrics than a resource has room for, those whose names begin alike go
 * to a resource of their own: `redis_memory_…`. Which do depends on all the names and on nothing else.
 */
function split(
  figures: Map<string, Figure>,
  labelKey: string,
  room: number,
): { rest: Map<string, Figure>; groups: Group[] } {
  if (figures.size <= room) return { rest: figures, groups: [] };
  const parts = partition([...figures.keys()], "");
  const groups: Group[] = [];
  const rest = new Map<string, Figure>();
  for (const [prefix, metrics] of parts) {
    const isGroup = prefix !== "" && metrics.length >= LEAST_GROUP;
    const target = isGroup ? new Map<string, Figure>() : rest;
    for (const metric of metrics) {
      const figure = figures.get(metric);
      if (figure && target.size < (isGroup ? REPORT_LIMITS.metricsPerResource : room))
        target.set(metric, figure);
    }
    if (isGroup) groups.push({ labelKey, prefix, figures: target });
  }
  return { rest, groups };
}

/** Names by the words they begin with, as few words as make the parts small enough. */
function partition(names: string[], prefix: string): [prefix: string, names: string[]][] {
  if (prefix !== "" && names.length <= REPORT_LIMITS.metricsPerResource) return [[prefix, names]];
  const byWord = new Map<string, string[]>();
  for (const name of names) {
    const end = name.indexOf("_", prefix.length + 1);
    const longer = end < 0 ? prefix : name.slice(0, end);
    byWord.set(longer, [...(byWord.get(longer) ?? []), name]);
  }
  return [...byWord].flatMap(([longer, part]): [string, string[]][] =>
    longer === prefix ? [["", part]] : partition(part, longer),
  );
}
