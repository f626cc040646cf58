import { afterAll, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { issueCertificate } from "../../tests/support/certificates.ts";
import { until } from "../../tests/support/until.ts";
import { Report, ReportedResource } from "../contract/report.ts";
import { PrometheusConfig, PrometheusSecrets } from "../contract/sources/prometheus.ts";
import { Egress } from "../lib/egress.ts";
import { createExporterCollector } from "./exporter.ts";
import { capturedPage } from "./exposition/captured-page.ts";

const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "lan" });
const TEXT = { "content-type": "text/plain; version=0.0.4; charset=utf-8" };
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** A server that answers as told, and the collector that asks it. */
function exporterThat(
  answer: (request: Request) => Response | Promise<Response>,
  config: Record<string, unknown> = {},
  secrets: Record<string, unknown> = {},
) {
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer });
  closers.push(() => server.stop(true));
  return collectorOf(`http://127.0.0.1:${server.port}`, config, secrets);
}

function collectorOf(url: string, config: Record<string, unknown>, secrets: Record<string, unknown> = {}) {
  const clock = { now: 1_795_462_000_000 };
  const collector = createExporterCollector({
    config: PrometheusConfig.parse({ url, ...config }),
    secrets: PrometheusSecrets.parse(secrets),
    egress,
    now: () => clock.now,
  });
  return { clock, collect: () => collector.collect() };
}

/** The sentence a collection fails with. */
async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof Error ? error.message : "no error";
  }
  throw new Error("it did not fail");
}

/** That the contract takes it, as one report. */
function accepted(resources: ReportedResource[]): ReportedResource[] {
  for (const resource of resources) ReportedResource.parse(resource);
  Report.parse({ v: 1, boot: "12345678", seq: 0, at: 0, intervalMs: 10_000, resources });
  expect(new Set(resources.map(({ key }) => key)).size).toBe(resources.length);
  return resources;
}

test("a page becomes an exporter and its series, with rates from the second collection on", async () => {
  let requests = 100;
  const page = () =>
    `# TYPE http_requests_total counter\nhttp_requests_total{code="200",path="/a/b"} ${requests}\n` +
    `queue_length 3\nshop_build_info{version="1.2"} 1\nnothing_seconds NaN\n`;
  const { clock, collect } = exporterThat(() => new Response(page(), { headers: TEXT }), {
    shown: [{ metric: "http_requests_total" }],
  });
  const [first] = accepted(await collect());
  expect(first?.metrics).not.toHaveProperty("http_requests_per_second");
  requests += 50;
  clock.now += 10_000;
  const [exporter, ...series] = accepted(await collect());
  expect(exporter).toMatchObject({
    kind: "exporter",
    key: "exporter",
    status: "up",
    attributes: { software: "shop 1.2", shown: ["http_requests_per_second"] },
    metrics: { queue_length: 3, http_requests_per_second: 5, up: 1, samples_scraped: 4 },
  });
  expect(exporter?.name).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(exporter?.attributes.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  expect(exporter?.metrics).not.toHaveProperty("nothing_seconds");
  expect(series).toContainEqual({
    kind: "series",
    key: 'series/code="200",path="/a/b"',
    parent: "exporter",
    name: 'code="200",path="/a/b"',
    status: "up",
    attributes: { labels: { code: "200", path: "/a/b" } },
    metrics: { http_requests_per_second: 5 },
  });
});

test.each([
  ["postgres-exporter", "postgres_exporter"],
  ["redis-exporter", "redis_exporter"],
  ["blackbox-exporter", undefined],
  ["haproxy", undefined],
])("%s is taken whole and stays within the contract", async (name, software) => {
  const { clock, collect } = exporterThat(() => new Response(capturedPage(name), { headers: TEXT }));
  const first = accepted(await collect());
  clock.now += 10_000;
  const [exporter, ...series] = accepted(await collect());
  expect(exporter?.status).toBe("up");
  expect(exporter?.attributes).not.toHaveProperty("series_left_out");
  if (software) expect(exporter?.attributes.software).toMatch(new RegExp(`^${software} \\d`));
  expect(series.every(({ parent }) => parent === "exporter")).toBe(true);
  expect(series.map(({ key }) => key)).toEqual(first.slice(1).map(({ key }) => key));
});

test("an exporter that cannot reach what it watches is degraded", async () => {
  const { collect } = exporterThat(() => new Response("redis_up 0\n", { headers: TEXT }));
  const [exporter] = accepted(await collect());
  expect(exporter).toMatchObject({ status: "degraded", attributes: { problem: "redis_up is 0." } });
});

test("OpenMetrics is read as such when that is what is answered", async () => {
  const headers = { "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8" };
  const page = capturedPage("python-client-openmetrics");
  const { collect } = exporterThat(() => new Response(page, { headers }));
  expect(accepted(await collect()).length).toBeGreaterThan(5);
  const cut = exporterThat(() => new Response(page.subarray(0, 900), { headers }));
  expect(await failure(cut.collect())).toMatch(/^The page is not one of metrics, line \d+: /);
});

test("the credentials are sent, and only how they are judged is told", async () => {
  const seen: (string | null)[] = [];
  const answer = (request: Request) => {
    seen.push(request.headers.get("authorization"));
    return new Response("the secret is swordfish", { status: 401 });
  };
  const basic = exporterThat(answer, { user: "prom" }, { password: "pä:ss" });
  const bearer = exporterThat(answer, {}, { bearer: "token" });
  const neither = exporterThat(answer);
  for (const one of [basic, bearer, neither])
    expect(await failure(one.collect())).toBe("The exporter refuses the credentials (status 401).");
  expect(seen).toEqual([`Basic ${Buffer.from("prom:pä:ss").toString("base64")}`, "Bearer token", null]);
});

test.each<[string, () => Response, RegExp]>([
  ["a web page", () => new Response("<html>", { headers: { "content-type": "text/html" } }), /is a web page/],
  ["no such path", () => new Response("", { status: 404 }), /no metrics at this path/],
  ["elsewhere", () => new Response("", { status: 302, headers: { location: "http://x/" } }), /elsewhere/],
  ["a defect", () => new Response("stack trace", { status: 500 }), /answered with status 500/],
  [
    "binary",
    () => new Response(new Uint8Array(5_000).map((_, n) => (n * 7919) % 256)),
    /line 1: no beginning of a metric name/,
  ],
  ["a foreign packing", () => new Response("x", { headers: { "content-encoding": "br" } }), /packed/],
  ["a damaged packing", () => new Response("x", { headers: { "content-encoding": "gzip" } }), /damaged/],
  [
    "a bomb",
    () =>
      new Response(gzipSync(Buffer.alloc(64 * 1024 * 1024, "a 1\n")), {
        headers: { "content-encoding": "gzip" },
      }),
    /larger than 8388608/,
  ],
  ["ten megabytes", () => new Response("a 1\n".repeat(2_500_000)), /larger than 8388608/],
  ["a million series", () => new Response("a 1\n".repeat(1_000_000)), /more than 100000 series/],
  ["a bomb of labels", () => new Response(`a{${'b="c",'.repeat(100_000)}} 1\n`), /label that is there twice/],
])("%s is refused in one plain sentence", async (_, answer, sentence) => {
  const message = await failure(exporterThat(answer).collect());
  expect(message).toMatch(sentence);
  expect(message).toMatch(/^[A-Z][^\n]{10,120}\.$|path right\?$/);
});

test("a certificate nobody vouches for is refused until it is pinned, or nobody is to vouch", async () => {
  const { cert, key, fingerprint256 } = issueCertificate({ name: "nas", names: ["127.0.0.1"] });
  const answer = () => new Response("a 1\n", { headers: TEXT });
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, tls: { cert, key }, fetch: answer });
  closers.push(() => server.stop(true));
  const url = `https://127.0.0.1:${server.port}`;
  expect(await failure(collectorOf(url, {}).collect())).toBe("The certificate is self-signed.");
  const other = fingerprint256.replace(/./g, "0");
  expect(await failure(collectorOf(url, { fingerprint: other }).collect())).toMatch(/certificate/);
  for (const config of [{ fingerprint: fingerprint256 }, { verify: false }])
    expect((await collectorOf(url, config).collect())[0]?.metrics).toMatchObject({ a: 1 });
});

test("a packed page is unpacked", async () => {
  const headers = { ...TEXT, "content-encoding": "gzip" };
  const { collect } = exporterThat((request) => {
    expect(request.headers.get("accept-encoding")).toBe("gzip");
    return new Response(gzipSync("a 1\n"), { headers });
  });
  expect((await collect())[0]?.metrics).toMatchObject({ a: 1 });
});

/** A server without any manners. */
async function rudeServer(speak: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => speak(socket));
  });
  server.listen(0, "127.0.0.1");
  await until(() => server.listening);
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";

test("an answer without an end is cut off where the limit is", async () => {
  const url = await rudeServer((socket) => {
    socket.write(`${HEAD}\r\n`);
    const chunk = "a 1\n".repeat(16_384);
    const pour = () => {
      while (!socket.destroyed && socket.write(chunk));
      if (!socket.destroyed) socket.once("drain", pour);
    };
    pour();
  });
  expect(await failure(collectorOf(url, {}).collect())).toMatch(/larger than 8388608/);
});

test("one that breaks off is an error and no half page", async () => {
  const url = await rudeServer((socket) => {
    socket.end(`${HEAD}content-length: 1000\r\n\r\na 1\nb 2\n`);
  });
  expect(await failure(collectorOf(url, {}).collect())).not.toBe("");
});

test("one that drips is given up when its time is over", async () => {
  const url = await rudeServer((socket) => {
    socket.write(`${HEAD}\r\n`);
    const timer = setInterval(() => socket.write("a"), 20);
    socket.once("close", () => clearInterval(timer));
  });
  const startMs = performance.now();
  expect(await failure(collectorOf(url, { timeoutMs: 1_000 }).collect())).toBe("There was no answer in 1 s.");
  expect(performance.now() - startMs).toBeLessThan(5_000);
});

test("more series than are kept: always the same ones, and how many are missing is said", async () => {
  const lines = Array.from({ length: 50_000 }, (_, n) => `m{n="${n}",x="${"y".repeat(n % 50)}"} ${n}`);
  let page = lines.join("\n");
  const { collect } = exporterThat(() => new Response(page, { headers: TEXT }));
  const one = accepted(await collect());
  page = lines.reverse().join("\n");
  const other = accepted(await collect());
  expect(one).toHaveLength(2_000);
  expect(one[0]?.attributes.series_left_out).toBe(50_000 - 1_999);
  expect(other.slice(1)).toEqual(one.slice(1));
});

test("label values of any length and kind become names and keys the contract takes", async () => {
  const values = [
    "x".repeat(16_000),
    "x".repeat(15_999),
    '\\\\\\"\\n'.repeat(300),
    "\u0007\u001b",
    "𝕏".repeat(300),
  ];
  const labels = (value: string) => Array.from({ length: 60 }, (_, n) => `l${n}="${value}"`).join(",");
  const page = values.map((value) => `m{${labels(value.slice(0, 2_000))}} 1\nn{l="${value}"} 1\n`).join("");
  const { collect } = exporterThat(() => new Response(page, { headers: TEXT }));
  expect(accepted(await collect()).length).toBe(1 + 9);
});

test("two collections at once are one", async () => {
  let asked = 0;
  const { collect } = exporterThat(() => {
    asked++;
    return new Response("a 1\n", { headers: TEXT });
  });
  const [one, other] = await Promise.all([collect(), collect()]);
  expect(one).toBe(other);
  expect(asked).toBe(1);
});

test("what can be configured", () => {
  const url = (text: string) => PrometheusConfig.safeParse({ url: text }).data?.url;
  expect(url(" http://nas:9100 ")).toBe("http://nas:9100/metrics");
  expect(url("http://nas:9100/")).toBe("http://nas:9100/");
  expect(url("https://[::1]/probe?target=a/b")).toBe("https://[::1]/probe?target=a/b");
  for (const wrong of [
    "nas:9100",
    "ftp://nas/",
    "http://",
    "http://a:b@nas/",
    "http://nas/#x",
    "file:///etc/passwd",
  ])
    expect(url(wrong)).toBeUndefined();
  expect(PrometheusConfig.safeParse({ url: "http://a", user: "a:b" }).success).toBe(false);
  expect(PrometheusConfig.safeParse({ url: "http://a", other: 1 }).success).toBe(false);
  expect(PrometheusSecrets.safeParse({ password: "a", bearer: "b" }).success).toBe(false);
  expect(PrometheusSecrets.safeParse({ bearer: "a\r\nhost: b" }).success).toBe(false);
});
