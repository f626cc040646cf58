/**
 * The promise: a report we acknowledged survives a power cut. The data directory is on a file system of its own, which
 * is shut down under the running process: from then on the disk is as it was, with nothing that had not been waited for.
 * The next start is given a copy of that disk: the one that was shut down stays mounted, and shut down, for as long as
 * any other process on the machine has it in a mount namespace of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SEED, seeded } from "../support/seeded.ts";
import { Acknowledgements, keyOf } from "./acknowledged.ts";

const ROUNDS = 5;
const SOURCES = 8;
/** XFS makes none that is smaller. */
const DISK_MEGABYTES = 320;

const folder = mkdtempSync(join(tmpdir(), "pulse-power-"));
afterAll(() => rmSync(folder, { recursive: true }));
const random = seeded();

beforeAll(() => {
  for (const tool of ["mkfs.ext4", "mkfs.xfs", "xfs_io"])
    if (!Bun.which(tool))
      throw new Error(`this test needs ${tool} (Debian: apt-get install xfsprogs e2fsprogs)`);
});

describe.each(["ext4", "xfs"])(`on %s, whose power is cut ${ROUNDS} times (seed ${SEED})`, (kind) => {
  const disk = join(folder, kind);
  const imageOf = (round: number) => `${disk}-${round}.img`;
  const known = new Acknowledgements({ dataDir: join(disk, "data"), sources: SOURCES, rounds: ROUNDS });
  /* A copy of XFS has the identity of its original, which may still be mounted. */
  const options = kind === "xfs" ? "loop,nouuid" : "loop";
  const mount = (round: number) => run("mount", "-o", options, imageOf(round), disk);

  beforeAll(async () => {
    console.log(`journal-power-cut on ${kind}: PULSE_TEST_SEED=${SEED}`);
    mkdirSync(disk);
    run("truncate", "-s", `${DISK_MEGABYTES}M`, imageOf(0));
    run(`mkfs.${kind}`, "-q", kind === "ext4" ? "-F" : "-f", imageOf(0));
    mount(0);
    for (let round = 0; round <= ROUNDS && known.troubles.length === 0; round++) {
      const isLast = round === ROUNDS;
      const driver = known.spawn(round, isLast ? 0 : SOURCES);
      await driver.ready();
      known.compare(round);
      await driver.acknowledged(isLast ? 0 : 8 + Math.floor(random() * 120));
      run("xfs_io", "-x", "-c", "shutdown", disk);
      known.note(round, await driver.kill());
      run("umount", disk);
      run("cp", "--sparse=always", imageOf(round), imageOf(round + 1));
      rmSync(imageOf(round));
      mount(round + 1);
    }
  }, 120_000);
  afterAll(() => {
    Bun.spawnSync(["umount", disk]);
  });

  test("nothing that was acknowledged is lost, no file is damaged", () => {
    expect(known.troubles).toEqual([]);
    expect(known.all.length).toBeGreaterThanOrEqual(ROUNDS * 8);
  });

  test("nothing is there twice, nor with a hole, nor without having been sent", () => {
    const stored = known.stored();
    expect(new Set(stored.map(keyOf)).size).toBe(stored.length);
    expect(stored.length - known.all.length).toBeWithin(0, ROUNDS * SOURCES + 1);
    expect([known.holes(), known.wrongCursors()]).toEqual([[], []]);
  });

  test("what is sent again is known", () => {
    expect(known.outcomesOfRepeats).toEqual(Array(known.outcomesOfRepeats.length).fill("duplicate"));
    expect(known.outcomesOfRepeats.length).toBeGreaterThanOrEqual(ROUNDS);
  });
});

function run(...command: string[]): void {
  const { success, stderr } = Bun.spawnSync(command, { stderr: "pipe" });
  if (!success) throw new Error(`this test needs root and a loop device: ${command.join(" ")}: ${stderr}`);
}
