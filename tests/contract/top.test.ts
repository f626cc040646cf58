/** Which resources had most of something, asked over a real socket of what was delivered as agents deliver it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { HistoryTop } from "../../server/contract/history.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import { call } from "../support/calls.ts";
import { type InProcess, machine, startInProcess } from "../support/in-process.ts";

const EVERY_MS = 60_000;
const MINUTES = 120;
const NAMES = ["web", "db", "cache"];

let server: InProcess;
let cookie = "";
let from = 0;

beforeAll(async () => {
  server = await startInProcess();
  const answer = await call(server, "session.setup", {
    input: { token: server.setupToken, email: "ops@example.org", password: "correct horse battery staple" },
  });
  cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const to = Date.now();
  from = to - MINUTES * EVERY_MS;
  const reports = Array.from({ length: MINUTES }, (_, seq) => ({
    v: 1,
    boot: "boot-0001",
    seq,
    at: from + seq * EVERY_MS,
    intervalMs: EVERY_MS,
    resources: [
      machine("dock", 5),
      ...NAMES.map((name, n) => ({
        kind: "container",
        key: name,
        parent: "dock",
        name,
        status: "up",
        attributes: {},
        metrics: {
          /* The second has more than the others for a minute, and less the rest of the time. */
          memory_used_bytes: n === 1 ? (seq === 70 ? 9_000_000_000 : 1_000) : 2_000 * (n + 1),
          network_receive_bytes_per_second: 1_000 * (n + 1),
        },
      })),
    ],
  }));
  for (let at = 0; at < reports.length; at += 60) {
    const body = Buffer.from(JSON.stringify({ v: 1, reports: reports.slice(at, at + 60) }));
    await server.edge.shards
      .org(DEFAULT_ORG)
      .reports.deliver({ source: "test", body, gzip: false, receivedAt: to });
  }
}, 60_000);
afterAll(() => server.stop());

async function ask(more: object): Promise<[names: string[], HistoryTop]> {
  const input = { kind: "container", from, to: from + MINUTES * EVERY_MS, ...more };
  const { status, data } = await call<HistoryTop>(server, "history.top", { input, cookie });
  expect(status).toBe(200);
  const list = await call<ResourceList>(server, "resources.list", { cookie });
  const names = new Map(list.data.resources.map(({ id, name }) => [id, name]));
  return [data.ranking.map(({ resourceId }) => names.get(resourceId) ?? ""), data];
}

test("the one that had most for a minute is first by its highest, with that minute, and last by its mean", async () => {
  const [byMax, { ranking, unit, found, measured }] = await ask({ metric: "memory_used_bytes", by: "max" });
  expect(byMax).toEqual(["db", "cache", "web"]);
  expect({ unit, found, measured }).toEqual({ unit: "bytes", found: 3, measured: 3 });
  expect(ranking[0]).toMatchObject({ max: 9_000_000_000, min: 1_000, maxAt: from + 70 * EVERY_MS });
  expect(ranking[0]?.coverage).toBeWithin(0.97, 1.01);
  expect(ranking[0]).not.toHaveProperty("total");
  const [upToThen] = await ask({ metric: "memory_used_bytes", to: from + 70 * EVERY_MS });
  expect(upToThen).toEqual(["cache", "web", "db"]);
});

test("what passed by is told in all, and the lines of the first come with it where they are asked for", async () => {
  const [names, { ranking, series }] = await ask({
    metric: "network_receive_bytes_per_second",
    by: "total",
    limit: 2,
    maxPoints: 60,
  });
  expect(names).toEqual(["cache", "db"]);
  expect(ranking.map(({ total = 0 }) => Math.round(total / 1e6))).toEqual([22, 14]);
  expect(series?.map(({ resourceId }) => resourceId)).toEqual(ranking.map(({ resourceId }) => resourceId));
  const steps = new Set(series?.map(({ step }) => step));
  expect([...steps]).toEqual([120_000]);
  expect(series?.[0]?.avg).toContain(3_000);
});

test("what nobody measures per second has no total: it is refused, with the field", async () => {
  const input = { metric: "memory_used_bytes", from, to: from + 1, by: "total" };
  const { status, error } = await call(server, "history.top", { input, cookie });
  expect([status, error?.fields]).toEqual([400, { by: "only what is measured per second has a total" }]);
});
