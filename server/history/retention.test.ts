import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { ResourceId } from "../contract/ids.ts";
import { STANDARD_KEEP_DAYS } from "../contract/retention-limits.ts";
import { mintId } from "../lib/random-id.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { DAY, type Tier } from "./chunk-table.ts";
import { giveBack, pruneByAge, pruneBySize, usedBytes } from "./retention.ts";
import { HistoryStore } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-retention-"));
afterAll(() => rmSync(folder, { recursive: true }));

const START = Date.UTC(2020, 0, 1);
let made = 0;

/** Chunks of a day of some sources, with parts of so many bytes; what is in them is nobody's business here. */
function filled(days: number, bytes: number, sources = ["s"]) {
  const path = join(folder, `${made++}.db`);
  const db = openMigrated(path, "create", loadMigrations("org"));
  const history = new HistoryStore(() => db);
  db.transaction(() => {
    const layoutId = history.layouts.idOfColumns([[ResourceId.parse(mintId("r")), "load1"]]);
    for (const source of sources) {
      for (let day = 0; day < days; day++) {
        const chunk = { rows: 1, layoutId, head: Buffer.alloc(50), parts: [Buffer.alloc(bytes, day)] };
        for (const tier of ["day", "fiveMinutes"] as const)
          history.chunks.write(
            source,
            tier,
            START + day * DAY,
            tier === "day" ? chunk : { ...chunk, parts: [] },
          );
      }
      history.chunks.write(source, "days", START, { rows: 1, layoutId, head: Buffer.alloc(50), parts: [] });
    }
  });
  return { path, db, history };
}

function all(work: Generator<void>): number {
  let slices = 0;
  for (const _ of work) slices++;
  return slices;
}

const firstDay = (history: HistoryStore, tier: Tier, source = "s") =>
  ((history.chunks.firstAt(source, tier) ?? Number.NaN) - START) / DAY;
const parts = (db: Database) => (db.rows("select count(*) as n from chunk_part") as { n: number }[])[0]?.n;

test("samples that are old enough go, two days at a time, and what they were summarised to stays", () => {
  const { db, history } = filled(10, 100);
  const now = START + (STANDARD_KEEP_DAYS.samples + 5) * DAY;
  const prune = () =>
    all(pruneByAge(() => db, history, { keepDays: STANDARD_KEEP_DAYS }, { now, unasked: true }));
  prune();
  expect(firstDay(history, "day")).toBe(2);
  for (let n = 0; n < 5; n++) prune();
  expect(firstDay(history, "day")).toBe(5);
  expect(parts(db)).toBe(5);
  expect(firstDay(history, "days")).toBe(0);
  db.close();
});

test("what was too old when somebody said so goes at once; what has become so since, two days at a time", () => {
  const { db, history } = filled(40, 100, ["s", "t"]);
  const keepDays = { ...STANDARD_KEEP_DAYS, samples: 10 };
  const changedAt = START + 35 * DAY;
  const prune = (now: number, unasked = true) =>
    all(pruneByAge(() => db, history, { keepDays, changedAt }, { now, unasked }));
  const firsts = () => ["s", "t"].map((source) => firstDay(history, "day", source));
  prune(changedAt + 9 * DAY, false);
  expect(firsts()).toEqual([25, 25]);
  prune(changedAt + 9 * DAY);
  expect(firsts()).toEqual([27, 27]);
  expect(firstDay(history, "fiveMinutes")).toBe(0);
  prune(changedAt + 9 * DAY);
  expect(firsts()).toEqual([29, 29]);
  /* A clock that was set back knows nothing of what was said. */
  prune(START);
  expect(firsts()).toEqual([29, 29]);
  db.close();
});

test("a file that comes near its limit loses its oldest samples, of whatever source, and nothing newer", () => {
  const { db, history } = filled(20, 50_000, ["s", "t"]);
  const limit = usedBytes(db) * 0.8;
  all(pruneBySize(() => db, history, limit));
  expect(usedBytes(db)).toBeLessThanOrEqual(limit);
  expect(usedBytes(db)).toBeGreaterThan(limit - 4 * 50_000);
  const firsts = ["s", "t"].map((source) => firstDay(history, "day", source));
  expect(Math.abs((firsts[0] ?? 0) - (firsts[1] ?? 0))).toBeLessThanOrEqual(1);
  expect(firsts[0]).toBeGreaterThan(2);
  db.close();
});

test("where nothing is left that may go, it ends", () => {
  const { db, history } = filled(3, 100);
  all(pruneBySize(() => db, history, 1));
  expect(history.chunks.firstAt("s", "day")).toBeUndefined();
  expect(history.chunks.firstAt("s", "days")).toBe(START);
  db.close();
});

test("room is given back to the disk a little at a time, and a little is kept for what comes next", () => {
  const { path, db, history } = filled(40, 400_000);
  db.pragma("wal_checkpoint(truncate)");
  const before = statSync(path).size;
  all(pruneBySize(() => db, history, before / 2));
  const slices = all(giveBack(() => db));
  expect(slices).toBeGreaterThan(5);
  db.pragma("wal_checkpoint(truncate)");
  const free = Number(db.pragma("freelist_count")) * 4_096;
  expect(free).toBeLessThanOrEqual(4 * 1024 * 1024);
  expect(statSync(path).size).toBeLessThan(before * 0.75);
  expect(db.pragma("integrity_check")).toBe("ok");
  db.close();
});
