/**
 * What a Pulse costs that only watches its own machine: memory, processor, disk writes, wake-ups.
 *
 *   bun bench/idle.ts [seconds=180]
 *
 * Checkout and binary (where dist/pulse is) run side by side on their own data directories, with no page open. The
 * first ten seconds are not counted. Writes are what the processes handed to the disk (`write_bytes`).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newFolder, startServer } from "../tests/faults/child-server.ts";
import { root } from "../tests/support/checkout.ts";
import { FROM_CHECKOUT } from "../tests/support/program.ts";
import { readProcess } from "./process-reading.ts";
import { printTable } from "./table.ts";

const SETTLE_SECONDS = 10;
const seconds = Math.min(3_600, Math.max(10, Number(process.argv[2] ?? 180)));
const binary = join(root, "dist/pulse");
const kinds = [
  { name: "checkout", command: FROM_CHECKOUT },
  ...(existsSync(binary) ? [{ name: "binary", command: [binary] }] : []),
];

const rows = await Promise.all(
  kinds.map(async ({ name, command }) => {
    using folder = newFolder("bench-idle");
    await using server = await startServer(join(folder.path, "data"), { command });
    await sleep(SETTLE_SECONDS * 1_000);
    const begin = readProcess(server.pid);
    await sleep(seconds * 1_000);
    const end = readProcess(server.pid);
    const passed = (end.at - begin.at) / 1_000;
    const perSecond = (what: "cpuSeconds" | "writtenBytes" | "wakeups") => (end[what] - begin[what]) / passed;
    const megabytesPerHour = (perSecond("writtenBytes") * 3_600) / 1e6;
    await server.stop();
    return [
      name,
      end.rssMb.toFixed(0),
      end.anonymousMb.toFixed(0),
      (perSecond("cpuSeconds") * 100).toFixed(2),
      megabytesPerHour.toFixed(2),
      (megabytesPerHour * 24).toFixed(0),
      perSecond("wakeups").toFixed(1),
      end.threads,
    ];
  }),
);
printTable(
  `Idle, watching its own machine, over ${seconds} s`,
  ["", "RSS MB", "anonymous MB", "CPU % of a core", "written MB/h", "MB/day", "wake-ups/s", "threads"],
  rows,
);
