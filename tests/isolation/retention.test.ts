/** What an org keeps is its own: said by its admins, held in its file, estimated from its file. */
import { afterAll, expect, test } from "bun:test";
import type { AuditList } from "../../server/contract/audit.ts";
import type { HistoryRetention } from "../../server/contract/history.ts";
import { startWorld } from "./world.ts";

const world = await startWorld();
afterAll(() => world.stop());

const ofAcme = async () => (await world.call<HistoryRetention>("viewer", "history.retention")).data;
const ofBeta = async () =>
  (await world.call<HistoryRetention>("foreignOwner", "history.retention", { org: "beta" })).data;

test("what one org sets holds for it alone, and no other is told", async () => {
  const standard = await ofBeta();
  expect(standard.keepDays.samples).toBe(standard.standardDays.samples);
  const input = { keepDays: { samples: 37 }, maxBytes: 123_456_789 };
  expect((await world.call("admin", "history.setRetention", { input })).status).toBe(200);
  expect(await ofAcme()).toMatchObject({ keepDays: { samples: 37 }, maxBytes: 123_456_789 });
  const { keepDays, maxBytes, limitBytes } = standard;
  expect(await ofBeta()).toMatchObject({ keepDays, maxBytes, limitBytes });
  const told = await world.call<AuditList>("foreignOwner", "audit.list", { org: "beta" });
  expect(told.body).not.toContain("retention_set");
  expect(told.body).not.toContain("123456789");
  const own = await world.call<AuditList>("admin", "audit.list");
  expect(own.data.entries[0]).toMatchObject({
    action: "history.retention_set",
    details: { to: { samplesDays: 37, maxBytes: 123_456_789 } },
  });
});

test("what an operator allows one org is no other's limit", async () => {
  const { id } = world.orgs.beta;
  const input = { org: id, limits: { storedMegabytes: 100 } };
  expect((await world.call("operator", "orgs.setLimits", { carrier: "none", input })).status).toBe(200);
  const [acme, beta] = [await ofAcme(), await ofBeta()];
  expect(beta.limitBytes).toBe(Math.floor(100 * 1024 * 1024 * 0.9));
  expect(acme.limitBytes).toBe(123_456_789);
  const more = { maxBytes: 200 * 1024 * 1024 };
  const refused = await world.call("foreignOwner", "history.setRetention", { org: "beta", input: more });
  expect([refused.status, refused.error?.fields?.["maxBytes"]]).toEqual([400, expect.any(String)]);
  expect((await world.call("admin", "history.setRetention", { input: more })).status).toBe(200);
});
