/**
 * The promise: a report we acknowledged is on disk. Fifty times on the same data directory, a process that stores
 * reports is killed with SIGKILL at a random moment; what it had acknowledged is compared with what is there.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import { Lines } from "./child-server.ts";
import type { DriverInput } from "./ingest-driver.ts";

const SEED = Number(process.env.PULSE_TEST_SEED ?? Date.now() % 1e9);
const ROUNDS = 50;
const SOURCES = 8;
/** Room for this many reports of one source in one round: each has a time of its own. */
const REPORTS_PER_ROUND = 1_000_000;
const START = Date.now() - (ROUNDS + 1) * REPORTS_PER_ROUND;

const folder = mkdtempSync(join(tmpdir(), "pulse-kill-"));
const dataDir = join(folder, "data");
afterAll(() => rmSync(folder, { recursive: true }));

interface Acknowledged {
  source: string;
  boot: string;
  seq: number;
  at: number;
}

const acknowledged: Acknowledged[] = [];
const newest = new Map<string, Acknowledged>();
/** What the next process knows as the last report of each source. */
const cursors = new Map<string, string>();
const outcomesOfRepeats: string[] = [];
const troubles: string[] = [];

describe(`killed ${ROUNDS} times at a random moment (seed ${SEED})`, () => {
  beforeAll(async () => {
    console.log(`kill-during-ingest: PULSE_TEST_SEED=${SEED}`);
    const random = seeded(SEED);
    for (let round = 0; round < ROUNDS; round++) {
      const said = await runAndKill(round, Math.floor(random() ** 2 * 400));
      for (const line of said) note(round, line);
      look((db) => {
        const stored = new Set(
          rows<{ key: string }>(db, "select source || ' ' || at as key from sample").map(({ key }) => key),
        );
        for (const { source, at } of acknowledged) {
          if (!stored.has(`${source} ${at}`)) troubles.push(`round ${round}: lost ${source} ${at}`);
        }
        const check = db.pragma("integrity_check");
        if (check !== "ok") troubles.push(`round ${round}: integrity ${check}`);
        if (db.rows("pragma foreign_key_check").length > 0)
          troubles.push(`round ${round}: rows without a parent`);
        for (const { source, boot, cursorAt, lastAt } of rows<Cursor>(db, CURSORS)) {
          cursors.set(source, boot);
          if (cursorAt !== lastAt)
            troubles.push(`round ${round}: cursor of ${source} at ${cursorAt}, sample at ${lastAt}`);
        }
      });
    }
  }, 90_000);

  test("no acknowledged report is lost, no file is damaged, no cursor differs from the last sample", () => {
    expect(troubles).toEqual([]);
    expect(acknowledged.length).toBeGreaterThan(ROUNDS * 20);
    expect(newest.size).toBe(SOURCES);
  });

  test("no report is stored twice, and none that nobody sent", () => {
    look((db) => {
      expect(db.rows("select source, at from sample group by source, at having count(*) > 1")).toEqual([]);
      const stored = rows<{ source: string; at: number }>(db, "select source, at from sample");
      /* Committed and killed before the answer: at most what was under way, one report of each sender a round. */
      expect(stored.length - acknowledged.length).toBeWithin(0, ROUNDS * SOURCES + 1);
      expect(new Set(stored.map(({ source }) => source)).size).toBe(SOURCES);
    });
  });

  test("reports of one round are stored without a hole", () => {
    look((db) => {
      const holes = db.rows(
        `select source, (at - ${START}) / ${REPORTS_PER_ROUND} as round, count(*) as n, max(at) - min(at) + 1 as span,
           min((at - ${START}) % ${REPORTS_PER_ROUND}) as first
         from sample group by 1, 2 having n <> span or first <> 0`,
      );
      expect(holes).toEqual([]);
    });
  });

  test("the cursor names the report that was stored last", () => {
    look((db) => {
      for (const { boot, seq, at } of rows<Acknowledged>(db, "select boot, seq, at from report_cursor")) {
        const round = Math.floor((at - START) / REPORTS_PER_ROUND);
        expect({ boot, seq }).toEqual({ boot: bootOf(round), seq: at - START - round * REPORTS_PER_ROUND });
      }
    });
  });

  test("a report that was acknowledged and is sent again is a duplicate, every time", () => {
    expect(outcomesOfRepeats.length).toBeGreaterThan(ROUNDS * SOURCES * 0.8);
    expect(outcomesOfRepeats.filter((outcome) => outcome !== "duplicate")).toEqual([]);
  });
});

interface Cursor {
  source: string;
  boot: string;
  cursorAt: number;
  lastAt: number;
}
const CURSORS = `select source, boot, at as cursorAt,
  (select max(at) from sample s where s.source = c.source) as lastAt from report_cursor c`;

const bootOf = (round: number) => `boot-${String(round).padStart(4, "0")}`;

/** Runs the senders until so many reports are acknowledged, kills them, and returns all that was said. */
async function runAndKill(round: number, acknowledgements: number): Promise<string[]> {
  const input: DriverInput = {
    dataDir,
    sources: SOURCES,
    boot: bootOf(round),
    firstAt: START + round * REPORTS_PER_ROUND,
    again: [...newest.values()],
  };
  const child = Bun.spawn(
    [process.execPath, "--no-orphans", join(import.meta.dir, "ingest-driver.ts"), JSON.stringify(input)],
    {
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const lines = new Lines(child.stdout);
  let ready = false;
  let counted = 0;
  const reached = await lines.find((line) => {
    ready ||= line.startsWith("ready");
    if (line.startsWith("ack")) counted++;
    return ready && counted >= acknowledgements;
  });
  process.kill(child.pid, "SIGKILL");
  await lines.find(() => false);
  await child.exited;
  const complained = await new Response(child.stderr).text();
  if (reached === undefined || complained)
    throw new Error(`round ${round} went wrong by itself: ${complained}`);
  /* A last line without its end was cut off by the kill and says nothing. */
  return lines.text.slice(0, lines.text.lastIndexOf("\n") + 1).split("\n");
}

function note(round: number, line: string): void {
  const [what, source = "", rest = ""] = line.split(" ");
  if (what === "again") outcomesOfRepeats.push(rest);
  if (what !== "ack") return;
  const seq = Number(rest);
  const one = { source, boot: bootOf(round), seq, at: START + round * REPORTS_PER_ROUND + seq };
  acknowledged.push(one);
  newest.set(source, one);
}

/** Reads as the next process would find it, and leaves the log for that process to recover. */
function look(read: (db: Database) => void): void {
  const db = openDatabase(orgFile(dataDir, DEFAULT_ORG), "readonly");
  try {
    read(db);
  } finally {
    db.close();
  }
}

function rows<Row>(db: Database, sql: string): Row[] {
  return db.rows(sql) as Row[];
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
