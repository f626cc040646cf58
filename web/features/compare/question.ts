/** What is compared. All of it stands in the address, so that it can be sent on. */
import type { RankBy } from "../../../server/contract/history.ts";
import { isPerSecond, unitOf } from "../../../server/contract/metrics.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { KIND_ORDER } from "../resource/kinds.ts";
import type { Measured } from "./measures.ts";

export interface Question extends Measured {
  by: RankBy;
  /** A part of this. */
  within: Resource["id"] | undefined;
  tag: string | undefined;
  /** Drawn instead of the first ones. */
  picked: readonly Resource["id"][];
  /** Nothing but what is picked is compared. */
  only: boolean;
}

type Query = Record<string, string | string[] | undefined>;

/** As many as one call may name. */
export const PICKED_MAX = 50;
const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,79}$/;
const ID = /^r[a-z2-7]{19}$/;
const NOTHING_YET: Measured = { kind: "container", metric: "memory_used_bytes" };
const WAYS: readonly RankBy[] = ["avg", "max", "total"];

/**
 * A question from an address; whatever does not make sense in it is as if it were not there. `measured`: what there is
 * to ask about.
 */
export function questionOf(query: Query, measured: readonly Measured[]): Question {
  const kind = KIND_ORDER.find((one) => one === query["kind"]);
  const named = one(query["metric"]);
  const asked =
    kind && METRIC.test(named)
      ? { kind, metric: named }
      : (measured.find((one) => one.kind === kind) ?? measured[0] ?? NOTHING_YET);
  const ways = waysOf(asked.metric);
  const picked = one(query["pick"])
    .split(",")
    .flatMap((id) => idOf(id) ?? [])
    .slice(0, PICKED_MAX);
  return {
    ...asked,
    by: ways.find((way) => way === query["by"]) ?? (ways[0] as RankBy),
    within: idOf(one(query["within"])),
    tag: one(query["tag"]).slice(0, 40) || undefined,
    picked,
    only: query["only"] === "1" && picked.length > 0,
  };
}

/** What of an address a part of a question is. */
export function queryOf(change: Partial<Question>): Record<string, string | undefined> {
  const query: Record<string, string | undefined> = {};
  if ("kind" in change) query["kind"] = change.kind;
  if ("metric" in change) query["metric"] = change.metric;
  if ("by" in change) query["by"] = change.by;
  if ("within" in change) query["within"] = change.within;
  if ("tag" in change) query["tag"] = change.tag;
  if ("picked" in change) query["pick"] = change.picked?.join(",") || undefined;
  if ("only" in change) query["only"] = change.only ? "1" : undefined;
  return query;
}

/** By what it can be ranked: of what passes by, what matters first is how much it was in all. */
export function waysOf(metric: string): readonly RankBy[] {
  return isPerSecond(unitOf(metric)) ? ["total", "avg", "max"] : WAYS.slice(0, 2);
}

function idOf(text: string): Resource["id"] | undefined {
  return ID.test(text) ? (text as Resource["id"]) : undefined;
}

function one(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
