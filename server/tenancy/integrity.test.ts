import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ORG } from "../contract/ids.ts";
import { OrgConnections } from "./connections.ts";
import { takeDataDir } from "./data-dir.ts";
import { inspect } from "./integrity.ts";
import { loadMigrations } from "./migrate.ts";
import { openMigrated } from "./open.ts";
import { instanceFile, orgFile } from "./paths.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-integrity-"));
afterAll(() => rmSync(folder, { recursive: true }));
const NOW = Date.UTC(2027, 0, 1);

/** What a server leaves behind that stopped cleanly. */
function stoppedDataDir(): string {
  const umask = process.umask(0o077);
  const dataDir = join(mkdtempSync(join(folder, "d")), "data");
  const lock = takeDataDir(dataDir);
  openMigrated(instanceFile(dataDir), "create", loadMigrations("instance")).close();
  new OrgConnections(dataDir).create(DEFAULT_ORG);
  lock.release();
  process.umask(umask);
  return dataDir;
}

const bad = (dataDir: string) => inspect(dataDir, NOW).filter(({ ok }) => !ok);

/** Names, modes and content of everything there. */
function everything(dataDir: string): unknown {
  return readdirSync(dataDir, { recursive: true })
    .map(String)
    .sort()
    .map((name) => {
      const path = join(dataDir, name);
      const entry = statSync(path);
      const content = entry.isFile() && !name.endsWith("-shm") ? readFileSync(path, "base64") : "";
      return [name, entry.mode, content];
    });
}

test("a data directory that is not there yet is fine and stays not there", () => {
  const dataDir = join(folder, "not-yet");
  expect(inspect(dataDir, NOW)).toEqual([
    { subject: "data directory", ok: true, words: expect.stringContaining("`pulse serve`") },
  ]);
  expect(() => statSync(dataDir)).toThrow();
});

test("a sound directory is found sound and left exactly as it was", () => {
  const dataDir = stoppedDataDir();
  const before = everything(dataDir);
  expect(bad(dataDir)).toEqual([]);
  expect(everything(dataDir)).toEqual(before);
  takeDataDir(dataDir).release();
});

test("so is what a killed server left", () => {
  const source = stoppedDataDir();
  const db = openMigrated(orgFile(source, DEFAULT_ORG), "existing", loadMigrations("org"));
  db.execute("insert into sample_layout (columns) values ('[]')");
  const dataDir = join(mkdtempSync(join(folder, "d")), "data");
  cpSync(source, dataDir, { recursive: true });
  chmodSync(join(dataDir, ".."), 0o700);
  for (const name of readdirSync(dataDir, { recursive: true }).map(String)) {
    const path = join(dataDir, name);
    chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600);
  }
  chmodSync(dataDir, 0o700);
  db.close();
  const before = everything(dataDir);
  expect(bad(dataDir)).toEqual([]);
  expect(everything(dataDir)).toEqual(before);
});

test("beside a server that runs, it looks without getting in its way", () => {
  const dataDir = stoppedDataDir();
  const lock = takeDataDir(dataDir);
  const db = openMigrated(orgFile(dataDir, DEFAULT_ORG), "existing", loadMigrations("org"));
  expect(bad(dataDir)).toEqual([]);
  db.execute("insert into sample_layout (columns) values ('[]')");
  expect(db.rows("select count(*) as n from sample_layout")).toEqual([{ n: 1 }]);
  db.close();
  lock.release();
});

describe("what is wrong is named with what to do:", () => {
  test("what is inside an org's file, by whoever knows what belongs there", () => {
    const dataDir = stoppedDataDir();
    const findings = inspect(dataDir, Date.now(), undefined, () => ["2 pieces of history are damaged"]);
    expect(findings.filter(({ ok }) => !ok)).toEqual([
      { subject: "orgs/default/org.db", ok: false, words: "2 pieces of history are damaged" },
    ]);
  });

  test("a file others can read", () => {
    const dataDir = stoppedDataDir();
    chmodSync(instanceFile(dataDir), 0o644);
    expect(bad(dataDir)).toEqual([
      {
        subject: "permissions",
        ok: false,
        words: expect.stringContaining(`chmod go= ${instanceFile(dataDir)}`),
      },
    ]);
  });

  test("a missing file", () => {
    const dataDir = stoppedDataDir();
    rmSync(instanceFile(dataDir));
    expect(bad(dataDir)).toEqual([{ subject: "instance.db", ok: false, words: "is missing" }]);
    expect(readdirSync(dataDir)).not.toContain("instance.db");
  });

  test("a schema from a newer Pulse", () => {
    const dataDir = stoppedDataDir();
    const db = openMigrated(orgFile(dataDir, DEFAULT_ORG), "existing", loadMigrations("org"));
    db.pragma("user_version = 99");
    db.close();
    expect(bad(dataDir)).toEqual([
      {
        subject: "orgs/default/org.db",
        ok: false,
        words: expect.stringContaining("schema 99 is from a newer Pulse"),
      },
    ]);
  });

  test("damage", () => {
    const dataDir = stoppedDataDir();
    const fd = openSync(orgFile(dataDir, DEFAULT_ORG), "r+");
    writeSync(fd, Buffer.alloc(8_192, 0xa5), 0, 8_192, 4_096);
    const [finding] = bad(dataDir);
    expect(finding?.subject).toBe("orgs/default/org.db");
    expect(finding?.words).toMatch(/is damaged|cannot be read/);
  });

  test("rows that point to nothing", () => {
    const dataDir = stoppedDataDir();
    const db = openMigrated(orgFile(dataDir, DEFAULT_ORG), "existing", loadMigrations("org"));
    db.pragma("foreign_keys = OFF");
    db.execute("insert into sample values ('s', 1, 77, x'00')");
    db.close();
    expect(bad(dataDir)[0]?.words).toContain("1 rows point to nothing");
  });

  test("a folder that is not of Pulse", () => {
    const dataDir = stoppedDataDir();
    mkdirSync(join(dataDir, "orgs/backup-of-monday"), { mode: 0o700 });
    expect(bad(dataDir)).toEqual([
      { subject: "orgs/backup-of-monday", ok: false, words: "is not a folder of Pulse; move it away" },
    ]);
  });

  test("a clock from before there was a Pulse", () => {
    const findings = inspect(stoppedDataDir(), Date.UTC(1970, 0, 2)).filter(({ ok }) => !ok);
    expect(findings.map(({ subject }) => subject)).toEqual(["clock"]);
  });
});
