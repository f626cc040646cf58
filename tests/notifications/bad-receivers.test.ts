/**
 * Receivers that hang, drip, never end, redirect in circles or reset harm nobody: what goes to others goes on,
 * in their own org and in every other, and what is used for it has a limit.
 */
import { afterAll, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { deliveries, list } from "../../server/notifications/manage.ts";
import { SendingRoom } from "../../server/notifications/sending-room.ts";
import { type Receiver, startReceiver } from "../support/receivers/receiver.ts";
import { WEBHOOK_SECRET, webhookService } from "../support/receivers/webhook.ts";
import { until } from "../support/until.ts";
import { MINUTE, type TestOrg, testOrg, transitionOf } from "./org.ts";

const ORGS = 4;
const OF_EACH_KIND = 2;
const HEALTHY = 3;
/** A message counts as delayed from here on. */
const WITHIN_MS = 5_000;
const SOCKETS = 16;
const MEGABYTE = 1024 * 1024;

const WAYS: Record<string, (socket: Socket) => void> = {
  hang: () => {},
  drip: (socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
    const timer = setInterval(() => socket.write("x"), 200);
    socket.once("close", () => clearInterval(timer));
  },
  endless: (socket) => {
    socket.write("HTTP/1.1 500 No\r\n\r\n");
    const more = () => void (socket.writable && socket.write("x".repeat(65_536), more));
    more();
  },
  redirect: (socket) =>
    socket.end("HTTP/1.1 302 Found\r\nlocation: /redirect\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
  reset: (socket) => void socket.resetAndDestroy(),
};

const open = new Set<Socket>();
/** Those that only we end: of the others this side hears later. */
const held = new Set<Socket>();
let most = 0;
const bad = createServer((socket) => {
  open.add(socket);
  socket.on("error", () => {}).on("close", () => open.delete(socket) && held.delete(socket));
  socket.once("data", (head) => {
    const [, way = ""] = /^POST \/(\w+)/.exec(head.toString("latin1")) ?? [];
    if (way === "hang" || way === "drip") held.add(socket);
    most = Math.max(most, held.size);
    WAYS[way]?.(socket);
  });
});
bad.listen(0, "127.0.0.1");
await until(() => bad.listening);
const { port } = bad.address() as { port: number };

const room = new SendingRoom();
const houses: { own: TestOrg; healthy: Receiver[] }[] = Array.from({ length: ORGS }, () => {
  const own = testOrg({ room });
  for (const way of Object.keys(WAYS))
    for (let nth = 0; nth < OF_EACH_KIND; nth++)
      own.addChannel("webhook", { url: `http://127.0.0.1:${port}/${way}/${nth}` }, `${way} ${nth}`);
  const healthy = Array.from({ length: HEALTHY }, () => {
    const receiver = startReceiver(webhookService(() => own.time.now));
    own.addChannel("webhook", { url: `${receiver.url}/hook`, secret: WEBHOOK_SECRET }, "healthy");
    return receiver;
  });
  return { own, healthy };
});
afterAll(async () => {
  for (const { own, healthy } of houses) {
    own.stop();
    for (const receiver of healthy) await receiver.stop();
  }
  for (const socket of open) socket.destroy();
  bad.close();
});

/** Has every org tell something; in how many milliseconds the last healthy receiver has heard of it. */
async function tell(nth: number): Promise<number> {
  for (const { own } of houses) {
    own.org.deliveries.enqueue([transitionOf(`machine-${nth}`)]);
    own.time.now += MINUTE;
  }
  const startedAt = performance.now();
  for (const { own } of houses) own.org.deliveries.look();
  const receivers = houses.flatMap(({ healthy }) => healthy);
  await until(() => receivers.every(({ taken }) => taken.length === nth), { withinMs: 60_000 });
  return performance.now() - startedAt;
}

test("receivers that answer hear at once, whatever the others do, from the second message on", async () => {
  const before = process.memoryUsage().rss;
  const first = await tell(1);
  await Promise.all(houses.map(({ own }) => own.org.deliveries.settled()));
  const second = await tell(2);
  const third = await tell(3);
  const grown = (process.memoryUsage().rss - before) / MEGABYTE;
  console.log(
    `${ORGS * Object.keys(WAYS).length * OF_EACH_KIND} bad and ${ORGS * HEALTHY} good receivers: the last good one heard after ${[first, second, third].map(Math.round)} ms; ${most} sockets held at most, ${Math.round(grown)} MB`,
  );
  expect(Math.max(second, third)).toBeLessThan(WITHIN_MS);
  expect(first).toBeLessThan(30_000);
  expect(most).toBeLessThanOrEqual(SOCKETS);
  expect(grown).toBeLessThan(50);
  for (const { own, healthy } of houses) {
    for (const receiver of healthy) expect(receiver.refused).toEqual([]);
    const failing = list(own.org).channels.filter(({ name }) => name !== "healthy");
    expect(failing.every(({ problem }) => problem !== undefined)).toBe(true);
    const states = deliveries(own.org, { input: { state: "sent" } }).deliveries;
    expect(states.length).toBe(HEALTHY * 3);
  }
}, 120_000);
