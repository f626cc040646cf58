/** What people ask and say about how long history is kept. */
import type { Database } from "../../db/driver.ts";
import type {
  HistoryRetention,
  RetentionInput,
  RetentionSettings,
  SetRetentionInput,
} from "../contract/history.ts";
import { KEPT_TIERS } from "../contract/retention-limits.ts";
import { DomainError } from "../lib/domain-error.ts";
import { TIERS, type Tier } from "./chunk-table.ts";
import { forecast, type Used } from "./forecast.ts";
import { changed, readKept, writeKept } from "./kept.ts";
import { usedBytes } from "./retention.ts";
import type { Upkeep } from "./upkeep.ts";
import { usedSpans } from "./use.ts";

interface WithHistoryFile {
  historyFile(): Database;
  upkeep: Upkeep;
  clock: () => number;
  /** Its file is not to be written any more. */
  readonly isClosed: boolean;
}

/** What an operator allows the org's file to take: the edge knows. */
interface WithQuota<Input> {
  input: Input;
  quotaBytes: number;
}

/** What is kept and what it takes; with an input, as it would be if that were set. */
export function retention(
  org: WithHistoryFile,
  { input, quotaBytes }: WithQuota<RetentionInput>,
): HistoryRetention {
  const db = org.historyFile();
  const kept = readKept(db);
  const tiers = Object.keys(TIERS) as Tier[];
  const used = Object.fromEntries(tiers.map((tier) => [tier, usedSpans(db, TIERS[tier].number)])) as Used;
  return forecast({
    used,
    usedBytes: usedBytes(db),
    settings: changed(kept, input, quotaBytes),
    keptDays: kept.keepDays,
    quotaBytes,
    now: org.clock(),
  });
}

/** What differs, by names for whoever reads the audit. */
export interface RetentionChange {
  from: Record<string, number | null>;
  to: Record<string, number | null>;
}

/** What is not kept any more is deleted from now on, a little at a time, and is gone for good. */
export function setRetention(
  org: WithHistoryFile,
  { input, quotaBytes }: WithQuota<SetRetentionInput>,
): RetentionChange {
  if (org.isClosed) throw new DomainError("org_unavailable", "Stopped for now.");
  const db = org.historyFile();
  const before = readKept(db);
  const after = changed(before, input, quotaBytes);
  db.transaction(() => writeKept(db, after, org.clock()));
  org.upkeep.limitBytes = quotaBytes;
  org.upkeep.pruneNow();
  return differenceOf(before, after);
}

function differenceOf(before: RetentionSettings, after: RetentionSettings): RetentionChange {
  const change: RetentionChange = { from: {}, to: {} };
  const [were, are] = [named(before), named(after)];
  for (const [name, is] of Object.entries(are)) {
    if (were[name] === is) continue;
    change.from[name] = were[name] ?? null;
    change.to[name] = is;
  }
  return change;
}

function named({ keepDays, maxBytes }: RetentionSettings): Record<string, number | null> {
  return { ...Object.fromEntries(KEPT_TIERS.map((tier) => [`${tier}Days`, keepDays[tier]])), maxBytes };
}
