/**
 * The promise: a report we acknowledged is on disk. Fifty times on the same data directory, a process that stores
 * reports is killed with SIGKILL at a random moment, now and then while it is only starting; what was acknowledged is
 * compared with what is there once the next process has started and given the orgs what the journal held for them.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { journalFiles } from "../../server/tenancy/journal/replay.ts";
import { readRecords } from "../../server/tenancy/journal/segment.ts";
import { journalDir } from "../../server/tenancy/paths.ts";
import { SEED, seeded } from "../support/seeded.ts";
import { Acknowledgements, keyOf } from "./acknowledged.ts";

const ROUNDS = 50;
const SOURCES = 8;

const folder = mkdtempSync(join(tmpdir(), "pulse-kill-"));
afterAll(() => rmSync(folder, { recursive: true }));
const known = new Acknowledgements({ dataDir: join(folder, "data"), sources: SOURCES, rounds: ROUNDS });
/** Rounds after which something that was acknowledged was in the journal alone. */
let journaled = 0;

describe(`killed ${ROUNDS} times at a random moment (seed ${SEED})`, () => {
  beforeAll(async () => {
    console.log(`kill-during-ingest: PULSE_TEST_SEED=${SEED}`);
    const random = seeded();
    for (let round = 0; round < ROUNDS && known.troubles.length === 0; round++) {
      if (round % 5 === 4) await killWhileStarting(round, random() * 500);
      await runAndKill(round, Math.floor(random() ** 2 * 250));
      if (isMoreInJournal()) journaled++;
    }
    /* One more that takes nothing: it only gives back what is there. */
    await runAndKill(ROUNDS, 0);
  }, 300_000);

  test("no acknowledged report is lost, no file is damaged, no cursor differs from the last sample", () => {
    expect(known.troubles).toEqual([]);
    expect(known.all.length).toBeGreaterThan(ROUNDS * 20);
    expect(known.newest.size).toBe(SOURCES);
    expect(journaled).toBeGreaterThan(ROUNDS / 2);
  });

  test("no report is stored twice, and none that nobody sent", () => {
    const stored = known.stored();
    expect(new Set(stored.map(keyOf)).size).toBe(stored.length);
    /* On disk and killed before the answer: at most what was under way, one report of each sender a round. */
    expect(stored.length - known.all.length).toBeWithin(0, ROUNDS * SOURCES + 1);
    expect(new Set(stored.map(({ source }) => source)).size).toBe(SOURCES);
  });

  test("reports of one round are stored without a hole", () => {
    expect(known.holes()).toEqual([]);
  });

  test("the cursor names the report that was stored last", () => {
    expect(known.wrongCursors()).toEqual([]);
  });

  test("a report that was acknowledged and is sent again is a duplicate, every time", () => {
    expect(known.outcomesOfRepeats.length).toBeGreaterThan(ROUNDS * SOURCES * 0.8);
    expect(known.outcomesOfRepeats.filter((outcome) => outcome !== "duplicate")).toEqual([]);
  });
});

async function runAndKill(round: number, acknowledgements: number): Promise<void> {
  const driver = known.spawn(round, round < ROUNDS ? SOURCES : 0);
  await driver.ready();
  known.compare(round);
  await driver.acknowledged(acknowledgements);
  known.note(round, await driver.kill());
  const complaints = await driver.complaints();
  if (complaints) throw new Error(`round ${round} went wrong by itself: ${complaints}`);
}

async function killWhileStarting(round: number, afterMs: number): Promise<void> {
  const driver = known.spawn(round, 0);
  await Bun.sleep(afterMs);
  await driver.kill();
}

function isMoreInJournal(): boolean {
  const inFile = new Set(known.stored().map(keyOf));
  const records = journalFiles(journalDir(known.dataDir)).flatMap((path) => [
    ...readRecords(readFileSync(path)),
  ]);
  return records.some(({ source, body }) => {
    const { at } = JSON.parse(Buffer.from(body).toString()) as { at: number };
    return !inFile.has(keyOf({ source, at }));
  });
}
