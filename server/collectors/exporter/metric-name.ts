/**
 * Names of metrics: an exporter's become ours. Ours are lower case, begin with a letter, are at most 80
 * characters long and end in their unit, which is where the unit is read from.
 */
import { createHash } from "node:crypto";

const LONGEST = 80;
const HASH_LENGTH = 8;

/** Endings that say a unit, which a word put into a name must leave at the end. */
const UNIT = /_(?:bytes_per_second|per_second|percent|bytes|celsius|seconds|rpm)$/;

/** The same for the same name, always. Two names that differ only in case become one. */
export function metricName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, "_")
    .replace(/^[^a-z]+/, "");
  const ours = plain === "" ? `metric_${hashOf(name)}` : plain;
  if (ours.length <= LONGEST) return ours;
  const unit = UNIT.exec(ours)?.[0] ?? "";
  return `${ours.slice(0, LONGEST - unit.length - HASH_LENGTH - 1)}_${hashOf(ours)}${unit}`;
}

/** `http_requests_total` counts, `http_requests_per_second` is what we keep of it. */
export function rateName(counter: string): string {
  return metricName(`${counter.replace(/_total$/, "")}_per_second`);
}

/** `payload_bytes` and `mean` are `payload_mean_bytes`. */
export function qualifiedName(name: string, word: string): string {
  const unit = UNIT.exec(name)?.[0] ?? "";
  return metricName(`${name.slice(0, name.length - unit.length)}_${word}${unit}`);
}

/** Of a quantile: 0.99 is p99, 0.999 is p99_9. */
export function quantileWord(quantile: number): string {
  return `p${String(Math.round(quantile * 1e6) / 1e4).replace(".", "_")}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
}
