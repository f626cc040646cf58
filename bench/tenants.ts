/**
 * What many orgs cost: start, memory, the first answer of one whose file is closed, doing nothing.
 *
 *   bun bench/tenants.ts [how many ...=1 1000 10000]
 *
 * Each size is measured without agents and with one in each org, which is opened for it after the start.
 * Each size is built by the server's own code (the files are copies of one it made), then served from the
 * checkout. Sizes are measured one after the other in the same run, so that they can be compared.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { OrgId } from "../server/contract/ids.ts";
import { newFolder, startServer } from "../tests/faults/child-server.ts";
import { EMAIL, fillDataDir } from "./filled-data-dir.ts";
import { readProcess } from "./process-reading.ts";
import { printTable, spread } from "./table.ts";

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 1_000, 10_000];
const STARTS = 5;
const ASKED = 200;
const IDLE_SECONDS = 20;

async function measure(size: number, agentsPerOrg: number): Promise<(string | number)[]> {
  using folder = newFolder("bench-tenants");
  const dataDir = join(folder.path, "data");
  const { password, ids } = await fillDataDir(dataDir, { orgs: size, agentsPerOrg });
  const environment = { PULSE_MULTI_TENANT_ENABLED: "true", PULSE_LOCAL_AGENT: "false" };
  const starts: number[] = [];
  for (let run = 0; run < STARTS; run++) {
    const startedAt = performance.now();
    await using server = await startServer(dataDir, { environment });
    await fetch(`${server.url}/readyz`);
    starts.push(performance.now() - startedAt);
    await server.stop();
  }

  await using server = await startServer(dataDir, { environment });
  await sleep(3_000);
  const begin = readProcess(server.pid);
  await sleep(IDLE_SECONDS * 1_000);
  const idle = readProcess(server.pid);

  const { headers } = await server.post("session.signIn", { email: EMAIL, password });
  const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
  const ask = async (id: OrgId) => {
    const askedAt = performance.now();
    const response = await fetch(`${server.url}/api/trpc/resources.list`, {
      headers: { cookie, "x-pulse-org-id": id },
    });
    await response.text();
    if (!response.ok) throw new Error(`${response.status} from ${id}`);
    return performance.now() - askedAt;
  };
  /* The first of all starts a thread; that is paid once per server. */
  for (const id of ids.slice(0, 4)) await ask(id);
  const asked = ids.length > 4 ? ids.slice(4, 4 + ASKED) : ids;
  const cold: number[] = [];
  const warm: number[] = [];
  for (const id of asked) cold.push(await ask(id));
  for (const id of asked) warm.push(await ask(id));
  const used = readProcess(server.pid);
  await server.stop();
  return [
    size.toLocaleString("en"),
    agentsPerOrg === 0 ? "none" : "one each",
    spread(starts, 0),
    idle.rssMb.toFixed(0),
    idle.anonymousMb.toFixed(0),
    (((idle.cpuSeconds - begin.cpuSeconds) / IDLE_SECONDS) * 100).toFixed(2),
    size > 4 ? spread(cold) : "-",
    spread(warm),
    used.anonymousMb.toFixed(0),
  ];
}

const rows: (string | number)[][] = [];
for (const size of SIZES) for (const agents of [0, 1]) rows.push(await measure(size, agents));
printTable(
  `Many orgs: times in ms, median (10-90 %); ${ASKED} orgs asked once while closed, once again while open`,
  [
    "orgs",
    "agents",
    "start to /readyz",
    "RSS MB",
    "anonymous MB",
    "idle CPU %",
    "first answer",
    "second",
    `MB after ${ASKED}`,
  ],
  rows,
);
