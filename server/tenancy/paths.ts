/**
 * The only place where an org id becomes a path. An id that is not of the one allowed form never
 * gets here as an `OrgId`; it is checked again all the same, because a path is a trust boundary.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { OrgId } from "../contract/ids.ts";

export function instanceFile(dataDir: string): string {
  return join(dataDir, "instance.db");
}

export function lockPath(dataDir: string): string {
  return join(dataDir, "lock.db");
}

export function orgsDir(dataDir: string): string {
  return join(dataDir, "orgs");
}

/** Whether anything was ever kept here: then `instance.db` is not made anew beside it. */
export function hasOrgFiles(dataDir: string): boolean {
  const folder = orgsDir(dataDir);
  return existsSync(folder) && readdirSync(folder).length > 0;
}

export function orgDir(dataDir: string, orgId: OrgId): string {
  return join(orgsDir(dataDir), OrgId.parse(orgId));
}

export function orgFile(dataDir: string, orgId: OrgId): string {
  return join(orgDir(dataDir, orgId), "org.db");
}

export function trashDir(dataDir: string): string {
  return join(dataDir, "trash");
}

/** `at` is epoch milliseconds. */
export function trashedOrgDir(dataDir: string, orgId: OrgId, at: number): string {
  return join(trashDir(dataDir), `${OrgId.parse(orgId)}-${Math.trunc(at)}`);
}

export function backupsDir(dataDir: string): string {
  return join(dataDir, "backups");
}

/** Reports that are acknowledged and on their way into the orgs' files. */
export function journalDir(dataDir: string): string {
  return join(dataDir, "journal");
}
