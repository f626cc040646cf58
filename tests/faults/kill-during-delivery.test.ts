/**
 * A server that is killed while it sends forgets no message and sends none that the receiver cannot tell: what
 * comes twice comes under one id with one text. Nobody hears that something is over who did not hear of it.
 */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NotificationMessage } from "../../server/contract/notifications.ts";
import { seeded } from "../support/seeded.ts";
import { until } from "../support/until.ts";

const ROUNDS = Number(process.env.PULSE_TEST_LONG ?? 0) > 0 ? 100 : 25;
const folder = mkdtempSync(join(tmpdir(), "pulse-delivery-"));
afterAll(() => rmSync(folder, { recursive: true }));

test(`${ROUNDS} kills: every alert is told, and what is told twice is told under one id`, async () => {
  const random = seeded(7);
  const came: { id: string; body: string }[] = [];
  using sink = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = await request.text();
      came.push({ id: request.headers.get("x-pulse-event-id") ?? "", body });
      /* Taken, and the answer is late: whoever is killed now cannot know. */
      await Bun.sleep(random() * 40);
      return new Response(null, { status: random() < 0.1 ? 503 : 204 });
    },
  });
  const began = Date.now();
  const path = join(folder, "org.db");
  const start = (run: string) => {
    const driver = join(import.meta.dir, "delivery-driver.ts");
    const args = [process.execPath, driver, path, `http://127.0.0.1:${sink.port}/`, run, String(began)];
    return Bun.spawn(args, { stdout: "pipe", stderr: "inherit" });
  };

  const decided = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const child = start(`r${round}`);
    const said = new Response(child.stdout).text();
    const before = came.length;
    await until(() => came.length > before, { withinMs: 20_000 });
    await Bun.sleep(random() * 400);
    child.kill("SIGKILL");
    await child.exited;
    for (const [, id = ""] of (await said).matchAll(/^fired (\S+)$/gm)) decided.add(id);
  }
  const drain = start("drain");
  expect(await drain.exited).toBe(0);

  const texts = new Map<string, string>();
  const toldOf = new Set<string>();
  let repeats = 0;
  for (const { id, body } of came) {
    const known = texts.get(id);
    if (known !== undefined) {
      repeats++;
      expect(body).toBe(known);
      continue;
    }
    texts.set(id, body);
    for (const { id: alert, event } of (JSON.parse(body) as NotificationMessage).alerts) {
      if (event === "resolved") expect([alert, toldOf.has(alert)]).toEqual([alert, true]);
      else toldOf.add(alert);
    }
  }
  const counted = [...texts.values()].reduce(
    (sum, body) => sum + (JSON.parse(body) as NotificationMessage).more,
    0,
  );
  const untold = [...decided].filter((id) => !toldOf.has(id));
  console.log(
    `${decided.size} alerts, ${texts.size} messages, ${repeats} came again, ${counted} only counted, ${untold.length} over before they were told or counted`,
  );
  expect(texts.size).toBeGreaterThan(ROUNDS);
  expect(repeats).toBeGreaterThan(0);
  /* Every second one was over soon; what was not is told or counted. */
  const lasting = untold.filter((id) => Number(id.split("-")[1]) % 2 === 1);
  expect(lasting.length).toBeLessThanOrEqual(counted);
}, 240_000);
