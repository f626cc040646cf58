import { afterAll, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { until } from "../../../tests/support/until.ts";
import { TcpCheck } from "../../contract/sources/checks.ts";
import { Egress } from "../../lib/egress.ts";
import { checkTcp } from "./tcp.ts";

const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "lan" });
const servers: Server[] = [];
const open = new Set<Socket>();
afterAll(() => {
  for (const server of servers) server.close();
});

async function serve(talk: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    talk(socket);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await until(() => server.listening);
  return (server.address() as { port: number }).port;
}

const check = (config: Record<string, unknown>) =>
  checkTcp(TcpCheck.parse({ host: "127.0.0.1", timeoutMs: 500, ...config }), { egress, now: Date.now });

test("an open port is up, and the connection is closed again", async () => {
  const port = await serve(() => {});
  const result = await check({ port });
  expect(result).toMatchObject({ status: "up", attributes: { address: "127.0.0.1" } });
  expect(Object.keys(result.metrics).sort()).toEqual(["connect_seconds", "latency_seconds"]);
  await until(() => open.size === 0);
});

test("a closed port is down", async () => {
  const port = await serve(() => {});
  const server = servers.at(-1)!;
  server.close();
  await until(() => !server.listening);
  expect(await check({ port })).toMatchObject({ status: "down", problem: "The connection was refused." });
});

test("a banner is waited for, also in pieces", async () => {
  const port = await serve((socket) => {
    socket.write("SSH-2.0-Op");
    setTimeout(() => socket.write("enSSH_9.9\r\n"), 20);
  });
  const result = await check({ port, expect: "OpenSSH" });
  expect(result.status).toBe("up");
  expect(result.metrics["first_byte_seconds"]).toBeGreaterThan(0.01);
});

test("what is sent is answered", async () => {
  const port = await serve((socket) => socket.on("data", (data) => socket.write(`you said ${data}`)));
  expect((await check({ port, send: "PING", expect: "you said PING" })).status).toBe("up");
});

test("a wrong banner, none, a hang-up and an endless one are down, and none of it is told", async () => {
  const cases: [talk: (socket: Socket) => void, problem: string][] = [
    [(socket) => socket.end("HTTP/1.1 400\r\n"), 'What it says does not contain "SSH".'],
    [() => {}, 'It did not say "SSH" in 0.5 s.'],
    [(socket) => socket.end(), "It hung up without a word."],
    [(socket) => socket.write("z".repeat(5_000)), 'What it says does not contain "SSH".'],
  ];
  for (const [talk, problem] of cases) {
    const port = await serve(talk);
    expect(await check({ port, expect: "SSH" })).toMatchObject({ status: "down", problem });
    await until(() => open.size === 0);
  }
});

test("where nothing may be reached it is unknown", async () => {
  expect((await check({ host: "169.254.169.254", port: 80 })).status).toBe("unknown");
});
