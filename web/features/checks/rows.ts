/** Checks as their table shows them: what is set up, and how it is. Pure. */
import type { Resource } from "../../../server/contract/resource.ts";
import type { Source } from "../../../server/contract/sources.ts";
import type { Level } from "../../ui/meter.tsx";
import { FORMS } from "../sources/forms/forms.ts";
import { targetOf } from "../sources/list.ts";

export interface CheckRow {
  source: Source;
  /** What it found last; undefined until there is a first result. */
  resource: Resource | undefined;
}

export type Standing = "down" | "degraded" | "unknown" | "waiting" | "up" | "paused";

export const STANDINGS: Record<Standing, { level: Level | "unknown"; word: string }> = {
  down: { level: "critical", word: "down" },
  degraded: { level: "warning", word: "degraded" },
  unknown: { level: "unknown", word: "not known" },
  waiting: { level: "unknown", word: "waiting for its first result" },
  up: { level: "fine", word: "up" },
  paused: { level: "unknown", word: "paused" },
};

const GROUPS = [
  { name: "Wrong", of: ["down", "degraded"] },
  { name: "Not known", of: ["unknown", "waiting"] },
  { name: "Well", of: ["up"] },
  { name: "Paused", of: ["paused"] },
] as const satisfies readonly { name: string; of: readonly Standing[] }[];

export interface Group {
  name: string;
  rows: CheckRow[];
}

export function standingOf({ source, resource }: CheckRow): Standing {
  if (!source.enabled) return "paused";
  return resource?.status ?? "waiting";
}

/** What is wrong, in the sentence of whoever found it. */
export function problemOf({ source, resource }: CheckRow): string {
  if (!source.enabled) return "";
  const said = resource?.status === "up" ? undefined : resource?.attributes["problem"];
  return typeof said === "string" ? said : (source.state.error ?? "");
}

/** By trouble, the worst first; rows keep the order they come in otherwise. */
export function grouped(rows: readonly CheckRow[]): Group[] {
  const groups: Group[] = [];
  for (const { name, of } of GROUPS) {
    const held = of.flatMap((standing: Standing) => rows.filter((row) => standingOf(row) === standing));
    if (held.length > 0) groups.push({ name, rows: held });
  }
  return groups;
}

export function matching(rows: readonly CheckRow[], wanted: string): CheckRow[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const { source } = row;
    const about = [source.name, targetOf(source), FORMS[source.type].label, STANDINGS[standingOf(row)].word];
    const text = about.join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The first thing the page says. */
export function headline(rows: readonly CheckRow[]): string {
  const count = (...wanted: Standing[]) => rows.filter((row) => wanted.includes(standingOf(row))).length;
  const wrong = count("down", "degraded");
  const open = count("unknown", "waiting");
  const made = rows.length - count("paused");
  if (made === 0) return "All are paused.";
  const rest = open > 0 ? `, ${open} not known` : "";
  if (wrong > 0) return `${wrong} of ${made} ${wrong === 1 ? "is" : "are"} wrong${rest}.`;
  if (open > 0) return `${made - open} of ${made} are well${rest}.`;
  return made === 1 ? "It is well." : `All ${made} are well.`;
}
