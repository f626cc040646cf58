import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFile, type OpenMode, openDatabase, sqliteCode, sqliteVersion } from "./driver.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-driver-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FULL = 2;

test("every connection waits for the disk at a commit, keeps a write-ahead log and enforces foreign keys", () => {
  const path = join(folder, "pragmas.db");
  for (const mode of ["create", "existing", "readonly"] satisfies OpenMode[]) {
    const db = openDatabase(path, mode);
    expect({
      mode,
      synchronous: db.pragma("synchronous"),
      journal: db.pragma("journal_mode"),
      foreignKeys: db.pragma("foreign_keys"),
      trustedSchema: db.pragma("trusted_schema"),
    }).toEqual({ mode, synchronous: FULL, journal: "wal", foreignKeys: 1, trustedSchema: 0 });
    db.close();
  }
});

test("opening what is not there makes nothing", () => {
  const path = join(folder, "missing.db");
  for (const mode of ["existing", "readonly"] satisfies OpenMode[]) {
    expect(() => openDatabase(path, mode)).toThrow();
  }
  expect(() => openDatabase(path, "readonly")).toThrow("unable to open database file");
});

test("a transaction happens whole or not at all", () => {
  const db = openDatabase(join(folder, "whole.db"), "create");
  db.execute("create table t (a)");
  expect(() =>
    db.transaction(() => {
      db.execute("insert into t values (1)");
      throw new Error("half way");
    }),
  ).toThrow("half way");
  expect(db.rows("select * from t")).toEqual([]);
  expect(db.transaction(() => db.rows("select 1 as one"))).toEqual([{ one: 1 }]);
  db.close();
});

test("a transaction that would wait for something is refused and undone", () => {
  const db = openDatabase(join(folder, "promise.db"), "create");
  db.execute("create table t (a)");
  expect(() =>
    db.transaction(async () => {
      db.execute("insert into t values (1)");
    }),
  ).toThrow("promise");
  expect(db.rows("select * from t")).toEqual([]);
  db.close();
});

test("a lock is held by one and free again when released", () => {
  const path = join(folder, "lock.db");
  const lock = lockFile(path);
  let refusal: unknown;
  try {
    lockFile(path);
  } catch (error) {
    refusal = error;
  }
  expect(sqliteCode(refusal)).toBe("SQLITE_BUSY");
  lock.release();
  lockFile(path).release();
});

test("the SQLite inside has the fix for resetting a write-ahead log (3.51.3)", () => {
  const [major = 0, minor = 0, patch = 0] = sqliteVersion().split(".").map(Number);
  expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(3_051_003);
});

test("SQLite follows links, which is why tenancy looks before it opens", () => {
  openDatabase(join(folder, "real.db"), "create").close();
  symlinkSync(join(folder, "real.db"), join(folder, "link.db"));
  openDatabase(join(folder, "link.db"), "existing").close();
});
