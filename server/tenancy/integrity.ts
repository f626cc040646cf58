/**
 * Looks at the data directory and leaves it as it was. Nobody else works on it meanwhile: it is taken
 * for the time of looking, unless a running server has it.
 */
import { existsSync, lstatSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { type Database, lockFile } from "../../db/driver.ts";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { loadMigrations, schemaVersion } from "./migrate.ts";
import { instanceFile, lockPath, orgFile, orgsDir, trashDir } from "./paths.ts";
import { lookWhileServed, peek } from "./peek.ts";

export interface Finding {
  /** What was looked at. */
  subject: string;
  ok: boolean;
  /** What was found, in words; for something wrong also what to do. */
  words: string;
  /** What can be done about it, for whoever looked. */
  repair?: string;
}

/** Names of the folders that are there: of orgs in use, and of orgs in the trash. */
export interface FoundFolders {
  orgs: OrgId[];
  trashed: OrgId[];
}

/** Looks into `instance.db`, beyond whether it is sound. */
export type LookInside = (db: Database, folders: FoundFolders) => Finding[];

/** Looks into the file of an org that is sound as a file: what is wrong with what is in it, in words. */
export type LookInsideOrg = (db: Database) => string[];

/** What Pulse makes in the data directory. */
const OWN_NAMES = [
  "instance.db",
  "instance.db-wal",
  "instance.db-shm",
  "lock.db",
  "control.sock",
  "keys",
  "journal",
  "orgs",
  "trash",
  "backups",
];
const LOW_DISK_BYTES = 256 * 1024 * 1024;
/** Before this no Pulse was built: a clock that says so is wrong. */
const EARLIEST_SANE_TIME = Date.UTC(2026, 0, 1);

export function inspect(
  dataDir: string,
  now: number,
  inside: LookInside = () => [],
  insideOrg: LookInsideOrg = () => [],
): Finding[] {
  if (!existsSync(instanceFile(dataDir)) && !existsSync(orgsDir(dataDir))) {
    return [
      {
        subject: "data directory",
        ok: true,
        words: `${dataDir} holds nothing yet; \`pulse serve\` begins it`,
      },
    ];
  }
  const lock = takeIfFree(dataDir);
  const look = lock ? peek : lookWhileServed;
  try {
    return [
      ...permissions(dataDir),
      disk(dataDir),
      clock(now),
      ...database("instance.db", instanceFile(dataDir), "instance", look),
      ...instanceInside(dataDir, look, inside),
      ...orgFiles(dataDir, look, insideOrg),
    ];
  } finally {
    lock?.release();
  }
}

type Look = typeof peek;

/** Undefined when a server has it, or nobody ever had. */
function takeIfFree(dataDir: string): ReturnType<typeof lockFile> | undefined {
  const path = lockPath(dataDir);
  if (!existsSync(path)) return undefined;
  try {
    return lockFile(path);
  } catch {
    return undefined;
  }
}

function permissions(dataDir: string): Finding[] {
  const subject = "permissions";
  const findings: Finding[] = [];
  const look = (path: string): boolean => {
    const entry = lstatSync(path);
    if (entry.isSymbolicLink()) {
      findings.push({ subject, ok: false, words: `${path} is a link; Pulse keeps its own files only` });
    } else if ((entry.mode & 0o077) !== 0) {
      findings.push({ subject, ok: false, words: `${path} can be read by others; chmod go= ${path}` });
    }
    return entry.isDirectory();
  };
  const visit = (path: string) => {
    if (look(path)) for (const name of readdirSync(path)) visit(join(path, name));
  };
  look(dataDir);
  for (const name of OWN_NAMES) if (existsSync(join(dataDir, name))) visit(join(dataDir, name));
  if (findings.length > 0) return findings;
  return [{ subject, ok: true, words: "only the owner can read the data" }];
}

function disk(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const words = `${Math.floor(free / 1024 / 1024)} MiB free`;
  return free < LOW_DISK_BYTES
    ? { subject: "disk", ok: false, words: `only ${words}; make room before Pulse has to refuse reports` }
    : { subject: "disk", ok: true, words };
}

function clock(now: number): Finding {
  return now < EARLIEST_SANE_TIME
    ? {
        subject: "clock",
        ok: false,
        words: `says ${new Date(now).toISOString()}; set the time, history depends on it`,
      }
    : { subject: "clock", ok: true, words: new Date(now).toISOString() };
}

/** What it is, if it can be read at all, which has been said then. */
function instanceInside(dataDir: string, look: Look, inside: LookInside): Finding[] {
  const path = instanceFile(dataDir);
  if (!existsSync(path)) return [];
  try {
    return look(path, (db) =>
      schemaVersion(db) === loadMigrations("instance").length ? inside(db, foundFolders(dataDir)) : [],
    );
  } catch {
    return [];
  }
}

export function foundFolders(dataDir: string): FoundFolders {
  const idsIn = (folder: string, idOf: (name: string) => string) =>
    (existsSync(folder) ? readdirSync(folder) : []).flatMap((name) => {
      const id = OrgId.safeParse(idOf(name));
      return id.success ? [id.data] : [];
    });
  return {
    orgs: idsIn(orgsDir(dataDir), (name) => name),
    trashed: idsIn(trashDir(dataDir), (name) => name.split("-")[0] ?? ""),
  };
}

function orgFiles(dataDir: string, look: Look, inside: LookInsideOrg): Finding[] {
  const names = existsSync(orgsDir(dataDir)) ? readdirSync(orgsDir(dataDir)) : [];
  return [...new Set([DEFAULT_ORG, ...names])].flatMap((name) => {
    const orgId = OrgId.safeParse(name);
    if (!orgId.success)
      return [{ subject: `orgs/${name}`, ok: false, words: "is not a folder of Pulse; move it away" }];
    const subject = `orgs/${name}/org.db`;
    const path = orgFile(dataDir, orgId.data);
    const [found] = database(subject, path, "org", look);
    if (!found?.ok) return found ? [found] : [];
    const flaws = look(path, (db) => (schemaVersion(db) === loadMigrations("org").length ? inside(db) : []));
    return [found, ...flaws.map((words) => ({ subject, ok: false, words }))];
  });
}

function database(subject: string, path: string, kind: "instance" | "org", look: Look): Finding[] {
  if (!existsSync(path)) return [{ subject, ok: false, words: "is missing" }];
  try {
    const found = look(path, (db) => soundness(db, kind));
    return [{ subject, ...(found.ok ? found : look(path, (db) => soundness(db, kind))) }];
  } catch (error) {
    return [
      { subject, ok: false, words: `cannot be read: ${error instanceof Error ? error.message : error}` },
    ];
  }
}

function soundness(db: Database, kind: "instance" | "org"): Omit<Finding, "subject"> {
  const version = schemaVersion(db);
  const known = loadMigrations(kind).length;
  if (version > known)
    return { ok: false, words: `schema ${version} is from a newer Pulse; this one knows ${known}` };
  if (version === 0) return { ok: false, words: "is empty; restore it from a backup" };
  const check = db.pragma("quick_check(1)");
  if (check !== "ok") return { ok: false, words: `is damaged: ${check}; restore it from a backup` };
  /* Of `instance.db` that is said table by table, with what can be done about it. */
  const orphans = kind === "org" ? db.rows("pragma foreign_key_check").length : 0;
  if (orphans > 0) return { ok: false, words: `${orphans} rows point to nothing; restore it from a backup` };
  return { ok: true, words: `sound, schema ${version} of ${known}` };
}
