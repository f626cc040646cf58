import { existsSync } from "node:fs";
import type { OrgId } from "../contract/ids.ts";
import { type Flaw, flaws, type Repair, repair } from "../instance/consistency.ts";
import { OrgConnections } from "../tenancy/connections.ts";
import { takeDataDir } from "../tenancy/data-dir.ts";
import { type Finding, foundFolders, inspect } from "../tenancy/integrity.ts";
import { OrgFolders } from "../tenancy/org-folders.ts";
import { instanceFile } from "../tenancy/paths.ts";
import { mendInstance } from "../tenancy/repair.ts";
import type { Command } from "./command.ts";

export const doctor: Command = {
  name: "doctor",
  usage: () => ["pulse doctor [--repair]"],
  summary: "looks for trouble: permissions, disk, clock, schema versions, damage",
  options: { repair: { type: "boolean" } },
  async run({ config, options, out }) {
    const now = Date.now();
    const look = () => inspect(config.dataDir, now, flaws);
    const before = look();
    const done = options.repair === true ? mend(config.dataDir, before, now) : [];
    const findings = done.length > 0 ? look() : before;
    const ok = findings.every((finding) => finding.ok);
    const width = Math.max(...findings.map(({ subject }) => subject.length)) + 2;
    out.answer({ ok, findings, ...(options.repair === true && { repaired: done }) }, [
      ...done.map((what) => `done ${what}`),
      ...findings.map(({ subject, ok, words }) => `${ok ? "ok  " : "BAD "} ${subject.padEnd(width)}${words}`),
    ]);
    return ok ? 0 : 1;
  },
};

/** Does what the findings name and nothing else; what it did, in words. Refused beside a running server. */
function mend(dataDir: string, findings: Finding[], now: number): string[] {
  const wanted = new Set(findings.flatMap((found) => (found as Flaw).repair ?? []));
  if (wanted.size === 0 || !existsSync(instanceFile(dataDir))) return [];
  const lock = takeDataDir(dataDir);
  const files = new OrgConnections(dataDir);
  try {
    const done: string[] = [];
    if (wanted.delete("move_stray_folder"))
      done.push(...moveStrays(dataDir, new OrgFolders(dataDir, files), findings, now));
    if (wanted.size > 0) done.push(...mendRows(dataDir, [...wanted], now));
    return done;
  } finally {
    files.closeAll();
    lock.release();
  }
}

function moveStrays(dataDir: string, folders: OrgFolders, findings: Finding[], now: number): string[] {
  const isStray = (id: OrgId) =>
    findings.some(({ subject, repair }) => repair === "move_stray_folder" && subject === `orgs/${id}`);
  return foundFolders(dataDir)
    .orgs.filter(isStray)
    .map((id) => {
      folders.trash(id, now);
      return `orgs/${id} moved to the trash`;
    });
}

function mendRows(dataDir: string, wanted: Repair[], now: number): string[] {
  const { result, copy } = mendInstance(dataDir, now, (db) =>
    wanted.flatMap((what) => repair(db, what, now) ?? []),
  );
  return [`a copy is kept as ${copy}`, ...result];
}
