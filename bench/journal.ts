/**
 * What making a report durable costs: a commit in the org's own file for each, or one journal for all that come in the
 * same moment. Both in one run, in turns, on this machine's disk.
 *
 *   bun bench/journal.ts [orgs ...=1 100 1000]     as root: what reaches the disk is counted on a file system of its own
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { OrgId } from "../server/contract/ids.ts";
import { mintId } from "../server/lib/random-id.ts";
import { OrgConnections } from "../server/tenancy/connections.ts";
import { takeDataDir } from "../server/tenancy/data-dir.ts";
import { Journal } from "../server/tenancy/journal/journal.ts";
import { newFolder } from "../tests/faults/child-server.ts";
import { readProcess } from "./process-reading.ts";
import { printTable, spread } from "./table.ts";

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 100, 1_000];
const ROUNDS = 12;
/** A report of 90 series as an agent sends it, and as it lies in a sample. */
const SENT = gzipSync(
  Buffer.from(JSON.stringify({ values: Array.from({ length: 90 }, () => Math.random() * 100) })),
);
const PACKED_BYTES = 360;

interface Cost {
  ms: number[];
  cpuUsEach: number[];
  bytesEach: number[];
}

/** An ext4 in a file, whose device counts what is written to it. */
class CountedDisk implements Disposable {
  readonly #folder = newFolder("bench-journal");
  readonly path = join(this.#folder.path, "disk");
  readonly #device: string;

  constructor() {
    const image = join(this.#folder.path, "image");
    run("truncate", "-s", "4G", image);
    run("mkfs.ext4", "-qF", image);
    run("mkdir", this.path);
    run("mount", "-o", "loop", image, this.path);
    this.#device = basename(run("findmnt", "-no", "SOURCE", this.path));
  }

  get writtenBytes(): number {
    const sectors = readFileSync(`/sys/block/${this.#device}/stat`, "utf8").trim().split(/\s+/)[6];
    return Number(sectors) * 512;
  }

  [Symbol.dispose](): void {
    run("umount", this.path);
    this.#folder[Symbol.dispose]();
  }
}

function run(...command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout.toString().trim();
}

async function measured(cost: Cost, disk: CountedDisk, count: number, work: () => unknown): Promise<void> {
  const before = readProcess(process.pid);
  const writtenBefore = disk.writtenBytes;
  const startedAt = performance.now();
  await work();
  cost.ms.push(performance.now() - startedAt);
  const after = readProcess(process.pid);
  cost.cpuUsEach.push(((after.cpuSeconds - before.cpuSeconds) / count) * 1e6);
  cost.bytesEach.push((disk.writtenBytes - writtenBefore) / count);
}

async function compare(orgs: number): Promise<(string | number)[][]> {
  using disk = new CountedDisk();
  const dataDir = join(disk.path, "data");
  takeDataDir(dataDir).release();
  const files = new OrgConnections(dataDir, Number.POSITIVE_INFINITY);
  const ids = Array.from({ length: orgs }, () => OrgId.parse(mintId("o")));
  for (const id of ids) {
    files.create(id);
    files.use(id).execute("insert into sample_layout (columns) values ('[]')");
  }
  const journal = new Journal({ folder: join(disk.path, "journal"), name: "bench", onPressure: () => {} });
  const own: Cost = { ms: [], cpuUsEach: [], bytesEach: [] };
  const shared: Cost = { ms: [], cpuUsEach: [], bytesEach: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    /* The first round makes what both write into. */
    const discarded: Cost = { ms: [], cpuUsEach: [], bytesEach: [] };
    await measured(round === 0 ? discarded : own, disk, orgs, () => {
      for (const id of ids) {
        const db = files.use(id);
        db.transaction(() =>
          db.execute(
            `insert into sample (source, at, layout_id, packed) values ('agent', ${round}, 1, randomblob(${PACKED_BYTES}))`,
          ),
        );
      }
    });
    await measured(round === 0 ? discarded : shared, disk, orgs, () =>
      Promise.all(
        ids.map((orgId) =>
          journal.append({ orgId, source: "agent", receivedAt: round, gzip: true, body: SENT }),
        ),
      ),
    );
    for (const id of ids) journal.release(id);
  }
  await journal.close();
  files.closeAll();
  const row = (name: string, { ms, cpuUsEach, bytesEach }: Cost) => [
    `${orgs} orgs, ${name}`,
    spread(ms),
    spread(cpuUsEach, 0),
    spread(bytesEach, 0),
  ];
  return [row("a commit in each file", own), row("one journal", shared)];
}

const rows: (string | number)[][] = [];
for (const orgs of SIZES) rows.push(...(await compare(orgs)));
printTable(
  `One report in each org made durable, ${ROUNDS} rounds: median (10th to 90th of a hundred)`,
  ["", "ms", "CPU us each", "bytes on disk each"],
  rows,
);
