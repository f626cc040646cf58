/**
 * For tests: the same format read the obvious way, a regular expression per line, and nothing done for
 * speed or against malice. What the real reader makes of a page must be what this one does.
 */
import type { ExpositionFormat, Family, FamilyType, Label, Sample } from "./parse.ts";

const BLANK = "[ \\t]*";
const LABEL = `${BLANK}[a-zA-Z_][a-zA-Z0-9_]*${BLANK}=${BLANK}"(?:[^"\\\\]|\\\\[\\s\\S])*"${BLANK}`;
const LABELS = `(?:${LABEL},)*(?:${LABEL})?${BLANK}`;
const NUMBER = "[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?";
const VALUE = `(?:${NUMBER}|[+-]?[nN][aA][nN]|[+-]?[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)`;
const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SAMPLE = `^${BLANK}(?<name>${NAME})(?:[ \\t]+|(?=\\{))(?:\\{(?<labels>${LABELS})\\})?${BLANK}(?<value>${VALUE})`;
const EXEMPLAR = `#${BLANK}\\{(?<more>${LABELS})\\}${BLANK}${VALUE}(?:[ \\t]+${NUMBER})?`;
const TEXT_SAMPLE = new RegExp(`${SAMPLE}(?:[ \\t]+(?<time>-?[0-9]+))?${BLANK}$`);
const OPENMETRICS_SAMPLE = new RegExp(
  `${SAMPLE}(?:[ \\t]+(?<time>${NUMBER}))?(?:[ \\t]+${EXEMPLAR})?${BLANK}$`,
);
const LABEL_PARTS = /([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\[\s\S])*)"/g;
const DESCRIPTION = new RegExp(`^${BLANK}#${BLANK}(HELP|TYPE|UNIT)[ \\t]+(${NAME})(?:[ \\t]+([\\s\\S]*))?$`);
const IS_DESCRIPTION = new RegExp(`^${BLANK}#${BLANK}(?:HELP|TYPE|UNIT)(?:[ \\t]|$)`);

const TYPES = ["counter", "gauge", "histogram", "gaugehistogram", "summary", "info", "stateset", "unknown"];
const SUFFIXES: Record<string, string[]> = {
  counter: ["_total", "_created"],
  histogram: ["_bucket", "_sum", "_count", "_created"],
  gaugehistogram: ["_bucket", "_gsum", "_gcount"],
  summary: ["_sum", "_count", "_created"],
  info: ["_info"],
};

/** Undefined when the page is not of the format. */
export function parseNaively(page: string, format: ExpositionFormat): Family[] | undefined {
  const families = new Map<string, Family>();
  let isOver = false;
  for (const raw of page.split("\n")) {
    const line = raw.replace(/\r$/, "");
    if (/^[ \t]*$/.test(line)) continue;
    if (isOver) return undefined;
    if (format === "openmetrics" && /^[ \t]*#[ \t]*EOF(?:[ \t]|$)/.test(line)) isOver = true;
    else if (IS_DESCRIPTION.test(line)) {
      if (!describe(line, families)) return undefined;
    } else if (!/^[ \t]*#/.test(line)) {
      const sample = readSample(line, format);
      if (!sample) return undefined;
      familyOf(sample.name, families).samples.push(sample);
    }
  }
  return format === "openmetrics" && !isOver ? undefined : [...families.values()];
}

function describe(line: string, families: Map<string, Family>): boolean {
  const [, what, name, rest = ""] = DESCRIPTION.exec(line) ?? [];
  if (name === undefined) return false;
  const family = familyNamed(name, families);
  const text = rest.replace(/^[ \t]+/, "");
  const word = text.split(/[ \t]/, 1)[0] ?? "";
  if (what === "HELP") family.help ??= unescaped(text.slice(0, 1_000));
  else if (what === "UNIT") family.unit ??= word;
  else {
    const type = word === "untyped" ? "unknown" : word;
    if (!TYPES.includes(type)) return false;
    if (family.type === "unknown" && family.samples.length === 0) family.type = type as FamilyType;
  }
  return true;
}

function readSample(line: string, format: ExpositionFormat): Sample | undefined {
  const found = (format === "text" ? TEXT_SAMPLE : OPENMETRICS_SAMPLE).exec(line)?.groups;
  if (!found) return undefined;
  const labels = labelsOf(found.labels ?? "");
  if (isAnyTwice(labels) || isAnyTwice(labelsOf(found.more ?? ""))) return undefined;
  const scale = format === "text" ? 1 : 1000;
  return {
    name: found.name ?? "",
    labels: labels.filter(({ value }) => value !== ""),
    value: readNumber(found.value ?? ""),
    ...(found.time === undefined ? {} : { timestampMs: Math.round(Number(found.time) * scale) }),
  };
}

function labelsOf(text: string): Label[] {
  return [...text.matchAll(LABEL_PARTS)].map(
    ([, name = "", value = ""]): Label => ({ name, value: unescaped(value) }),
  );
}

function isAnyTwice(labels: Label[]): boolean {
  return new Set(labels.map(({ name }) => name)).size < labels.length;
}

function readNumber(text: string): number {
  const word = text.toLowerCase();
  if (word.includes("nan")) return Number.NaN;
  if (word.includes("inf")) return word.startsWith("-") ? -Infinity : Infinity;
  return Number(text);
}

function familyOf(name: string, families: Map<string, Family>): Family {
  const [, stem = "", suffix = ""] = /^(.+)(_[^_]*)$/.exec(name) ?? [];
  const family = families.get(stem);
  if (!families.has(name) && family && SUFFIXES[family.type]?.includes(suffix)) return family;
  return familyNamed(name, families);
}

function familyNamed(name: string, families: Map<string, Family>): Family {
  const family = families.get(name) ?? { name, type: "unknown", samples: [] };
  families.set(name, family);
  return family;
}

function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
}
