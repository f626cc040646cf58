/** What a stop, a restart and a kill leave behind, with the whole server as people start it. */
import { expect, test } from "bun:test";
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../db/driver.ts";
import type { HistoryRange } from "../../server/contract/history.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import { PULSE } from "../support/program.ts";
import { until } from "../support/until.ts";
import { type ChildServer, newFolder, startServer } from "./child-server.ts";

/** Until this many reports of the server's own machine have been on a page. */
async function waitForReports(server: ChildServer, reports: number): Promise<void> {
  const seen = new Set<number>();
  for await (const { type, data } of server.live()) {
    const resources = (type === "snapshot" ? data.resources : data.changed) as { lastSeenAt?: number }[];
    for (const { lastSeenAt } of resources) if (lastSeenAt) seen.add(lastSeenAt);
    if (seen.size >= reports) return;
  }
}

function storedTimes(dataDir: string): number[] {
  const db = openDatabase(orgFile(dataDir, DEFAULT_ORG), "readonly");
  const rows = db.rows("select at from sample order by at") as { at: number }[];
  db.close();
  return rows.map(({ at }) => at);
}

test("a stop that is asked for writes the last minute; after a restart history has it", async () => {
  using folder = newFolder("stop");
  const dataDir = join(folder.path, "data");
  await using server = await startServer(dataDir);
  await server.setUp();
  await waitForReports(server, 2);
  const before = await server.query<ResourceList>("resources.list");
  expect(await server.stop()).toBe(0);
  const times = storedTimes(dataDir);
  expect(times.length).toBeGreaterThanOrEqual(2);

  await using again = await startServer(dataDir, { environment: { PULSE_LOCAL_AGENT: "false" } });
  await again.signIn();
  const after = await again.query<ResourceList>("resources.list");
  expect(after.resources.map(({ id }) => id)).toEqual(before.resources.map(({ id }) => id));
  const host = after.resources.find(({ kind }) => kind === "host");
  expect(host?.metrics.memory_used_bytes ?? 0).toBeGreaterThan(0);
  const { series } = await again.query<HistoryRange>("history.range", {
    resourceId: host?.id,
    metrics: ["load1"],
    from: (times[0] ?? 0) - 1,
    to: (times.at(-1) ?? 0) + 1,
  });
  const points = series[0]?.avg.filter((value) => value !== null) ?? [];
  expect(points.length).toBe(new Set(times.map((at) => Math.floor(at / 10_000))).size);
  expect(await again.stop()).toBe(0);
}, 60_000);

test("after a kill -9 the server starts as if nothing had been, and people stay signed in", async () => {
  using folder = newFolder("killed");
  const dataDir = join(folder.path, "data");
  await using server = await startServer(dataDir);
  await server.setUp();
  await server.kill();
  await using again = await startServer(dataDir);
  expect(again.log).not.toContain("/setup#token=");
  again.cookie = server.cookie;
  expect(await again.query<unknown>("session.me")).toMatchObject({ user: { email: "ops@example.org" } });
  expect((await fetch(`${again.url}/readyz`)).status).toBe(200);
  expect(await again.stop()).toBe(0);
}, 60_000);

const MADE = [
  "instance.db",
  "instance.db-wal",
  "instance.db-shm",
  "lock.db",
  "control.sock",
  "orgs/default/org.db",
  "orgs/default/org.db-wal",
  "orgs/default/org.db-shm",
];

/** Of everything that is there: whether it is a folder, and who may do what. */
function modesBelow(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of ["", ...readdirSync(folder, { recursive: true }).map(String)]) {
    const entry = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (entry) found.set(name, (entry.isDirectory() ? "d" : "-") + (entry.mode & 0o777).toString(8));
  }
  return found;
}

test("whatever the umask, everything the server makes is for its owner alone", async () => {
  using folder = newFolder("modes");
  const dataDir = join(folder.path, "data");
  const command = ["sh", "-c", `umask 000; exec "$0" "$@"`, ...PULSE];
  await using server = await startServer(dataDir, { command });
  await server.setUp();
  /* An org's file is opened when there is something to write and closed again, so all of it is there only at times. */
  const modes = await until(
    () => {
      const seen = modesBelow(dataDir);
      return MADE.every((name) => seen.has(name)) && seen;
    },
    { withinMs: 30_000, what: "every kind of file is there at once" },
  );
  expect(Object.fromEntries(modes)).toEqual(
    Object.fromEntries([...modes].map(([name, mode]) => [name, mode.startsWith("d") ? "d700" : "-600"])),
  );
  expect(await server.stop()).toBe(0);
}, 60_000);
