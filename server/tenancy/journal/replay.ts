/** What a journal holds after a crash: delivered again to the orgs, then gone. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { OrgId } from "../../contract/ids.ts";
import { decodeHead, type JournalRecord, readRecords } from "./segment.ts";

export interface Replayed {
  records: number;
  orgs: number;
  /** What could not be given back stays, for the next start. */
  failed: { orgId: OrgId; error: unknown }[];
}

/**
 * `deliver` takes everything of one org, in the order in which it came, and has it on disk when it
 * returns. What it throws concerns that org alone.
 */
export function replay(
  folder: string,
  deliver: (orgId: OrgId, records: readonly JournalRecord[]) => void,
): Replayed {
  const segments = journalFiles(folder)
    .map((path) => ({ path, bytes: readFileSync(path) }))
    .map(({ path, bytes }) => ({ path, bytes, generation: decodeHead(bytes)?.generation ?? 0 }))
    .sort((a, b) => Number(isKept(b.path)) - Number(isKept(a.path)) || a.generation - b.generation);
  const byOrg = new Map<OrgId, JournalRecord[]>();
  const heldBy = new Map<string, Set<OrgId>>();
  let records = 0;
  for (const { path, bytes } of segments) {
    for (const record of readRecords(bytes)) {
      const list = byOrg.get(record.orgId);
      if (list) list.push(record);
      else byOrg.set(record.orgId, [record]);
      heldBy.set(path, (heldBy.get(path) ?? new Set()).add(record.orgId));
      records++;
    }
  }
  const failed: Replayed["failed"] = [];
  for (const [orgId, list] of byOrg) {
    try {
      deliver(orgId, list);
    } catch (error) {
      failed.push({ orgId, error });
    }
  }
  for (const { path } of segments) {
    const isNeeded = failed.some(({ orgId }) => heldBy.get(path)?.has(orgId));
    if (!isNeeded) rmSync(path);
    else if (!isKept(path)) renameSync(path, `${path.slice(0, -JOURNAL.length)}${KEPT}`);
  }
  return { records, orgs: byOrg.size, failed };
}

const JOURNAL = ".journal";
/** Holds what could not be given back at an earlier start. */
const KEPT = ".kept";

/** What is kept is older than whatever came since, though its generation may be higher. */
function isKept(path: string): boolean {
  return path.endsWith(KEPT);
}

export function journalFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(JOURNAL) || name.endsWith(KEPT))
    .map((name) => join(folder, name));
}
