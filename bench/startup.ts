/**
 * From the start of the process to the first answered request, in milliseconds; on a data directory that is new and
 * on one that is there. Checkout, and the binary where dist/pulse is.
 *
 *   bun bench/startup.ts
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { newFolder, startServer } from "../tests/faults/child-server.ts";
import { root } from "../tests/support/checkout.ts";
import { FROM_CHECKOUT } from "../tests/support/program.ts";
import { printTable, spread } from "./table.ts";

const RUNS = 9;
const binary = join(root, "dist/pulse");
const kinds: [string, string[]][] = [
  ["checkout", FROM_CHECKOUT],
  ...(existsSync(binary) ? [["binary", [binary]] as [string, string[]]] : []),
];

interface Start {
  answeredMs: number;
  readyMs: number;
  stoppedMs: number;
}

async function start(command: string[], dataDir: string): Promise<Start> {
  const startedAt = performance.now();
  await using server = await startServer(dataDir, { command });
  await fetch(`${server.url}/healthz`);
  const answeredMs = performance.now() - startedAt;
  await fetch(`${server.url}/readyz`);
  const readyMs = performance.now() - startedAt;
  const askedAt = performance.now();
  await server.stop();
  return { answeredMs, readyMs, stoppedMs: performance.now() - askedAt };
}

const rows: string[][] = [];
for (const [name, command] of kinds) {
  const fresh: Start[] = [];
  const existing: Start[] = [];
  for (let run = 0; run < RUNS; run++) {
    using folder = newFolder("bench-startup");
    fresh.push(await start(command, join(folder.path, "data")));
    existing.push(await start(command, join(folder.path, "data")));
  }
  for (const [state, starts] of [
    ["new", fresh],
    ["existing", existing],
  ] as const) {
    rows.push([
      `${name}, ${state} data`,
      spread(
        starts.map(({ answeredMs }) => answeredMs),
        0,
      ),
      spread(
        starts.map(({ readyMs }) => readyMs),
        0,
      ),
      spread(
        starts.map(({ stoppedMs }) => stoppedMs),
        0,
      ),
    ]);
  }
}
printTable(
  `Start of the server, ms: median (10-90 %) of ${RUNS} runs`,
  ["", "/healthz 200", "/readyz 200", "stop"],
  rows,
);
