/** Reading a lot of history, by callers that stay and by callers that leave, over real sockets. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Socket } from "node:net";
import type { ErrorData } from "../../server/contract/errors.ts";
import type { HistoryRange, HistorySeries } from "../../server/contract/history.ts";
import { DEFAULT_ORG, type ResourceId } from "../../server/contract/ids.ts";
import { call } from "../support/calls.ts";
import { type InProcess, machine, startInProcess } from "../support/in-process.ts";
import { metric } from "../support/metrics.ts";
import { openSocket } from "../support/raw-socket.ts";
import { until } from "../support/until.ts";

const EVERY_MS = 10_000;
const DAY_MS = 86_400_000;
const PER_DELIVERY = 96;
const METRICS = Array.from({ length: 50 }, (_, n) => `m${n}`);
/** More than are read at once by far. */
const CALLERS = 30;

let server: InProcess;
let cookie = "";
let day: { resourceId: ResourceId; metrics: string[]; from: number; to: number };

beforeAll(async () => {
  server = await startInProcess();
  const answer = await call(server, "session.setup", {
    input: { token: server.setupToken, email: "ops@example.org", password: "correct horse battery staple" },
  });
  cookie = (answer.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const to = Date.now();
  const from = to - DAY_MS;
  const { reports, resources } = server.edge.shards.org(DEFAULT_ORG);
  for (let seq = 0; seq < DAY_MS / EVERY_MS; seq += PER_DELIVERY) {
    const batch = Array.from({ length: PER_DELIVERY }, (_, n) => reportAt(seq + n, from));
    const body = Buffer.from(JSON.stringify({ v: 1, reports: batch }));
    await reports.deliver({ source: "test", body, gzip: false, receivedAt: to });
  }
  const [host] = (await resources.list({})).resources;
  day = { resourceId: host?.id as ResourceId, metrics: METRICS, from, to };
}, 60_000);
afterAll(() => server.stop());

function reportAt(seq: number, from: number) {
  const metrics = Object.fromEntries(METRICS.map((metric, n) => [metric, seq + n]));
  const at = from + seq * EVERY_MS;
  return {
    v: 1,
    boot: "boot-0001",
    seq,
    at,
    intervalMs: EVERY_MS,
    resources: [{ ...machine("m", 0), metrics }],
  };
}

/** Asks, and reads nothing. */
function ask(): Socket {
  const socket = openSocket(server);
  socket.on("error", () => {});
  const input = encodeURIComponent(JSON.stringify(day));
  socket.write(
    `GET /api/trpc/history.range?input=${input} HTTP/1.1\r\nhost: ${new URL(server.url).host}\r\ncookie: ${cookie}\r\n\r\n`,
  );
  return socket;
}

async function timed(inputs: (typeof day)[]): Promise<number> {
  const startedAt = performance.now();
  const answers = await Promise.all(inputs.map((input) => call(server, "history.range", { input, cookie })));
  for (const { status } of answers) expect(status).toBe(200);
  return performance.now() - startedAt;
}

const counted = (status: number) =>
  metric(server, "pulse_http_requests_total", {
    method: "GET",
    route: "history.range",
    status: String(status),
  });

test("an answer is whole and in its place, alone and among others, whatever metrics are called", async () => {
  const odd = [`"$&'`, "$1", "null", "no_such_percent"];
  const asked = { ...day, metrics: ["m0", "m1", ...odd], maxPoints: 60 };
  const alone = await call<HistoryRange>(server, "history.range", { input: asked, cookie });
  expect(alone.data.series.map(({ metric, unit }) => [metric, unit])).toEqual([
    ["m0", "count"],
    ["m1", "count"],
    ...odd.slice(0, 3).map((metric) => [metric, "count"]),
    ["no_such_percent", "percent"],
  ]);
  const [first, second] = alone.data.series;
  const { times, avg, min, max } = first as HistorySeries;
  for (const list of [avg, min, max]) expect(list).toHaveLength(times.length);
  /* They are numbered, a number more in each metric. */
  for (const [index, mean] of avg.entries()) {
    if (mean === null) continue;
    expect(second?.avg[index]).toBeCloseTo(mean + 1, 1);
    expect(mean).toBeWithin((min[index] as number) - 0.01, (max[index] as number) + 0.01);
  }

  const calls = ["history.range", "history.latest", "history.range", "resources.get"];
  const inputs = [asked, { resourceId: day.resourceId }, { ...asked, to: 0 }, { id: day.resourceId }];
  const query = `batch=1&input=${encodeURIComponent(JSON.stringify({ ...inputs }))}`;
  const response = await fetch(`${server.url}/api/trpc/${calls.join(",")}?${query}`, { headers: { cookie } });
  const answers = (await response.json()) as { result?: { data: unknown }; error?: { data: ErrorData } }[];
  expect(response.status).toBe(207);
  expect(answers[0]?.result?.data).toEqual(alone.data);
  expect(answers[1]?.result?.data).toMatchObject({ metrics: expect.any(Object) });
  expect(answers[2]?.error?.data.reason).toBe("invalid_request");
  expect(answers[3]?.result?.data).toMatchObject({ resource: { id: day.resourceId } });
});

test("a batch is not streamed, by whichever header it is asked for: an answer is whole or it is refused", async () => {
  const input = encodeURIComponent(JSON.stringify({ 0: { ...day, metrics: ["m0"] } }));
  for (const header of ["trpc-accept", "accept"]) {
    const response = await fetch(`${server.url}/api/trpc/history.range?batch=1&input=${input}`, {
      headers: { cookie, [header]: "application/jsonl" },
    });
    expect([header, response.status]).toEqual([header, 400]);
    expect(await response.text()).toContain("Batches are not answered as a stream");
  }
});

test("a day is answered sample by sample, and more than is answered at once is refused with the field", async () => {
  const full = { ...day, metrics: ["m0"], maxPoints: DAY_MS / EVERY_MS };
  const { data } = await call<HistoryRange>(server, "history.range", { input: full, cookie });
  expect(data.series[0]?.step).toBe(EVERY_MS);
  expect(data.series[0]?.avg.filter((value) => value !== null)).toHaveLength(DAY_MS / EVERY_MS);
  for (const wrong of [
    { ...full, maxPoints: 10_001 },
    { ...full, metrics: METRICS, maxPoints: 2_001 },
  ]) {
    const { status, error } = await call(server, "history.range", { input: wrong, cookie });
    expect([status, Object.keys(error?.fields ?? {})]).toEqual([400, ["maxPoints"]]);
  }
});

test("a read whose caller has left ends, and others have its turn at once", async () => {
  const [before, beforeLeft] = [await counted(200), await counted(400)];
  const finished = async () => (await counted(200)) - before;
  const left = async () => (await counted(400)) - beforeLeft;

  const sockets = Array.from({ length: CALLERS }, ask);
  const underWay = () => metric(server, "pulse_shard_queue_depth", { shard: "0" });
  await until(async () => (await underWay()) + (await finished()) === CALLERS, { what: "all have asked" });
  for (const socket of sockets) socket.destroy();
  await until(async () => (await left()) + (await finished()) === CALLERS, { what: "all are over" });
  expect(await finished()).toBeLessThan(CALLERS / 3);
  const afterMs = await timed([day]);

  /* Had they been read to their end, it would have waited five times as long as a fifth of them takes. */
  expect(afterMs).toBeLessThan(await timed(Array(CALLERS / 5).fill(day)));
  expect(server.logs.filter(({ level }) => level === "error")).toEqual([]);
}, 120_000);
