/** What a resource says of itself, as words. Names of attributes tell their unit as names of metrics do. */

import { unitOf } from "../../../server/contract/metrics.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { bytes, count, duration, percent, text } from "../../ui/format.ts";
import { formOf } from "../machine/units.ts";

export interface Fact {
  label: string;
  words: string;
  /** A moment: the page says how long ago it was. */
  at?: number;
}

/** An attribute or a metric, and what to call it where its name says it badly. */
export type Told = string | readonly [name: string, label: string];

/** Told in a place of their own, or to nobody. */
const ELSEWHERE = new Set([
  "problem",
  "state",
  "tags",
  "labels",
  "top_processes",
  "failed_units",
  "oom_killed",
  "finished",
  "ended",
]);
/** The beginning of a checksum tells it from every other. */
const DIGEST = /^(.*sha256:[0-9a-f]{12})[0-9a-f]{52}$/;
const WORDS_MAX = 300;
const REST_MAX = 24;

/** What `told` names, in its order, and then whatever else there is to say. */
export function factsOf(resource: Resource, told: readonly Told[], hidden: readonly string[] = []): Fact[] {
  const facts: Fact[] = [];
  const seen = new Set([...ELSEWHERE, ...hidden]);
  const add = (name: string, label: string) => {
    const fact = factOf(resource, name, label);
    if (fact) facts.push(fact);
  };
  for (const each of told) {
    const [name, label] = typeof each === "string" ? [each, labelOf(each)] : each;
    seen.add(name);
    add(name, label);
  }
  const rest = Object.keys(resource.attributes).filter((name) => !seen.has(name));
  for (const name of rest.slice(0, REST_MAX)) add(name, labelOf(name));
  return facts;
}

function factOf(resource: Resource, name: string, label: string): Fact | undefined {
  const value = resource.attributes[name];
  if (typeof value === "number" && name.endsWith("_at")) return { label, words: "", at: value };
  const words = value === undefined ? metricWords(name, resource.metrics[name]) : wordsOf(name, value);
  return words
    ? { label, words: words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX)}…` : words }
    : undefined;
}

function metricWords(name: string, value: number | undefined): string {
  if (value === undefined) return "";
  const unit = unitOf(name);
  if (unit === "seconds") return duration(value);
  return text(unit === "count" ? count(value) : formOf(unit).figure(value));
}

function wordsOf(name: string, value: unknown): string {
  if (typeof value === "string") return value.replace(DIGEST, "$1…");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    if (name.endsWith("_bytes")) return text(bytes(value));
    if (name.endsWith("_seconds")) return duration(value);
    if (name.endsWith("_percent")) return text(percent(value));
    return text(count(value));
  }
  if (!Array.isArray(value)) return "";
  return value.filter((each) => typeof each === "string" || typeof each === "number").join(", ");
}

const ACRONYMS = new Set(
  "tls ssl dns http tcp oom smart mac cpu ha pbs pve os id url ip uuid mtu zfs".split(" "),
);
const UNIT_WORDS = /_(?:bytes|seconds|percent|celsius|at)$/;

/** "image_digest" is "Image digest", "tls_version" "TLS version". */
export function labelOf(name: string): string {
  const words = name.replace(UNIT_WORDS, "").split("_");
  const written = words.map((word) => (ACRONYMS.has(word) ? word.toUpperCase() : word)).join(" ");
  return written.charAt(0).toUpperCase() + written.slice(1);
}
