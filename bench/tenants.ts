/**
 * What many orgs cost: start, memory, the first answer of one whose file is closed, doing nothing.
 *
 *   bun bench/tenants.ts [how many ...=1 1000 10000]
 *
 * Each size is built by the server's own code (the files are copies of one it made), then served from the
 * checkout. Sizes are measured one after the other in the same run, so that they can be compared.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { membership, org } from "../db/instance/orgs.ts";
import { OrgId } from "../server/contract/ids.ts";
import { systemClock } from "../server/lib/clock.ts";
import { mintId } from "../server/lib/random-id.ts";
import * as license from "../server/licensing/license.ts";
import * as accounts from "../server/people/accounts.ts";
import { InstanceRuntime } from "../server/runtime/instance-runtime.ts";
import { OrgConnections } from "../server/tenancy/connections.ts";
import { takeDataDir } from "../server/tenancy/data-dir.ts";
import { DataDirKeys } from "../server/tenancy/keys.ts";
import { OrgFolders } from "../server/tenancy/org-folders.ts";
import { orgFile } from "../server/tenancy/paths.ts";
import { newFolder, startServer } from "../tests/faults/child-server.ts";
import { readProcess } from "./process-reading.ts";
import { printTable, spread } from "./table.ts";

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 1_000, 10_000];
const STARTS = 5;
const ASKED = 200;
const IDLE_SECONDS = 20;
const EMAIL = "alice@example.org";

interface Built {
  password: string;
  ids: OrgId[];
}

/** A data directory with so many orgs besides `default`, all owned by one person. */
async function build(dataDir: string, size: number): Promise<Built> {
  const lock = takeDataDir(dataDir);
  const files = new OrgConnections(dataDir);
  const instance = new InstanceRuntime({
    dataDir,
    clock: systemClock,
    announce: () => {},
    orgFiles: new OrgFolders(dataDir, files),
    actors: { halt: async () => {}, admit: async () => {} },
    keys: new DataDirKeys(dataDir),
    pinnedLicenseKey: undefined,
    multiTenantAllowed: true,
    onUnsettled: ({ error }) => {
      throw error;
    },
  });
  const { person, password } = await accounts.create(instance, { email: EMAIL });
  license.init(instance, { by: { kind: "command" } });
  const ids = Array.from({ length: size }, () => OrgId.parse(mintId("o")));
  const [first] = ids;
  if (first) files.create(first);
  instance.write(() => {
    const createdAt = Date.now();
    for (const [index, id] of ids.entries()) {
      const slug = `org-${index}`;
      instance.db.orm.insert(org).values({ id, slug, name: slug, state: "active", createdAt }).run();
      instance.db.orm
        .insert(membership)
        .values({ orgId: id, userId: person.id, role: "owner", createdAt })
        .run();
      if (index > 0) copyOrg(dataDir, first as OrgId, id);
    }
  });
  instance.close();
  files.closeAll();
  lock.release();
  return { password, ids };
}

function copyOrg(dataDir: string, from: OrgId, to: OrgId): void {
  mkdirSync(dirname(orgFile(dataDir, to)), { mode: 0o700 });
  copyFileSync(orgFile(dataDir, from), orgFile(dataDir, to));
}

async function measure(size: number): Promise<(string | number)[]> {
  using folder = newFolder("bench-tenants");
  const dataDir = join(folder.path, "data");
  const { password, ids } = await build(dataDir, size);
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
for (const size of SIZES) rows.push(await measure(size));
printTable(
  `Many orgs: times in ms, median (10-90 %); ${ASKED} orgs asked once while closed, once again while open`,
  [
    "orgs",
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
