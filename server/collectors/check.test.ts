import { afterAll, expect, test } from "bun:test";
import { createServer } from "node:http";
import { until } from "../../tests/support/until.ts";
import { ReportedResource } from "../contract/report.ts";
import { type Check, HttpCheck } from "../contract/sources/checks.ts";
import { Egress } from "../lib/egress.ts";
import { createCheck, testCheck } from "./check.ts";

let status = 200;
let asked = 0;
const server = createServer((_, response) => {
  asked++;
  response.writeHead(status).end("secret body");
});
server.listen(0, "127.0.0.1");
await until(() => server.listening);
afterAll(() => server.close());
const { port } = server.address() as { port: number };

const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "lan" });
const httpCheck = (config: Record<string, unknown> = {}): Check => ({
  type: "http",
  config: HttpCheck.parse({ url: `http://127.0.0.1:${port}/health?key=secret`, retries: 1, ...config }),
});
const options = { egress, key: "check/s1", name: "The NAS", intervalMs: 60_000 };

test("a check is a resource under the name it was given, with nothing secret in it", async () => {
  const [resource, ...more] = await createCheck({ ...options, check: httpCheck() }).collect();
  expect(more).toEqual([]);
  expect(ReportedResource.parse(resource)).toMatchObject({
    kind: "check",
    key: "check/s1",
    name: "The NAS",
    status: "up",
    attributes: { type: "http", target: `http://127.0.0.1:${port}/health?…`, address: "127.0.0.1" },
    metrics: { up: 1, attempts_failed: 0, http_status: 200 },
  });
  expect(JSON.stringify(resource)).not.toContain("secret");
});

test("a failure is made sure of, sooner than usual, before it is down", async () => {
  const check = createCheck({ ...options, check: httpCheck() });
  const look = async () => (await check.collect())[0]!;
  expect((await look()).status).toBe("up");
  expect(check.nextTryMs()).toBe(60_000);
  status = 503;
  expect(await look()).toMatchObject({
    status: "up",
    attributes: { problem: "It answered 503, expected 200-299." },
    metrics: { up: 1, attempts_failed: 1 },
  });
  expect(check.nextTryMs()).toBe(15_000);
  expect(await look()).toMatchObject({ status: "down", metrics: { up: 0, attempts_failed: 2 } });
  expect(check.nextTryMs()).toBe(60_000);
  status = 200;
  const back = await look();
  expect(back).toMatchObject({ status: "up", metrics: { up: 1, attempts_failed: 0 } });
  expect(back.attributes).not.toHaveProperty("problem");
});

test("what cannot be tried is unknown, and neither up nor down", async () => {
  const strict = new Egress({ allow: [], reach: "lan" });
  const [resource] = await createCheck({ ...options, egress: strict, check: httpCheck() }).collect();
  expect(resource!.status).toBe("unknown");
  expect(resource!.metrics).toEqual({ attempts_failed: 0 });
});

test("two at once are one try", async () => {
  const before = asked;
  const check = createCheck({ ...options, check: httpCheck() });
  await Promise.all([check.collect(), check.collect()]);
  expect(asked).toBe(before + 1);
});

test("somebody who sets it up is told the outcome of one try and how long each phase took", async () => {
  status = 503;
  const outcome = await testCheck(httpCheck({ retries: 5 }), { egress });
  status = 200;
  expect(outcome).toMatchObject({ ok: false, message: "It answered 503, expected 200-299." });
  expect(outcome.facts.map(({ label }) => label)).toEqual([
    "Target",
    "Address",
    "Connection",
    "First byte",
    "Transfer",
    "Latency",
    "Status",
  ]);
  expect(outcome.facts.find(({ label }) => label === "First byte")?.value).toMatch(/^\d+(\.\d)? ms$/);
  expect(JSON.stringify(outcome)).not.toContain("secret");
});

test("and when all is as expected, that it is", async () => {
  expect(await testCheck(httpCheck(), { egress })).toMatchObject({ ok: true, message: "It is as expected." });
});
