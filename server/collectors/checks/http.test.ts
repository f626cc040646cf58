import { afterAll, describe, expect, test } from "bun:test";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { issueCertificate } from "../../../tests/support/certificates.ts";
import { until } from "../../../tests/support/until.ts";
import { HttpCheck } from "../../contract/sources/checks.ts";
import { Egress } from "../../lib/egress.ts";
import { checkHttp } from "./http.ts";

const DAY_MS = 86_400_000;
const authority = { name: "House", issued: issueCertificate({ name: "House", isAuthority: true }) };
const egress = new Egress(
  { allow: ["127.0.0.0/8"], reach: "lan" },
  {
    resolveName: async (name) => (name.endsWith(".lan") ? ["127.0.0.1"] : []),
    authorities: [authority.issued.cert],
  },
);
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await until(() => server.listening);
  return (server.address() as { port: number }).port;
}

async function serve(answer: RequestListener): Promise<{ port: number; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const port = await listen(
    createServer((request, response) => {
      seen.push(request);
      answer(request, response);
    }),
  );
  return { port, seen };
}

const check = (config: Record<string, unknown>, secrets = {}) =>
  checkHttp(HttpCheck.parse({ timeoutMs: 2_000, ...config }), { egress, now: Date.now }, secrets);

describe("an answer as expected", () => {
  test("is up, with every phase by itself and nothing of the body", async () => {
    const { port } = await serve((_, response) => response.end("secret body"));
    const result = await check({ url: `http://nas.lan:${port}/a` });
    expect(result).toMatchObject({ status: "up", attributes: { address: "127.0.0.1" } });
    expect(result.problem).toBeUndefined();
    const { latency_seconds, http_status, ...phases } = result.metrics;
    expect(http_status).toBe(200);
    expect(Object.keys(phases).sort()).toEqual([
      "connect_seconds",
      "dns_seconds",
      "first_byte_seconds",
      "transfer_seconds",
    ]);
    const sum = Object.values(phases).reduce((total, value) => total + value, 0);
    expect(Math.abs(sum - latency_seconds!)).toBeLessThan(0.005);
    expect(JSON.stringify(result)).not.toContain("secret");
  });

  test("is slow when it takes longer than allowed, in words that stay the same", async () => {
    const { port } = await serve((_, response) => void setTimeout(() => response.end(), 30));
    const result = await check({ url: `http://nas.lan:${port}/`, maxLatencyMs: 20 });
    expect(result).toMatchObject({ status: "degraded", problem: "The answer took longer than 20 ms." });
  });

  test("is asked for as configured", async () => {
    const { port, seen } = await serve((request, response) =>
      request.on("end", () => response.end()).resume(),
    );
    const config = {
      method: "POST",
      headers: { "x-mine": "1" },
      body: '{"a":1}',
      url: `http://nas.lan:${port}/?k=v`,
    };
    await check(config, { secretHeaders: { authorization: "Bearer x" } });
    expect(seen[0]).toMatchObject({ method: "POST", url: "/?k=v" });
    expect(seen[0]!.headers).toMatchObject({
      "x-mine": "1",
      authorization: "Bearer x",
      "content-length": "7",
    });
    await check({ ...config, method: "HEAD" });
    expect(seen[1]!.method).toBe("HEAD");
  });
});

describe("what is not as expected is down and says what was expected:", () => {
  const json = JSON.stringify({ status: "fine", disks: [{ free: 12 }], ok: true });
  const cases: [
    config: Record<string, unknown>,
    status: number,
    body: string,
    problem: string | undefined,
  ][] = [
    [{}, 503, "", "It answered 503, expected 200-299."],
    [{ status: "200-299,503" }, 503, "", undefined],
    [{ followRedirects: 0 }, 301, "", "It answered 301, expected 200-299."],
    [{ contains: "well" }, 200, "all is well", undefined],
    [{ contains: "well" }, 200, "all is lost", 'The answer does not contain "well".'],
    [{ containsNot: "lost" }, 200, "all is lost", 'The answer contains "lost".'],
    [{ json: { path: "status", is: "equal", value: "fine" } }, 200, json, undefined],
    [{ json: { path: "status", is: "equal", value: "up" } }, 200, json, 'The value at status is not "up".'],
    [
      { json: { path: "status", is: "not_equal", value: "fine" } },
      200,
      json,
      'The value at status is not other than "fine".',
    ],
    [{ json: { path: "disks[0].free", is: "greater", value: 10 } }, 200, json, undefined],
    [
      { json: { path: "disks[0].free", is: "greater", value: 12 } },
      200,
      json,
      "The value at disks[0].free is not more than 12.",
    ],
    [{ json: { path: "disks[0].free", is: "less", value: 12.5 } }, 200, json, undefined],
    [
      { json: { path: "status", is: "less", value: 1 } },
      200,
      json,
      "The value at status is not less than 1.",
    ],
    [
      { json: { path: "disks[1].free", is: "less", value: 1 } },
      200,
      json,
      "The answer has nothing at disks[1].free.",
    ],
    [{ json: { path: "ok", is: "equal", value: true } }, 200, json, undefined],
    [{ json: { path: "ok", is: "equal", value: true } }, 200, "<html>", "The answer is not JSON."],
    [
      { json: { path: "ok", is: "equal", value: true } },
      200,
      `"${"x".repeat(1_100_000)}"`,
      "The answer is too large to be read as JSON.",
    ],
  ];
  for (const [config, status, body, problem] of cases) {
    test(`${JSON.stringify(config)} of ${status} ${body.slice(0, 20)}`, async () => {
      const { port } = await serve((_, response) => response.writeHead(status).end(body));
      const result = await check({ url: `http://nas.lan:${port}/`, ...config });
      expect(result.status).toBe(problem === undefined ? "up" : "down");
      expect(result.problem).toBe(problem);
      expect(result.metrics["http_status"]).toBe(status);
    });
  }

  test("an answer that is packed without having been asked for cannot be looked into", async () => {
    const { port } = await serve((_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end("x"),
    );
    expect((await check({ url: `http://nas.lan:${port}/`, contains: "x" })).problem).toContain("compressed");
    expect((await check({ url: `http://nas.lan:${port}/` })).status).toBe("up");
  });
});

describe("a redirect", () => {
  test("is followed, every hop judged, and the time is that of all", async () => {
    const { port, seen } = await serve((request, response) => {
      const next = { "/a": "/b", "/b": "c" }[request.url!];
      if (next) response.writeHead(302, { location: next }).end();
      else response.end("done");
    });
    const result = await check({ url: `http://nas.lan:${port}/a`, contains: "done" });
    expect(result.status).toBe("up");
    expect(seen.map(({ url }) => url)).toEqual(["/a", "/b", "/c"]);
    const short = await check({ url: `http://nas.lan:${port}/a`, followRedirects: 1 });
    expect(short).toMatchObject({ status: "down", problem: "It was redirected more than 1 times." });
  });

  test("to where nothing may be reached ends there", async () => {
    for (const location of [
      "http://169.254.169.254/",
      "http://[::1]/",
      "http://0x7f000001.example/",
      "file:///etc/hostname",
    ]) {
      const { port } = await serve((_, response) => response.writeHead(302, { location }).end());
      const result = await check({ url: `http://nas.lan:${port}/` });
      expect(result.status).not.toBe("up");
      expect(result.metrics).toEqual({});
    }
  });

  test("to another host takes no secret along", async () => {
    const other = await serve((_, response) => response.end());
    const { port } = await serve((_, response) =>
      response.writeHead(307, { location: `http://other.lan:${other.port}/` }).end(),
    );
    const headers = { Cookie: "a=b", "x-mine": "1" };
    await check({ url: `http://nas.lan:${port}/`, headers }, { secretHeaders: { "x-key": "secret" } });
    expect(other.seen[0]!.headers).toMatchObject({ "x-mine": "1" });
    expect(other.seen[0]!.headers).not.toHaveProperty("x-key");
    expect(other.seen[0]!.headers).not.toHaveProperty("cookie");
  });

  test("of a POST becomes a GET where the web says so, and stays one where not", async () => {
    for (const [status, method] of [
      [302, "GET"],
      [303, "GET"],
      [307, "POST"],
      [308, "POST"],
    ] as const) {
      const { port, seen } = await serve((request, response) => {
        request.resume();
        if (request.url === "/") response.writeHead(status, { location: "/b" });
        response.end();
      });
      await check({ url: `http://nas.lan:${port}/`, method: "POST", body: "x" });
      expect(seen[1]!.method).toBe(method);
    }
  });

  test("that never ends is out of time as a whole", async () => {
    const { port } = await serve(
      (_, response) => void setTimeout(() => response.writeHead(302, { location: "/" }).end(), 60),
    );
    const result = await check({ url: `http://nas.lan:${port}/`, timeoutMs: 500, followRedirects: 10 });
    expect(result).toMatchObject({ status: "down", problem: "There was no answer in 0.5 s." });
  });
});

describe("a certificate", () => {
  async function serveTls(notAfter: number, names = ["nas.lan"]): Promise<string> {
    const { cert, key } = issueCertificate({ name: "nas.lan", names, notAfter, issuer: authority });
    const port = await listen(
      createTlsServer({ cert, key }, (_, response) => response.end()) as unknown as Server,
    );
    return `https://nas.lan:${port}/`;
  }

  test("with time left is up, and how much is told", async () => {
    const result = await check({ url: await serveTls(Date.now() + 30.5 * DAY_MS) });
    expect(result).toMatchObject({
      status: "up",
      metrics: { certificate_days_left: 30 },
      attributes: { certificate_subject: "nas.lan", certificate_issuer: "House" },
    });
    expect(result.metrics["tls_seconds"]).toBeGreaterThan(0);
  });

  test("near its end is degraded", async () => {
    const url = await serveTls(Date.now() + 3.5 * DAY_MS);
    expect(await check({ url })).toMatchObject({
      status: "degraded",
      problem: "The certificate ends in 3 days.",
    });
    expect((await check({ url, certificateWarnDays: 3 })).status).toBe("up");
  });

  test("that has expired is down, and what it was is still told", async () => {
    const url = await serveTls(Date.now() - 2.5 * DAY_MS);
    const strict = await check({ url });
    expect(strict).toMatchObject({
      status: "down",
      problem: "The certificate has expired.",
      metrics: { certificate_days_left: -3 },
    });
    expect((await check({ url, verify: false })).status).toBe("down");
  });

  test("of another name is down unless nobody is to be verified", async () => {
    const url = await serveTls(Date.now() + 30 * DAY_MS, ["other.lan"]);
    expect(await check({ url })).toMatchObject({
      status: "down",
      problem: "The certificate is for another name.",
    });
    expect((await check({ url, verify: false })).status).toBe("up");
  });
});

test("a name that does not exist, a closed port and a silent server are each named", async () => {
  expect((await check({ url: "http://nowhere.example/" })).problem).toBe(
    'The name "nowhere.example" does not exist.',
  );
  const { port } = await serve(() => {});
  expect((await check({ url: `http://nas.lan:${port}/`, timeoutMs: 500 })).problem).toBe(
    "There was no answer in 0.5 s.",
  );
  const closed = createServer();
  const closedPort = await listen(closed);
  closed.close();
  await until(() => !closed.listening);
  expect((await check({ url: `http://nas.lan:${closedPort}/` })).problem).toBe("The connection was refused.");
});
