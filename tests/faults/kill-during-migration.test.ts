/**
 * A migration that is killed leaves the file at exactly one version. The process is killed at its first write to
 * the disk, at its second, and so on to the last, and likewise at every wait for the disk (strace injects the
 * SIGKILL); after each the file is whole, and the next start completes what was begun.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../db/driver.ts";
import { migrate, schemaVersion } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";
import { MIGRATIONS } from "./migrations.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-migration-"));
afterAll(() => rmSync(folder, { recursive: true }));
const umask = process.umask(0o077);
afterAll(() => void process.umask(umask));

const [first] = MIGRATIONS;
if (!first) throw new Error("no migrations");
const FAMILY =
  "insert into parent values (1, 'a'), (2, 'b'); insert into child values (10, 1), (11, 1), (20, 2)";
const MOST_KILLS = 80;

beforeAll(() => {
  if (!Bun.which("strace")) throw new Error("this test needs strace (Debian: apt-get install strace)");
});

/** The schema of every version, as a file that was never killed has it. */
const schemas = MIGRATIONS.map((_, index) => {
  const db = openMigrated(join(folder, `reference-${index}.db`), "create", MIGRATIONS.slice(0, index + 1));
  const schema = schemaOf(db);
  db.close();
  return schema;
});

test.each(["pwrite64", "fsync"])(
  "killed at any %s of a migration, a file is at one version and goes on from there",
  async (call) => {
    const before = join(folder, `before-${call}.db`);
    const db = openMigrated(before, "create", [first]);
    db.execute(FAMILY);
    db.close();
    const versions = await killEverywhere(call, (path) => copyFileSync(before, path));
    expect(versions.length).toBeGreaterThanOrEqual(2);
    expect(new Set([...versions, MIGRATIONS.length])).toEqual(new Set([1, 2, 3]));
  },
  60_000,
);

test("killed at any write of its making, a new file can be made by the next start", async () => {
  const versions = await killEverywhere("pwrite64", () => {});
  expect(versions.length).toBeGreaterThanOrEqual(5);
}, 60_000);

/** The version after each kill. */
async function killEverywhere(call: string, prepare: (path: string) => void): Promise<number[]> {
  const versions: number[] = [];
  for (let from = 1; from <= MOST_KILLS; from += 2) {
    const outcomes = await Promise.all([from, from + 1].map((when) => killAt(call, when, prepare)));
    for (const outcome of outcomes) {
      if (outcome === "completed") return versions;
      versions.push(outcome);
    }
  }
  throw new Error(`still not through after ${MOST_KILLS} kills`);
}

async function killAt(
  call: string,
  when: number,
  prepare: (path: string) => void,
): Promise<number | "completed"> {
  const path = join(mkdtempSync(join(folder, `${call}-${when}-`)), "org.db");
  prepare(path);
  const inject = `inject=${call}:signal=SIGKILL:when=${when}`;
  /* Only calls on the database's own files count: `-P` leaves out every other. */
  const files = ["", "-wal"].flatMap((suffix) => ["-P", path + suffix]);
  const child = Bun.spawn(
    [
      "strace",
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      ...files,
      "-e",
      `trace=${call}`,
      "-e",
      inject,
      process.execPath,
      join(import.meta.dir, "migrate-driver.ts"),
      path,
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const said = (await new Response(child.stdout).text()).trim();
  await child.exited;
  if (child.signalCode === null) {
    if (child.exitCode !== 0 || said !== String(MIGRATIONS.length)) {
      throw new Error(`ended by itself: ${said} ${await new Response(child.stderr).text()}`);
    }
    return "completed";
  }
  expect(child.signalCode).toBe("SIGKILL");
  return checkAndComplete(path);
}

function checkAndComplete(path: string): number {
  const db = openDatabase(path, "create");
  const version = schemaVersion(db);
  expect(db.pragma("integrity_check")).toBe("ok");
  expect(schemaOf(db)).toEqual(version === 0 ? [] : (schemas[version - 1] ?? []));
  const children = version === 0 ? [] : db.rows("select id, parent_id from child order by id");
  migrate(db, MIGRATIONS);
  expect(schemaVersion(db)).toBe(MIGRATIONS.length);
  expect(schemaOf(db)).toEqual(schemas.at(-1) ?? []);
  expect(db.rows("select id, parent_id from child order by id")).toEqual(children);
  if (children.length > 0) {
    expect(children).toHaveLength(3);
    expect(db.rows("select note from child order by id")[2]).toEqual({ note: "from 2" });
  }
  expect(db.rows("pragma foreign_key_check")).toEqual([]);
  db.close();
  return version;
}

function schemaOf(db: Database): unknown[] {
  return db.rows("select type, name, sql from sqlite_master order by type, name");
}
