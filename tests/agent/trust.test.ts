/** Whom the agent hands its token to. Certificates are made here; nothing of them is kept. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerConnection, type ServerTrust } from "../../agent/server-connection.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-trust-"));
const file = (name: string) => join(folder, name);
const pem = (name: string) => readFileSync(file(name), "utf8");
const fingerprintOf = (name: string) =>
  new X509Certificate(pem(name)).fingerprint256.replaceAll(":", "").toLowerCase();

function openssl(...words: string[]): void {
  const { success, stderr } = Bun.spawnSync(["openssl", ...words], { stderr: "pipe" });
  if (!success) throw new Error(`openssl ${words[0]}: ${stderr.toString()}`);
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-batch"];

let server: Bun.Server<undefined>;
const tokens: (string | null)[] = [];
let connections = new Set<number>();

beforeAll(() => {
  writeFileSync(file("names"), "subjectAltName=DNS:localhost");
  openssl(
    "req",
    "-x509",
    ...NEW_KEY,
    "-keyout",
    file("ca.key"),
    "-out",
    file("ca.pem"),
    "-subj",
    "/CN=house",
  );
  openssl("req", ...NEW_KEY, "-keyout", file("key"), "-out", file("csr"), "-subj", "/CN=pulse");
  const by = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial"];
  openssl("x509", "-req", "-in", file("csr"), ...by, "-out", file("cert"), "-extfile", file("names"));
  server = Bun.serve({
    port: 0,
    hostname: "localhost",
    idleTimeout: 60,
    tls: { key: pem("key"), cert: pem("cert") },
    fetch(request, own) {
      tokens.push(request.headers.get("authorization"));
      connections.add(own.requestIP(request)?.port ?? 0);
      return Response.json({ ok: true, stored: 1, duplicates: 0 });
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

async function ask(trust: ServerTrust, host = "localhost", times = 1) {
  tokens.length = 0;
  connections = new Set();
  const connection = new ServerConnection({
    url: `https://${host}:${server.port}`,
    version: "1",
    trust,
    clock: Date.now,
  });
  const replies = [];
  for (let n = 0; n < times; n++) {
    replies.push(
      await connection.ask({
        path: "/api/agent/report",
        token: "t",
        body: { content: Buffer.from("{}"), packed: false },
        nextInMs: 10_000,
        signal: AbortSignal.timeout(5_000),
      }),
    );
  }
  connection.close();
  return replies.map(({ answer }) => answer);
}

test("a server nobody vouches for is told nothing", async () => {
  expect(await ask({})).toEqual([{ failure: expect.stringContaining("vouches") }]);
  expect(tokens).toEqual([]);
});

test("a server that speaks plainly is asked nothing, and the failure says what may be wrong", async () => {
  await using plain = Bun.serve({ port: 0, hostname: "localhost", fetch: () => new Response("plain") });
  const connection = new ServerConnection({
    url: `https://localhost:${plain.port}`,
    version: "1",
    trust: {},
    clock: Date.now,
  });
  const signal = AbortSignal.timeout(5_000);
  const { answer } = await connection.ask({ path: "/", token: "t", nextInMs: 10_000, signal });
  connection.close();
  expect(answer).toEqual({ failure: expect.stringMatching(/^the server does not speak TLS on that port/) });
});

test("an authority that was given counts, for the names in the certificate", async () => {
  expect(await ask({ ca: pem("ca.pem") })).toMatchObject([{ status: 200 }]);
  tokens.length = 0;
  expect(await ask({ ca: pem("ca.pem") }, "127.0.0.1")).toEqual([
    { failure: expect.stringContaining("another name") },
  ]);
  expect(tokens).toEqual([]);
});

describe("a certificate that is pinned", () => {
  test("is enough by itself, for any name, and its connection is kept", async () => {
    const fingerprint = fingerprintOf("cert");
    expect(await ask({ fingerprint }, "localhost", 3)).toMatchObject([
      { status: 200 },
      { status: 200 },
      { status: 200 },
    ]);
    expect(tokens).toEqual(["Bearer t", "Bearer t", "Bearer t"]);
    expect(connections.size).toBe(1);
  });
  test("lets no other pass, not even one that an authority vouches for", async () => {
    const trust = { fingerprint: fingerprintOf("ca.pem"), ca: pem("ca.pem") };
    expect(await ask(trust)).toEqual([{ failure: expect.stringContaining(fingerprintOf("cert")) }]);
    expect(tokens).toEqual([]);
  });
});
