/**
 * What another shard thread costs: memory of the whole process, and the time to start all of them. Every run is a
 * process of its own; shards after the first are started by a call to an org placed on them.
 *
 *   bun bench/shards.ts
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OrgId } from "../server/contract/ids.ts";
import { mintId } from "../server/lib/random-id.ts";
import { placeOf } from "../server/runtime/shards.ts";
import { newFolder } from "../tests/faults/child-server.ts";
import { quietShards } from "./quiet-shards.ts";
import { printTable, spread } from "./table.ts";

const RUNS = 7;

interface Figures {
  startMs: number;
  rssMb: number;
  anonymousMb: number;
}

/** In the child: starts so many shards and says what that took. */
async function measure(count: number): Promise<Figures> {
  process.umask(0o077);
  using folder = newFolder("bench-shards");
  const shards = quietShards(join(folder.path, "data"), count);
  const startedAt = performance.now();
  await shards.start();
  for (let shard = 1; shard < count; shard++) {
    let orgId = OrgId.parse(mintId("o"));
    while (placeOf(orgId, count) !== shard) orgId = OrgId.parse(mintId("o"));
    /* The org has no file: that answer, too, comes from its shard. */
    await shards
      .org(orgId)
      .health.check()
      .catch(() => {});
  }
  const startMs = performance.now() - startedAt;
  await sleep(1_000);
  const memory = readFileSync("/proc/self/smaps_rollup", "utf8");
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(memory)?.[1]) / 1024;
  const figures = { startMs, rssMb: megabytes("Rss"), anonymousMb: megabytes("Anonymous") };
  await shards.stop();
  return figures;
}

const only = process.argv[2];
if (only !== undefined) {
  const count = Number(only);
  console.error = () => {};
  console.log(JSON.stringify(await measure(count)));
  process.exit(0);
}
const rows: (string | number)[][] = [];
for (const count of [1, 2, 4]) {
  const runs: Figures[] = [];
  for (let run = 0; run < RUNS; run++) {
    const child = Bun.spawnSync([process.execPath, import.meta.path, String(count)], { stderr: "pipe" });
    if (!child.success) throw new Error(child.stderr.toString());
    runs.push(JSON.parse(child.stdout.toString()) as Figures);
  }
  rows.push([
    count,
    spread(
      runs.map(({ startMs }) => startMs),
      0,
    ),
    spread(
      runs.map(({ rssMb }) => rssMb),
      0,
    ),
    spread(
      runs.map(({ anonymousMb }) => anonymousMb),
      0,
    ),
  ]);
}
printTable(
  `Shard threads: median (10-90 %) of ${RUNS} processes with the shards and nothing else`,
  ["shards", "start ms", "RSS MB", "anonymous MB"],
  rows,
);
