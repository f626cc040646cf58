import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { Log } from "../lib/log.ts";
import { MetricRegistry } from "../lib/metrics.ts";
import { mintId } from "../lib/random-id.ts";
import { orgDir } from "../tenancy/paths.ts";
import { placeOf, Shards, type ShardsOptions } from "./shards.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-shards-"));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function newShards(options: Partial<ShardsOptions> = {}) {
  const heard: string[] = [];
  const registry = new MetricRegistry();
  const dataDir = join(folder, String(made++));
  const shards = new Shards({
    dataDir,
    count: 2,
    watchThisMachine: false,
    multiTenantAllowed: true,
    log: new Log((level, message) => heard.push(`${level}: ${message}`)),
    queueDepth: registry.gauge("queue_depth", ""),
    onDirectory: () => {},
    onEvent: (_, event, __, json) => heard.push(`event: ${event} ${json.length > 0}`),
    onHealth: () => {},
    onUnhandled: () => heard.push("unhandled"),
    onLost: (message) => heard.push(`lost: ${message}`),
    ...options,
  });
  return { shards, dataDir, heard, metrics: () => registry.render() };
}

/** Not `expect().rejects`: while Bun's waits, no message of a worker arrives. */
async function refusal(promise: Promise<unknown> | undefined): Promise<unknown> {
  try {
    return { instead: await promise };
  } catch (error) {
    return error;
  }
}

const report = {
  v: 1,
  boot: "boot-0001",
  seq: 1,
  at: Date.now(),
  intervalMs: 10_000,
  resources: [{ kind: "host", key: "m", name: "m", status: "up", attributes: {}, metrics: { load1: 1 } }],
};

test("a call reaches its org and comes back; its event comes before its answer", async () => {
  const { shards, heard } = newShards();
  await shards.start();
  const org = shards.org(DEFAULT_ORG);
  expect(shards.org(DEFAULT_ORG)).toBe(org);
  expect(await org.reports.ingest({ source: "s", report })).toEqual({ outcome: "stored" });
  expect(heard).toEqual(["event: resources true"]);
  expect((await org.resources.list({})).resources).toMatchObject([{ name: "m", metrics: { load1: 1 } }]);
  await shards.stop();
  expect(heard.filter((line) => line.startsWith("lost") || line.startsWith("unhandled"))).toEqual([]);
});

describe("a refusal", () => {
  test("comes back with its reason", async () => {
    const { shards } = newShards();
    await shards.start();
    const id = mintId("r") as never;
    expect(await refusal(shards.org(DEFAULT_ORG).resources.get({ id }))).toMatchObject({
      reason: "not_found",
    });
    await shards.stop();
  });

  test("for an org without a file makes none, and says nothing of the inside", async () => {
    const { shards, dataDir } = newShards();
    await shards.start();
    const orgs = Array.from({ length: 8 }, () => OrgId.parse(mintId("o")));
    expect(new Set(orgs.map((id) => placeOf(id, 2))).size).toBeGreaterThan(0);
    for (const orgId of orgs) {
      const refused = await refusal(shards.org(orgId).resources.list({}));
      expect(refused).toMatchObject({ reason: "org_unavailable", retryAfterMs: expect.any(Number) });
      expect(String(refused)).not.toContain(folder);
      expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
    }
    expect(readdirSync(join(dataDir, "orgs"))).toEqual(["default"]);
    await shards.stop();
  });

  test("of a verb that is not one is ours, and the shard goes on", async () => {
    const { shards } = newShards();
    await shards.start();
    const odd = shards.org(DEFAULT_ORG) as unknown as Record<string, Record<string, () => Promise<unknown>>>;
    for (const domain of ["constructor", "__proto__", "resources", "nothing"]) {
      expect(await refusal(odd[domain]?.["toString"]?.())).toMatchObject({ reason: "internal" });
    }
    expect(await shards.org(DEFAULT_ORG).health.check()).toEqual({ ok: true });
    await shards.stop();
  });
});

test("a shard that is asked for too much at once refuses the rest and answers what it took", async () => {
  const { shards, metrics } = newShards();
  await shards.start();
  const asked = Array.from({ length: 1_200 }, () => shards.org(DEFAULT_ORG).health.check());
  const outcomes = await Promise.allSettled(asked);
  const refused = outcomes.filter(({ status }) => status === "rejected");
  expect(refused).toHaveLength(200);
  for (const one of refused) expect(one).toMatchObject({ reason: { reason: "org_unavailable" } });
  expect(metrics()).toContain('queue_depth{shard="0"} 0');
  await shards.stop();
});

test("what is accepted is on disk after a stop, and calls after it are refused as such", async () => {
  const { shards, dataDir } = newShards();
  await shards.start();
  const org = shards.org(DEFAULT_ORG);
  const sent = Array.from({ length: 20 }, (_, seq) =>
    org.reports.ingest({ source: `s${seq}`, report }).then(
      ({ outcome }) => outcome,
      (error: { reason: string }) => error.reason,
    ),
  );
  await org.health.check();
  await shards.stop();
  expect(await refusal(org.health.check())).toMatchObject({ reason: "shutting_down" });
  const outcomes = await Promise.all(sent);

  const again = newShards({ dataDir });
  await again.shards.start();
  const { resources } = await again.shards.org(DEFAULT_ORG).resources.list({});
  expect(resources.length).toBeGreaterThanOrEqual(outcomes.filter((outcome) => outcome === "stored").length);
  expect(resources).toHaveLength(20);
  await again.shards.stop();
});

test("a data directory that is in use refuses the start in words for the operator", async () => {
  const first = newShards();
  await first.shards.start();
  const second = newShards({ dataDir: first.dataDir });
  expect(String(await refusal(second.shards.start()))).toContain(`another Pulse is using ${first.dataDir}`);
  expect(second.heard).toEqual([]);
  await second.shards.stop();
  await first.shards.stop();
});
