/**
 * A server that is killed at any moment repeats and escalates as if it had not been: every alert that lasts is told
 * again, never sooner than it should be, and to others exactly once; all of them hear that it is over.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../db/driver.ts";
import type { NotificationMessage } from "../../server/contract/notifications.ts";
import { decisionsOf } from "../../server/notifications/decisions.ts";
import { findDelivery } from "../../server/notifications/deliveries.ts";
import { seeded } from "../support/seeded.ts";
import { until } from "../support/until.ts";

const ROUNDS = Number(process.env.PULSE_TEST_LONG ?? 0) > 0 ? 100 : 8;
const REPEAT_MS = 10 * 60_000;
const folder = mkdtempSync(join(tmpdir(), "pulse-follow-ups-"));
afterAll(() => rmSync(folder, { recursive: true }));

test(`${ROUNDS} kills: repeats keep their distance, and each alert is escalated once`, async () => {
  const random = seeded(11);
  const came: { to: string; id: string; body: string }[] = [];
  using sink = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const to = new URL(request.url).pathname.slice(1);
      came.push({ to, id: request.headers.get("x-pulse-event-id") ?? "", body: await request.text() });
      await Bun.sleep(random() * 40);
      return new Response(null, { status: 204 });
    },
  });
  const began = Date.now();
  const start = (run: string) => {
    const driver = join(import.meta.dir, "follow-up-driver.ts");
    const args = [driver, join(folder, "org.db"), `http://127.0.0.1:${sink.port}/`, run, String(began)];
    return Bun.spawn([process.execPath, ...args], { stdout: "pipe", stderr: "inherit" });
  };
  const open = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const child = start(`machine-${round}`);
    const said = new Response(child.stdout).text();
    const before = came.length;
    await until(() => came.length > before, { withinMs: 30_000 });
    await Bun.sleep(random() * 900);
    child.kill("SIGKILL");
    await child.exited;
    for (const [, id = ""] of (await said).matchAll(/^open (\S+)$/gm)) open.add(id);
  }
  expect(await start("drain").exited).toBe(0);

  const messages = new Map<string, { to: string; body: string }>();
  for (const { id, to, body } of came) {
    expect(messages.get(id)?.body ?? body).toBe(body);
    messages.set(id, { to, body });
  }
  const told = [...messages.values()].flatMap(({ to, body }) => {
    const { alerts } = JSON.parse(body) as NotificationMessage;
    return alerts.map((alert) => ({ to, ...alert }));
  });
  const db = openDatabase(join(folder, "org.db"), "readonly");
  const decided = [...open].flatMap((id) => decisionsOf(db, id));
  const cancelled = new Set(
    decided
      .flatMap(({ tellings }) => tellings.map(({ messageId = "" }) => messageId))
      .filter((id) => findDelivery(db, id)?.state === "cancelled"),
  );
  db.close();
  let repeats = 0;
  let escalated = 0;
  for (const id of open) {
    const ofIt = (to: string) => told.filter((one) => one.id === id && one.to === to);
    const again = decided.filter((one) => one.alertId === id && one.event === "repeated");
    for (const [nth, { at, tellings }] of again.entries()) {
      if (nth > 0) expect(at - (again[nth - 1]?.at ?? 0)).toBeGreaterThanOrEqual(REPEAT_MS);
      /* What was decided has arrived, unless it was over before. */
      for (const { messageId } of tellings)
        if (messageId && !cancelled.has(messageId))
          expect([messageId, messages.has(messageId)]).toEqual([messageId, true]);
    }
    repeats += again.length;
    const boss = ofIt("boss");
    const fired = boss.filter(({ event }) => event !== "resolved").length;
    expect([id, fired]).toEqual([id, Math.min(1, fired)]);
    expect([id, boss.filter(({ event }) => event === "resolved").length]).toEqual([id, fired]);
    expect([id, ofIt("phone").filter(({ event }) => event === "resolved").length]).toEqual([id, 1]);
    escalated += fired;
  }
  expect(cancelled.size).toBeLessThan(repeats / 2);
  console.log(`${open.size} alerts, ${messages.size} messages, ${repeats} repeats, ${escalated} escalated`);
  expect(open.size).toBe(ROUNDS);
  expect(repeats).toBeGreaterThan(ROUNDS / 2);
  expect(escalated).toBeGreaterThanOrEqual(ROUNDS - 2);
}, 600_000);
