/**
 * Sealing that is killed leaves every sample exactly once: in a row or in a chunk, never in both and never in neither.
 * The process is killed at its first write to the disk, at its second, and so on to the last, and likewise
 * at every wait for the disk (strace injects the SIGKILL); the next start completes what was begun.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { ResourceId } from "../../server/contract/ids.ts";
import { DAY, HOUR } from "../../server/history/chunk-table.ts";
import { readPoints } from "../../server/history/read-series.ts";
import { HistoryStore } from "../../server/history/store.ts";
import { Upkeep } from "../../server/history/upkeep.ts";
import { mintId } from "../../server/lib/random-id.ts";
import { loadMigrations } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-sealing-"));
afterAll(() => rmSync(folder, { recursive: true }));
const umask = process.umask(0o077);
afterAll(() => void process.umask(umask));

const id = ResourceId.parse(mintId("r"));
const START = Date.UTC(2026, 2, 1);
const EVERY_MS = 10 * 60_000;
const NOW = START + 2 * DAY + 3 * HOUR;
const MOST_KILLS = 200;
const AT_A_TIME = 4;
const before = join(folder, "before.db");
let expected: number[] = [];

beforeAll(() => {
  if (!Bun.which("strace")) throw new Error("this test needs strace (Debian: apt-get install strace)");
  const db = openMigrated(before, "create", loadMigrations("org"));
  const history = new HistoryStore(() => db);
  const put = (from: number, to: number) => {
    for (let at = from; at < to; at += EVERY_MS)
      history.stage("s", at, [{ id, metrics: { load1: at / EVERY_MS } }]);
    db.transaction(() => history.write());
    history.written();
  };
  /* A day that is sealed and into which something came late, a day of hours, and rows. */
  put(START, START + DAY + HOUR);
  finish(db, START + DAY + 2 * HOUR);
  put(START + 60_000, START + 2 * HOUR);
  put(START + DAY + HOUR, START + DAY + 3 * HOUR);
  finish(db, START + DAY + 3 * HOUR + 20 * 60_000);
  put(START + DAY + 3 * HOUR, START + DAY + 5 * HOUR);
  put(START + 2 * DAY, START + 2 * DAY + HOUR);
  expected = timesIn(db);
  db.close();
});

test.each(["pwrite64", "fsync"])(
  "killed at any %s of sealing, a file has every sample once, and the next start completes it",
  async (call) => {
    let kills = 0;
    for (let from = 1; from <= MOST_KILLS; from += AT_A_TIME) {
      const outcomes = await Promise.all(Array.from({ length: AT_A_TIME }, (_, n) => killAt(call, from + n)));
      kills += outcomes.filter((outcome) => outcome === "killed").length;
      if (outcomes.includes("completed")) {
        expect(kills).toBeGreaterThanOrEqual(call === "fsync" ? 2 : 10);
        return;
      }
    }
    throw new Error(`still not through after ${MOST_KILLS} kills`);
  },
  120_000,
);

async function killAt(call: string, when: number): Promise<"killed" | "completed"> {
  const path = join(mkdtempSync(join(folder, `${call}-${when}-`)), "org.db");
  copyFileSync(before, path);
  /* Only calls on the database's own files count: `-P` leaves out every other. */
  const files = ["", "-wal"].flatMap((suffix) => ["-P", path + suffix]);
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${when}`];
  const driver = [process.execPath, join(import.meta.dir, "seal-driver.ts"), path, String(NOW)];
  const child = Bun.spawn(["strace", "-f", "-qq", "-o", "/dev/null", ...files, ...inject, ...driver], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const said = (await new Response(child.stdout).text()).trim();
  await child.exited;
  if (child.signalCode === null && (child.exitCode !== 0 || said !== "done"))
    throw new Error(`ended by itself: ${said} ${await new Response(child.stderr).text()}`);
  const db = openMigrated(path, "existing", loadMigrations("org"));
  expect(db.pragma("integrity_check")).toBe("ok");
  expect(timesIn(db)).toEqual(expected);
  expect(copiesIn(db)).toBe(expected.length);
  finish(db, NOW);
  expect(timesIn(db)).toEqual(expected);
  expect(copiesIn(db)).toBe(expected.length);
  expect(db.rows("select count(*) as n from sample")).toEqual([{ n: 1 }]);
  db.close();
  return child.signalCode === null ? "completed" : "killed";
}

function finish(db: Database, now: number): void {
  const history = new HistoryStore(() => db);
  const upkeep = new Upkeep({ db: () => db, history, clock: () => now, onFailure: () => {} });
  upkeep.finish();
  upkeep.stop();
}

/** As a reader sees them; every one has the value that was reported then. */
function timesIn(db: Database): number[] {
  const found: number[] = [];
  const span = { from: 0, to: START + 10 * DAY };
  for (const { times, column } of readPoints(
    new HistoryStore(() => db),
    { source: "s", id, metrics: ["load1"] },
    span,
  )) {
    const values = column(0);
    for (const [index, at] of times.entries())
      if (Math.abs((values[index] ?? Number.NaN) - at / EVERY_MS) < 1) found.push(at);
  }
  return found;
}

/** Rows and rows of chunks together, whoever sees them. */
function copiesIn(db: Database): number {
  const chunks = `select sum("rows") from chunk where (id / ${2 ** 20}) % 8 < 2`;
  const [row] = db.rows(`select (select count(*) from sample) + (${chunks}) as n`) as { n: number }[];
  return row?.n ?? -1;
}
