import { existsSync } from "node:fs";
import type { Config } from "../config.ts";
import type { OrgId } from "../contract/ids.ts";
import { damagedHistory } from "../history/damage.ts";
import { type Flaw, flaws, type Repair, repair } from "../instance/consistency.ts";
import { reseal as resealChannels } from "../notifications/reseal.ts";
import { reseal as resealSources } from "../sources/reseal.ts";
import { OrgConnections } from "../tenancy/connections.ts";
import { takeDataDir } from "../tenancy/data-dir.ts";
import { type Finding, foundFolders, inspect } from "../tenancy/integrity.ts";
import { DataDirKeys } from "../tenancy/keys.ts";
import { OrgFolders } from "../tenancy/org-folders.ts";
import { instanceFile } from "../tenancy/paths.ts";
import { mendInstance } from "../tenancy/repair.ts";
import type { Command } from "./command.ts";

export const doctor: Command = {
  name: "doctor",
  usage: () => ["pulse doctor [--repair] [--rotate-key]"],
  summary: "looks for trouble: permissions, disk, clock, schema versions, damage; replaces the master key",
  options: { repair: { type: "boolean" }, "rotate-key": { type: "boolean" } },
  async run({ config, options, out }) {
    const now = Date.now();
    const look = () => inspect(config.dataDir, now, flaws, damagedHistory);
    const before = look();
    const done = [
      ...(options.repair === true ? mend(config.dataDir, before, now) : []),
      ...(options["rotate-key"] === true ? rotateKey(config) : []),
    ];
    const findings = done.length > 0 ? look() : before;
    const ok = findings.every((finding) => finding.ok);
    const width = Math.max(...findings.map(({ subject }) => subject.length)) + 2;
    const asked = options.repair === true || options["rotate-key"] === true;
    out.answer({ ok, findings, ...(asked && { repaired: done }) }, [
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

/**
 * A new master key, and everything in the orgs' files sealed with it. The old one stays: backups need it.
 * Whoever is signed in stays so; what browsers remember of their last choice is forgotten.
 */
function rotateKey({ dataDir, secretKeyFile }: Config): string[] {
  if (!existsSync(instanceFile(dataDir))) return [];
  const lock = takeDataDir(dataDir);
  const files = new OrgConnections(dataDir);
  try {
    const keys = new DataDirKeys(dataDir, secretKeyFile);
    keys.rotate();
    const sealed = foundFolders(dataDir).orgs.map((id) => {
      const own = (name?: string) => keys.orgKey(id, name);
      return resealSources(files.use(id), own) + resealChannels(files.use(id), own);
    });
    const total = sealed.reduce((sum, count) => sum + count, 0);
    return [`the master key was replaced; ${total} credentials were sealed anew`];
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
