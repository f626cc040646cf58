import { afterAll, describe, expect, test } from "bun:test";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { gzipSync } from "node:zlib";
import { issueCertificate } from "../../tests/support/certificates.ts";
import { until } from "../../tests/support/until.ts";
import { Egress, EgressError, type EgressRequest } from "./egress.ts";

const LOOPBACK = "127.0.0.0/8";
const DAY_MS = 86_400_000;
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

/** What `work` is refused with. */
async function refusalOf(work: Promise<unknown>): Promise<EgressError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof EgressError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await until(() => server.listening);
  closers.push(() => server.close());
  return (server.address() as { port: number }).port;
}

/** Answers each request head with what `answer` does; counts what it sees. */
async function plainServer(answer: (socket: Socket, head: string) => void) {
  const seen = { connections: 0, heads: [] as string[], open: new Set<Socket>() };
  const server = createServer((socket) => {
    seen.connections++;
    seen.open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => seen.open.delete(socket));
    socket.on("data", (data) => {
      seen.heads.push(data.toString("latin1"));
      answer(socket, data.toString("latin1"));
    });
  });
  const port = await listen(server);
  return { ...seen, seen, port, url: `http://127.0.0.1:${port}/` };
}

const ok = (body = "hi") => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

describe("an address that must not be reached is not, however it is written:", () => {
  const egress = new Egress(
    { allow: [], reach: "public" },
    {
      resolveName: async (name) => {
        const zone: Record<string, string[]> = {
          localhost: ["127.0.0.1", "::1"],
          "localhost.": ["127.0.0.1"],
          "metadata.google.internal": ["169.254.169.254"],
          "rebound.example": ["10.0.0.1"],
        };
        return zone[name] ?? [];
      },
    },
  );
  const refused = [
    // loopback
    "http://127.0.0.1/",
    "http://127.0.0.1:7655/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.255.255.254/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0x7F.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://0177.0x0.1/",
    "http://127.0.0.1./",
    "http:127.0.0.1",
    "http:/\\127.0.0.1/",
    "http:\\\\127.0.0.1\\",
    "  http://127.0.0.1/  ",
    "HTTP://127.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://１２７.０.０.１/",
    "http://127。0。0。1/",
    "http://127．0．0．1/",
    "http://1\t27.0.0.1/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::127.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:7f00:0001:0:0:0:0:1]/",
    "http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:db8::5efe:127.0.0.1]/",
    "http://[2600::200:5efe:7f00:1]/",
    "http://localhost/",
    "http://LOCALHOST/",
    "http://localhost./",
    "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    // this network, any address
    "http://0/",
    "http://0.0.0.0/",
    "http://0.1.2.3/",
    "http://[::]/",
    "http://[0::0]/",
    // link-local and metadata
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.1.1/",
    "http://0xa9fea9fe/",
    "http://2852039166/",
    "http://0251.0376.0251.0376/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fe80::1]/",
    "http://[febf::1]/",
    "http://[fd00:ec2::254]/",
    "http://100.100.100.200/",
    "http://metadata.google.internal/",
    // private
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://[fc00::1]/",
    "http://[fdff::1]/",
    "http://[fec0::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://rebound.example/",
    // nobody's
    "http://224.0.0.1/",
    "http://239.255.255.250/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://192.0.2.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://[ff02::1]/",
    "http://[100::1]/",
    "http://[2001:db8::1]/",
    "http://[4000::1]/",
  ];
  for (const url of refused) {
    test(url, async () => {
      const error = await refusalOf(egress.request({ url, timeoutMs: 300 }));
      expect(error.kind).toBe("address_refused");
      expect(error.message).toEndWith(".");
    });
  }

  test("the form is no way around for a raw connection either", async () => {
    for (const host of [
      "127.0.0.1",
      "0x7f.1",
      "2130706433",
      "[::1]",
      "::ffff:127.0.0.1",
      "①②⑦.0.0.1",
      "fe80::1%lo",
    ]) {
      expect((await refusalOf(egress.connect({ host, port: 1 }))).kind).toBe("address_refused");
      expect((await refusalOf(egress.resolve(host))).kind).toBe("address_refused");
    }
  });
});

describe("what is no web address is refused before anything is resolved:", () => {
  const egress = new Egress(
    { allow: ["0.0.0.0/0", "::/0"], reach: "lan" },
    {
      resolveName: () => {
        throw new Error("was resolved");
      },
    },
  );
  const odd = [
    "file:///etc/hostname",
    "FILE:///etc/hostname",
    "data:text/plain,hello",
    "s3://bucket/key",
    "unix:/run/docker.sock",
    "http+unix://%2Frun%2Fdocker.sock/",
    "ftp://example.org/",
    "gopher://example.org/",
    "javascript:alert(1)",
    "blob:http://example.org/1",
    "ws://example.org/",
    "about:blank",
    "//example.org/",
    "example.org",
    "/etc/hostname",
    "",
    "http://",
    "http://256.1.1.1/",
    "http://1.2.3.4.5/",
    "http://a b/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://example.org:99999/",
    "http://user@example.org/",
    "http://user:secret@example.org/",
    `http://example.org/${"a".repeat(9_000)}`,
  ];
  for (const url of odd) {
    test(url.slice(0, 50) || "(nothing)", async () => {
      const error = await refusalOf(egress.request({ url }));
      expect(error.kind).toBe("scheme");
      expect(error.message).not.toContain("secret");
    });
  }

  test("a host that holds more than a host", async () => {
    for (const host of [
      "",
      "a/b",
      "a:80",
      "a@b",
      "a b",
      "a?b",
      "a#b",
      "a%2fb",
      "[::1]:80",
      "x".repeat(254),
    ]) {
      expect((await refusalOf(egress.connect({ host, port: 80 }))).kind).toBe("scheme");
    }
  });
});

describe("what may be reached:", () => {
  test("private networks from a lan, and only there", async () => {
    const lan = new Egress({ allow: [], reach: "lan" });
    for (const host of [
      "10.1.2.3",
      "172.20.0.1",
      "192.168.1.1",
      "100.64.0.1",
      "fd12::1",
      "::ffff:10.0.0.1",
      "8.8.8.8",
    ]) {
      expect(await lan.resolve(host)).toHaveLength(1);
    }
    for (const host of [
      "127.0.0.1",
      "::1",
      "169.254.169.254",
      "fe80::1",
      "fd00:ec2::254",
      "100.100.100.200",
      "0.0.0.0",
    ]) {
      expect((await refusalOf(lan.resolve(host))).kind).toBe("address_refused");
    }
  });

  test("public addresses, also by way of a translator", async () => {
    const egress = new Egress({ allow: [], reach: "public" });
    for (const host of [
      "8.8.8.8",
      "2606:4700::1111",
      "64:ff9b::8.8.8.8",
      "2002:808:808::1",
      "::ffff:8.8.8.8",
    ]) {
      expect(await egress.resolve(host)).toHaveLength(1);
    }
  });

  test("what the operator allows, in any form of the address, and not its neighbours", async () => {
    const egress = new Egress({ allow: ["10.1.0.0/16", "127.0.0.2", "fd12:3456::/33"], reach: "public" });
    for (const host of ["10.1.255.1", "::ffff:10.1.0.1", "127.0.0.2", "fd12:3456:7fff::1"]) {
      expect(await egress.resolve(host)).toHaveLength(1);
    }
    for (const host of ["10.2.0.1", "127.0.0.1", "127.0.0.3", "fd12:3456:8000::1"]) {
      expect((await refusalOf(egress.resolve(host))).kind).toBe("address_refused");
    }
    expect(() => new Egress({ allow: ["10.0.0.0/33"], reach: "lan" })).toThrow();
  });

  test("what is refused says what would allow it; of a name, and of credentials of a cloud, no address", async () => {
    const egress = new Egress({ allow: [], reach: "public" }, { resolveName: async () => ["10.2.0.9"] });
    const said = async (host: string) => (await refusalOf(egress.resolve(host))).message;
    expect(await said("192.168.1.5")).toBe(
      '"192.168.1.5" is in a private network, which may not be reached unless the operator allows it ' +
        "(PULSE_OUTBOUND_ALLOW=192.168.1.5/32, then a restart).",
    );
    expect(await said("fd12::1")).toContain("(PULSE_OUTBOUND_ALLOW=fd12::1/128, then a restart).");
    for (const host of ["nas.lan", "169.254.169.254"])
      expect(await said(host)).toContain("(PULSE_OUTBOUND_ALLOW).");
    const allowing = new Egress({ allow: ["192.168.1.5/32", "fd12::1/128"], reach: "public" });
    for (const host of ["192.168.1.5", "fd12::1"]) expect(await allowing.resolve(host)).toHaveLength(1);
  });

  test("of a name with several addresses only those that may be", async () => {
    const egress = new Egress(
      { allow: [], reach: "lan" },
      { resolveName: async () => ["127.0.0.1", "10.0.0.7", "fe80::1"] },
    );
    expect(await egress.resolve("nas.lan")).toEqual(["10.0.0.7"]);
  });

  test("never Pulse itself, unless that is allowed", async () => {
    const server = await plainServer((socket) => socket.write(ok()));
    const own = [{ address: "0.0.0.0", port: server.port }];
    const lan = [{ address: "10.9.9.9", port: 7655 }];
    const { addresses } = await import("node:os").then(({ networkInterfaces }) => ({
      addresses: Object.values(networkInterfaces())
        .flat()
        .filter((found) => found && found.family === "IPv4" && !found.internal)
        .map((found) => found!.address),
    }));
    const egress = new Egress({ allow: [], own: [...own, ...lan], reach: "lan" });
    for (const host of [...addresses, "127.0.0.1"]) {
      expect((await refusalOf(egress.connect({ host, port: server.port }))).kind).toBe("address_refused");
    }
    for (const host of ["10.9.9.9", "::ffff:10.9.9.9"]) {
      expect((await refusalOf(egress.connect({ host, port: 7655 }))).message).toContain("Pulse itself");
    }
    const allowed = new Egress({ allow: [LOOPBACK], own, reach: "lan" });
    expect((await allowed.request({ url: server.url })).status).toBe(200);
  });
});

describe("a name is resolved once:", () => {
  test("what it means a moment later changes nothing", async () => {
    const inside = await plainServer((socket) => socket.write(ok("secret")));
    let asked = 0;
    const egress = new Egress(
      { allow: ["127.0.0.2"], reach: "lan" },
      { resolveName: async () => (asked++ === 0 ? ["127.0.0.2"] : ["127.0.0.1"]) },
    );
    /* Nothing listens at the address that was judged; a second look-up would find what does. */
    const url = `http://rebound.example:${inside.port}/`;
    expect((await refusalOf(egress.request({ url }))).kind).toBe("connect");
    expect(asked).toBe(1);
    expect((await refusalOf(egress.request({ url }))).kind).toBe("address_refused");
    expect(inside.seen.connections).toBe(0);
  });

  test("the target is told the name", async () => {
    const server = await plainServer((socket) => socket.write(ok()));
    const egress = new Egress(
      { allow: [LOOPBACK], reach: "lan" },
      { resolveName: async () => ["127.0.0.1"] },
    );
    const answer = await egress.request({ url: `http://nas.lan:${server.port}/a?b=c#d` });
    expect(answer.address).toBe("127.0.0.1");
    expect(server.heads[0]).toStartWith("GET /a?b=c HTTP/1.1\r\n");
    expect(server.heads[0]!.toLowerCase()).toContain(`host: nas.lan:${server.port}\r\n`);
    expect(answer.timings.dnsMs).toBeNumber();
  });

  test("a name that does not exist, and a name server that does not answer, are told apart", async () => {
    const fail = (code: string) => async () => {
      throw Object.assign(new Error("no"), { code });
    };
    const of = (code: string) =>
      refusalOf(new Egress({ allow: [], reach: "lan" }, { resolveName: fail(code) }).resolve("nas.lan"));
    expect(await of("ENOTFOUND")).toMatchObject({
      kind: "dns",
      message: 'The name "nas.lan" does not exist.',
    });
    expect((await of("EAI_AGAIN")).message).toContain("did not answer");
    const hanging = new Egress({ allow: [], reach: "lan" }, { resolveName: () => new Promise(() => {}) });
    expect((await refusalOf(hanging.request({ url: "http://nas.lan/", timeoutMs: 50 }))).kind).toBe(
      "timeout",
    );
  });

  test("an address that refuses, and one that never answers, do not hold up one that does", async () => {
    const silent = await silentPort();
    const server = createServer((socket) => socket.on("error", () => {}).end(ok())).listen(
      silent.port,
      "127.0.0.1",
    );
    closers.push(() => server.close());
    await until(() => server.listening);
    const egress = new Egress(
      { allow: [LOOPBACK], reach: "lan" },
      { resolveName: async () => ["127.0.0.9", silent.address, "127.0.0.1"] },
    );
    const { socket, address, timings } = await egress.connect({ host: "nas.lan", port: silent.port });
    expect(address).toBe("127.0.0.1");
    expect(timings.connectMs).toBeGreaterThan(200);
    socket.destroy();
    const alone = new Egress(
      { allow: [LOOPBACK], reach: "lan" },
      { resolveName: async () => [silent.address] },
    );
    const error = await refusalOf(alone.connect({ host: "nas.lan", port: silent.port, timeoutMs: 100 }));
    expect([error.kind, error.message]).toEqual(["timeout", "There was no answer in 0.1 s."]);
    silent.close();
  });
});

describe("an exchange:", () => {
  const egress = new Egress({ allow: [LOOPBACK], reach: "lan" });
  afterAll(() => egress.close());

  test("sends what it is given and reads the answer", async () => {
    const server = await plainServer((socket) => socket.write(ok("hello")));
    const answer = await egress.request({
      method: "POST",
      url: `${server.url}hook`,
      headers: { "Content-Type": "application/json" },
      body: '{"a":1}',
    });
    expect(answer.status).toBe(200);
    expect(new TextDecoder().decode(answer.body)).toBe("hello");
    expect(answer).toMatchObject({ cut: false, address: "127.0.0.1" });
    expect(answer.timings.totalMs).toBeGreaterThan(0);
    expect(server.heads.join("")).toContain("content-length: 7\r\n");
    expect(server.heads.join("")).toEndWith('\r\n\r\n{"a":1}');
  });

  test("never carries what our own edge goes by, nor what changes where a request ends", async () => {
    const server = await plainServer((socket) => socket.write(ok()));
    const headers = {
      "X-User-Id": "u1",
      "x-tenant-id": "t",
      "X-Org-Name": "o",
      "x-pulse-org-id": "default",
      "x-mine": "1",
    };
    await egress.request({ url: server.url, headers });
    expect(server.heads[0]).toContain("x-mine: 1");
    expect(server.heads[0]).not.toMatch(/x-user-id|x-tenant|x-org|x-pulse-org/i);
    for (const name of [
      "Host",
      "Transfer-Encoding",
      "Content-Length",
      "Connection",
      "Upgrade",
      "Proxy-Authorization",
    ]) {
      expect((await refusalOf(egress.request({ url: server.url, headers: { [name]: "x" } }))).kind).toBe(
        "protocol",
      );
    }
    for (const [name, value] of [
      ["x-a", "b\r\nx-c: d"],
      ["x a", "b"],
      ["x-a", "\0"],
    ] as const) {
      expect((await refusalOf(egress.request({ url: server.url, headers: { [name]: value } }))).kind).toBe(
        "protocol",
      );
    }
    expect(server.seen.connections).toBe(1);
  });

  test("does not follow a redirect", async () => {
    const server = await plainServer((socket) =>
      socket.write("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"),
    );
    const answer = await egress.request({ url: server.url });
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "http://169.254.169.254/"]);
    expect(server.seen.connections).toBe(1);
  });

  const hostile: [promise: string, kind: string, answer: (socket: Socket) => void][] = [
    ["a silent server", "timeout", () => {}],
    ["a head that drips", "timeout", (socket) => drip(socket, "HTTP/1.1 200 OK\r\n", "x-a: b\r\n")],
    ["a body that drips", "timeout", (socket) => drip(socket, "HTTP/1.1 200 OK\r\n\r\n", "z")],
    ["an endless body", "too_large", (socket) => flood(socket, "HTTP/1.1 200 OK\r\n\r\n", "z".repeat(4_096))],
    [
      "an endless head",
      "too_large",
      (socket) => flood(socket, "HTTP/1.1 200 OK\r\n", `x-a: ${"b".repeat(1_000)}\r\n`),
    ],
    ["a reset", "connect", (socket) => void socket.resetAndDestroy()],
    ["a hang-up", "connect", (socket) => void socket.end()],
    [
      "half an answer",
      "protocol",
      (socket) => void socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi"),
    ],
    ["another protocol", "protocol", (socket) => void socket.write("SSH-2.0-OpenSSH_9.9\r\n")],
    [
      "two lengths",
      "protocol",
      (socket) =>
        void socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\nhi"),
    ],
    [
      "a change of protocol",
      "protocol",
      (socket) => void socket.write("HTTP/1.1 101 Go\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    ],
  ];
  for (const [promise, kind, answer] of hostile) {
    test(`${promise} ends as ${kind}, in time, with nothing of the answer in the error and nothing left open`, async () => {
      const server = await plainServer(answer);
      const startedAt = performance.now();
      const error = await refusalOf(egress.request({ url: server.url, timeoutMs: 250, maxBytes: 65_536 }));
      expect(error.kind).toBe(kind as EgressError["kind"]);
      expect(error.message).not.toMatch(/zzz|bbb|SSH|HTTP\/1/);
      expect(performance.now() - startedAt).toBeLessThan(5_000);
      await until(() => server.seen.open.size === 0);
    });
  }

  test("a body may be cut at the limit instead", async () => {
    const server = await plainServer((socket) => flood(socket, "HTTP/1.1 200 OK\r\n\r\n", "z".repeat(4_096)));
    const answer = await egress.request({ url: server.url, maxBytes: 10_000, cutBody: true });
    expect([answer.body.length, answer.cut]).toEqual([10_000, true]);
    await until(() => server.seen.open.size === 0);
  });

  test("or so long after the head: what has come by then is the body", async () => {
    const server = await plainServer((socket) => socket.write("HTTP/1.1 200 OK\r\n\r\nhi"));
    const answer = await egress.request({ url: server.url, cutBody: true, bodyTimeoutMs: 50 });
    expect([answer.status, Buffer.from(answer.body).toString(), answer.cut]).toEqual([200, "hi", true]);
    await until(() => server.seen.open.size === 0);
  });

  test("exactly the limit is not too much", async () => {
    const server = await plainServer((socket) => socket.write(ok("x".repeat(100))));
    expect((await egress.request({ url: server.url, maxBytes: 100 })).body).toHaveLength(100);
    expect((await refusalOf(egress.request({ url: server.url, maxBytes: 99 }))).kind).toBe("too_large");
  });

  test("a small answer cannot unpack to a large one", async () => {
    const packed = gzipSync(Buffer.alloc(1_000_000));
    const server = await plainServer((socket, head) => {
      expect(head.toLowerCase()).toContain("accept-encoding: identity");
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
      socket.write(packed);
    });
    expect((await egress.request({ url: server.url })).body).toHaveLength(packed.length);
  });

  test("can be given up", async () => {
    const server = await plainServer(() => {});
    const stop = new AbortController();
    const asked = refusalOf(egress.request({ url: server.url, signal: stop.signal }));
    await until(() => server.seen.connections === 1);
    stop.abort();
    expect((await asked).kind).toBe("aborted");
    await until(() => server.seen.open.size === 0);
    expect((await refusalOf(egress.request({ url: server.url, signal: stop.signal }))).kind).toBe("aborted");
  });

  test("a port nobody listens on is a refused connection", async () => {
    const server = createServer();
    const port = await listen(server);
    server.close();
    await until(() => !server.listening);
    const error = await refusalOf(egress.request({ url: `http://127.0.0.1:${port}/` }));
    expect([error.kind, error.message]).toEqual(["connect", "The connection was refused."]);
  });
});

describe("a connection that is kept open:", () => {
  const egress = new Egress({ allow: [LOOPBACK], reach: "lan" });
  afterAll(() => egress.close());
  const ask = (url: string, more: Partial<EgressRequest> = {}) =>
    egress.request({ url, keepAlive: true, ...more });

  test("takes the next request to the same target", async () => {
    const server = await plainServer((socket) => socket.write(ok()));
    for (let index = 0; index < 3; index++) expect((await ask(server.url)).status).toBe(200);
    expect(server.seen.connections).toBe(1);
    await egress.request({ url: server.url });
    expect(server.seen.connections).toBe(2);
  });

  test("is not used once the other side hung up", async () => {
    const server = await plainServer((socket) => socket.write(ok()));
    await ask(server.url);
    for (const socket of server.seen.open) socket.destroy();
    expect((await ask(server.url)).status).toBe(200);
    expect(server.seen.connections).toBe(2);
  });

  test("what comes unasked on it is nobody's answer", async () => {
    const server = await plainServer((socket) => socket.write(ok("a")));
    await ask(server.url);
    for (const socket of server.seen.open) socket.write(ok("forged"));
    await until(() => server.seen.open.size === 0);
    expect(new TextDecoder().decode((await ask(server.url)).body)).toBe("a");
  });

  test("a reset on it is tried again for a reading request, never for a changing one", async () => {
    let resets = true;
    const server = await plainServer((socket) => {
      if (resets && server.heads.length % 2 === 0) socket.resetAndDestroy();
      else socket.write(ok());
    });
    await ask(server.url);
    expect((await ask(server.url)).status).toBe(200);
    expect((await refusalOf(ask(server.url, { method: "POST", body: "x" }))).kind).toBe("connect");
    resets = false;
  });
});

describe("TLS:", () => {
  const authority = {
    name: "House authority",
    issued: issueCertificate({ name: "House authority", isAuthority: true }),
  };
  const good = issueCertificate({ name: "nas.lan", names: ["nas.lan", "127.0.0.1"], issuer: authority });
  const expired = issueCertificate({
    name: "nas.lan",
    notBefore: Date.now() - 60 * DAY_MS,
    notAfter: Date.now() - DAY_MS,
    issuer: authority,
  });
  const early = issueCertificate({ name: "nas.lan", notBefore: Date.now() + DAY_MS, issuer: authority });
  const selfSigned = issueCertificate({ name: "nas.lan" });
  const egress = new Egress(
    { allow: [LOOPBACK], reach: "lan" },
    { resolveName: async () => ["127.0.0.1"], authorities: [authority.issued.cert] },
  );

  async function tlsServer({ cert, key }: { cert: string; key: string }) {
    const seen = { bytes: 0, names: [] as (string | false | null)[] };
    const server = createTlsServer({ cert, key }, (socket) => {
      seen.names.push(socket.servername);
      socket.on("error", () => {});
      socket.on("data", (data) => {
        seen.bytes += data.length;
        socket.write(ok());
      });
    });
    server.on("tlsClientError", () => {});
    return { seen, port: await listen(server) };
  }

  test("a certificate of a trusted authority for the name is accepted, and described", async () => {
    const { port, seen } = await tlsServer(good);
    const answer = await egress.request({ url: `https://nas.lan:${port}/` });
    expect(answer.status).toBe(200);
    expect(answer.certificate).toMatchObject({
      subject: "nas.lan",
      issuer: "House authority",
      fingerprint256: good.fingerprint256,
      authorized: true,
    });
    expect(Math.round((answer.certificate!.notAfter - Date.now()) / DAY_MS)).toBe(30);
    expect(answer.timings.tlsMs).toBeGreaterThan(0);
    expect(seen.names).toEqual(["nas.lan"]);
    expect((await egress.request({ url: `https://127.0.0.1:${port}/` })).status).toBe(200);
  });

  const bad: [promise: string, certificate: typeof good, name: string, says: string][] = [
    ["expired", expired, "nas.lan", "The certificate has expired."],
    ["not valid yet", early, "nas.lan", "The certificate is not valid yet."],
    ["self-signed", selfSigned, "nas.lan", "The certificate is self-signed."],
    ["of another name", good, "other.lan", "The certificate is for another name."],
    ["of another address", selfSigned, "127.0.0.1", "The certificate is self-signed."],
  ];
  for (const [promise, certificate, name, says] of bad) {
    test(`one that is ${promise} is refused before anything is sent; pinned or unverified it is accepted`, async () => {
      const { port, seen } = await tlsServer(certificate);
      const url = `https://${name}:${port}/`;
      const error = await refusalOf(egress.request({ url, headers: { authorization: "secret" } }));
      expect([error.kind, error.message]).toEqual(["tls", says]);
      expect(error.certificate?.fingerprint256).toBe(certificate.fingerprint256);
      expect(seen.bytes).toBe(0);
      const pinned = certificate.fingerprint256.toUpperCase().replaceAll(/..(?!$)/g, "$&:");
      const byPin = await egress.request({ url, tls: { fingerprint256: pinned } });
      expect([byPin.status, byPin.certificate?.authorized]).toEqual([200, false]);
      expect((await egress.request({ url, tls: { verify: false } })).status).toBe(200);
    });
  }

  test("a pin accepts that certificate and no other, however well vouched for", async () => {
    const { port, seen } = await tlsServer(good);
    const error = await refusalOf(
      egress.request({
        url: `https://nas.lan:${port}/`,
        tls: { fingerprint256: selfSigned.fingerprint256, verify: false },
      }),
    );
    expect([error.kind, error.message]).toEqual(["tls", "The certificate is not the pinned one."]);
    expect(seen.bytes).toBe(0);
  });

  test("another name can be asked for", async () => {
    const { port, seen } = await tlsServer(good);
    const url = `https://10.0.0.1.example:${port}/`;
    expect((await egress.request({ url, tls: { servername: "nas.lan" } })).status).toBe(200);
    expect(seen.names).toEqual(["nas.lan"]);
  });

  test("a raw connection is judged alike and says what it speaks", async () => {
    const { port } = await tlsServer(good);
    const connection = await egress.connect({ host: "nas.lan", port, tls: true });
    expect(connection).toMatchObject({ address: "127.0.0.1", protocol: "TLSv1.3" });
    connection.socket.destroy();
    expect((await refusalOf(egress.connect({ host: "other.lan", port, tls: true }))).kind).toBe("tls");
  });

  test("a connection is kept for the way of trust it was made with", async () => {
    const { port } = await tlsServer(selfSigned);
    const url = `https://nas.lan:${port}/`;
    expect((await egress.request({ url, keepAlive: true, tls: { verify: false } })).status).toBe(200);
    expect((await refusalOf(egress.request({ url, keepAlive: true }))).kind).toBe("tls");
    egress.close();
  });

  test("a port that speaks something else, or nothing, is told apart", async () => {
    const plain = await plainServer((socket) => socket.write(ok()));
    const error = await refusalOf(egress.request({ url: `https://127.0.0.1:${plain.port}/` }));
    expect([error.kind, error.message]).toEqual(["tls", "The other side does not speak TLS on this port."]);
    const silent = await plainServer(() => {});
    const late = await refusalOf(
      egress.request({ url: `https://127.0.0.1:${silent.port}/`, timeoutMs: 150 }),
    );
    expect(late.kind).toBe("timeout");
    await until(() => silent.seen.open.size === 0);
  });
});

/** An address whose process sleeps and whose queue of connections is full: it drops whoever asks. */
async function silentPort(): Promise<{ address: string; port: number; close: () => void }> {
  const address = "127.0.0.3";
  const script = `const server = require("node:net").createServer();
    server.listen(0, "${address}", () => console.log(server.address().port));`;
  const child = Bun.spawn([process.execPath, "-e", script], { stdout: "pipe", stderr: "ignore" });
  const waiting: Socket[] = [];
  const close = () => {
    for (const socket of waiting) socket.destroy();
    child.kill("SIGKILL");
  };
  closers.push(close);
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  child.kill("SIGSTOP");
  const isConnected = (socket: Socket) => !socket.connecting;
  await until(async () => {
    for (let count = 0; count < 128; count++) {
      waiting.push(connect({ host: address, port }).on("error", () => {}));
    }
    const connected = until(() => waiting.every(isConnected), { withinMs: 100 });
    return await connected.then(
      () => false,
      () => true,
    );
  });
  return { address, port, close };
}

function drip(socket: Socket, head: string, piece: string): void {
  socket.write(head);
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(piece)), 20);
}

function flood(socket: Socket, head: string, piece: string): void {
  socket.write(head);
  const more = () => {
    while (!socket.destroyed && socket.write(piece)) {
      // until it takes no more
    }
  };
  socket.on("drain", more);
  more();
}
