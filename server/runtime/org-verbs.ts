import type { HistoryRangeInput } from "../contract/history.ts";
import * as range from "../history/range.ts";
import * as resources from "../inventory/resources.ts";
import * as door from "./door.ts";
import type { OrgRuntime } from "./org-runtime.ts";
import { ingestFromOutside } from "./pipeline.ts";

/** Everything that can be asked of an org. The edge's calls are typed from this. */
export const orgVerbs = {
  resources: { list: resources.list, get: resources.get },
  history: {
    range: (org: OrgRuntime, input: HistoryRangeInput) => range.range(org, input),
    latest: range.latest,
  },
  reports: { ingest: ingestFromOutside },
  live: { snapshot },
  /** What another org may see of this one. */
  door: {
    list: door.list,
    get: door.get,
    historyRange: door.historyRange,
    historyLatest: door.historyLatest,
  },
  health: { check, size },
};

export type OrgVerbs = typeof orgVerbs;

/**
 * The picture as the JSON of a `snapshot` event's data. It holds every change published before this
 * answer; changes still on their way repeat what it says.
 */
function snapshot(org: OrgRuntime): { at: number; json: string } {
  const at = org.clock();
  return { at, json: JSON.stringify({ resources: [...org.inventory.all()], alerts: [], serverTime: at }) };
}

/** Answers while the org can store what it accepts; refuses with the reason when it cannot. */
function check(org: OrgRuntime): { ok: true } {
  if (org.commit.failing) throw org.commit.failing;
  return { ok: true };
}

function size(org: OrgRuntime): { resources: number } {
  return { resources: org.inventory.size };
}
