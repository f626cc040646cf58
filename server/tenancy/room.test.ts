/** On a disk of its own, which is filled to the last byte: a small tmpfs. */
import { afterAll, afterEach, beforeAll, describe, expect, mock, spyOn, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Room } from "./room.ts";

const disk = mkdtempSync(join(tmpdir(), "pulse-room-"));
const filler = join(disk, "filler");

beforeAll(() => {
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], { stderr: "pipe" });
  if (!mounted.success)
    throw new Error(`this test needs a disk of its own (root, mount of a tmpfs): ${mounted.stderr}`);
});
afterAll(() => {
  Bun.spawnSync(["umount", disk]);
  rmSync(disk, { recursive: true, force: true });
});
afterEach(() => {
  rmSync(filler, { force: true });
  mock.restore();
});

/** Leaves so many blocks free. */
function fillUpTo(blocks: number): void {
  rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc((bavail - blocks) * bsize, 1));
}

const refused = expect.objectContaining({ reason: "storage_full", retryAfterMs: expect.any(Number) });

describe("on a small disk", () => {
  test("there is room as long as a twentieth of it is free", () => {
    const { blocks } = statfsSync(disk);
    const least = Math.ceil(blocks * 0.05);
    fillUpTo(least);
    new Room(disk).require();
    fillUpTo(0);
    expect(() => new Room(disk).require()).toThrow(refused);
  });

  test("there is none long before it is full to the last byte, when nothing could even be deleted", () => {
    fillUpTo(20);
    expect(() => new Room(disk).require()).toThrow(refused);
    const fd = openSync(filler, "a");
    expect(writeSync(fd, Buffer.alloc(4_096, 1))).toBe(4_096);
    closeSync(fd);
  });

  test("nobody looks at it for every report, and it is seen within five seconds that it has changed", () => {
    let now = 1_000;
    spyOn(performance, "now").mockImplementation(() => now);
    const room = new Room(disk);
    room.require();
    fillUpTo(0);
    now += 4_000;
    room.require();
    now += 1_001;
    expect(() => room.require()).toThrow(refused);
    rmSync(filler);
    now += 4_000;
    expect(() => room.require()).toThrow(refused);
    now += 1_001;
    room.require();
  });
});

test("a disk that is not there is no full one: the failure is what it is", () => {
  expect(() => new Room(join(disk, "none")).require()).toThrow("ENOENT");
});
