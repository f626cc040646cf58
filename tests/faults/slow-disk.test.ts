/**
 * The edge waits on no disk. Every wait for the disk is made to take 50 ms longer (strace); while eight senders
 * keep the shard in commits, the thread that talks HTTP answers as if nothing were.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lines } from "./child-server.ts";
import type { DriverInput } from "./ingest-driver.ts";

const SLOWER_BY_MS = 50;
const PROBES = 200;

const folder = mkdtempSync(join(tmpdir(), "pulse-slow-"));
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  if (!Bun.which("strace")) throw new Error("this test needs strace (Debian: apt-get install strace)");
});

test("while every commit takes 50 ms, the median answer of the edge takes less than half of that", async () => {
  const input: DriverInput = {
    dataDir: join(folder, "data"),
    sources: 8,
    boot: "boot-0001",
    firstAt: Date.now() - 3_600_000,
    again: [],
  };
  const driver = [
    process.execPath,
    "--no-orphans",
    join(import.meta.dir, "ingest-driver.ts"),
    JSON.stringify(input),
  ];
  const slow = [
    "-e",
    "trace=fsync,fdatasync",
    "-e",
    `inject=fsync,fdatasync:delay_exit=${SLOWER_BY_MS * 1_000}`,
  ];
  /* -D: the driver is our own child and strace its grandchild, so that ending the driver ends both. */
  const child = Bun.spawn(["strace", "-D", "-f", "-qq", "-o", "/dev/null", ...slow, ...driver], {
    stdout: "pipe",
  });
  try {
    const lines = new Lines(child.stdout);
    const ready = await lines.find((line) => line.startsWith("ready"));
    const url = `http://127.0.0.1:${ready?.split(" ")[1]}/`;
    await lines.find((line) => line.startsWith("ack"));

    let acknowledgements = 0;
    const counting = lines.find((line) => {
      if (line.startsWith("ack")) acknowledgements++;
      return false;
    });
    const startedAt = performance.now();
    const latencies: number[] = [];
    for (let probe = 0; probe < PROBES || acknowledgements < 40; probe++) {
      const askedAt = performance.now();
      await (await fetch(url)).text();
      latencies.push(performance.now() - askedAt);
      await new Promise(setImmediate);
    }
    const passedMs = performance.now() - startedAt;
    child.kill("SIGKILL");
    await counting;

    /* It was slow indeed: no more commits than that, eight reports each at most. */
    expect(acknowledgements).toBeLessThanOrEqual((passedMs / SLOWER_BY_MS + 2) * 8);
    const median = latencies.sort((a, b) => a - b)[Math.floor(latencies.length / 2)] ?? Number.NaN;
    console.log(
      `slow-disk: median answer ${median.toFixed(2)} ms, ${latencies.length} answers, ${acknowledgements} reports stored`,
    );
    expect(median).toBeLessThan(SLOWER_BY_MS / 2);
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
}, 30_000);
