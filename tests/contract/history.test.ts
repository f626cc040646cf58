/** Reading a lot of history, by callers that stay and by callers that leave, over real sockets. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Socket } from "node:net";
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
const LEAVING = 60;

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

async function timed(): Promise<number> {
  const startedAt = performance.now();
  const { status } = await call(server, "history.range", { input: day, cookie });
  expect(status).toBe(200);
  return performance.now() - startedAt;
}

const counted = (status: number) =>
  metric(server, "pulse_http_requests_total", {
    method: "GET",
    route: "history.range",
    status: String(status),
  });

test("a read whose caller has left ends, and others have its turn at once", async () => {
  const aloneMs = Math.min(await timed(), await timed(), await timed());
  const before = await counted(200);
  const finished = async () => (await counted(200)) - before;

  const sockets = Array.from({ length: LEAVING }, ask);
  const underWay = () => metric(server, "pulse_shard_queue_depth", { shard: "0" });
  await until(async () => (await underWay()) + (await finished()) === LEAVING, { what: "all have asked" });
  for (const socket of sockets) socket.destroy();
  await until(async () => (await counted(400)) + (await finished()) === LEAVING, { what: "all are over" });
  const toTheirEnd = await finished();
  const afterMs = await timed();

  /* Read to their end, two at a time, they would have kept it waiting for thirty reads. */
  expect(toTheirEnd).toBeLessThan(LEAVING / 6);
  expect(afterMs).toBeLessThan((aloneMs * LEAVING) / 6);
  expect(server.logs.filter(({ level }) => level === "error")).toEqual([]);
}, 60_000);
