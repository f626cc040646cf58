/**
 * Who may make a machine report faster: the org's own people, for as long as they are that. What agents are answered is
 * all there is to see of it.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { Resource, ResourceList } from "../../server/contract/resource.ts";
import type { Watch } from "../../server/contract/watching.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import type { Visitor } from "../support/calls.ts";
import { type InProcess, machine } from "../support/in-process.ts";
import {
  ask,
  buildHouseInProcess,
  byToken,
  type House,
  idOf,
  join,
  must,
  newToken,
  refused,
  shareWith,
} from "./house.ts";

setDefaultTimeout(60_000);

const FAST = 1_000;
const USUAL = 10_000;
let house: House<InProcess>;
let host: Resource;
let report: () => Promise<number>;
let others: () => Promise<number>;

/** An agent that says it can report faster, and what it is told. */
async function agentOf(server: InProcess, owner: Visitor, org: Org) {
  const { token } = await must<Enrolled>(ask(owner, org, "agents.enroll", {}));
  const make = reporterOf();
  const said = { ...machine("host", 1), attributes: { agent_fastest_interval_ms: FAST } };
  return async () => {
    const { status, data, body } = await postReport(server, token, make([said]));
    if (status !== 200) throw new Error(body);
    return data.intervalMs;
  };
}

beforeAll(async () => {
  house = await buildHouseInProcess();
  const { server, alice, bob, acme, beta } = house;
  report = await agentOf(server, alice, acme);
  others = await agentOf(server, bob, beta);
  expect([await report(), await others()]).toEqual([USUAL, USUAL]);
  const { resources } = await must<ResourceList>(ask(alice, acme, "resources.list"));
  host = resources[0] as Resource;
});
afterAll(() => house.server.stop());

const look = (who: Visitor, org = house.acme) => ask<Watch>(who, org, "resources.watch", { id: host.id });
const leave = (who: Visitor, org = house.acme) => ask(who, org, "resources.unwatch", { id: host.id });

test("a viewer's look is told to that machine's agent alone", async () => {
  const { server, alice, acme } = house;
  const viewer = await join(server, { by: alice, org: acme, email: "viewer@acme.example", role: "viewer" });
  expect(await must<Watch>(look(viewer))).toEqual({
    intervalMs: FAST,
    usualMs: USUAL,
    until: expect.any(Number),
  });
  expect([await report(), await others()]).toEqual([FAST, USUAL]);
  await must(leave(viewer));
  expect(await report()).toBe(USUAL);
});

test("of another org nobody learns whether there is a machine, or makes it faster", async () => {
  const { bob, olga, acme, beta } = house;
  for (const who of [bob, olga]) {
    const denied = await refused(look(who), 403, "access_denied");
    const unknown = await refused(look(who, { ...acme, id: "onever-there" as never }), 403, "access_denied");
    expect(denied.error?.message).toBe(unknown.error?.message as string);
    await refused(leave(who), 403, "access_denied");
  }
  await refused(look(bob, beta), 404, "not_found");
  await refused(leave(bob, beta), 404, "not_found");
  expect(await report()).toBe(USUAL);
});

test("who is shown a machine of another org sees what there is, and is told so and no more", async () => {
  const { alice, bob, acme, beta } = house;
  await shareWith({ from: acme, by: alice, to: beta, resourceId: host.id, acceptedBy: bob });
  expect(await must<Watch>(look(bob, beta))).toEqual({ why: "shared" });
  expect([await report(), await others()]).toEqual([USUAL, USUAL]);
  await must(look(alice));
  expect(await must<Watch>(look(bob, beta))).toEqual({ why: "shared" });
  await must(leave(bob, beta));
  expect(await report()).toBe(FAST);
  await must(leave(alice));
});

test("a token needs the scope to write, and a token that is revoked looks no more", async () => {
  const { server, alice, acme } = house;
  const input = { id: host.id };
  const reading = await newToken(alice, acme, { scopes: ["read"] });
  await refused(byToken(server, reading, "resources.watch", { org: acme, input }), 403, "scope_missing");
  const writing = await newToken(alice, acme, { scopes: ["write"] });
  await must(byToken(server, writing, "resources.watch", { org: acme, input }));
  expect(await report()).toBe(FAST);
  await must(ask(alice, acme, "tokens.revoke", { id: writing.id }));
  expect(await report()).toBe(USUAL);
});

test("a look ends with the membership, with the session, and with the account", async () => {
  const { server, alice, olga, acme } = house;
  for (const [name, end] of [
    ["leaves", (who: Visitor) => must(ask(who, acme, "members.leave"))],
    [
      "is-removed",
      async (who: Visitor) => must(ask(alice, acme, "members.remove", { userId: await idOf(who) })),
    ],
    ["signs-out", (who: Visitor) => must(who.call("session.signOut"))],
    [
      "is-disabled",
      () => must(olga.call("system.disablePerson", { input: { email: "is-disabled@acme.example" } })),
    ],
  ] as const) {
    const email = `${name}@acme.example`;
    const who = await join(server, { by: alice, org: acme, email, role: "viewer" });
    await must(look(who));
    expect([name, await report()]).toEqual([name, FAST]);
    await end(who);
    expect([name, await report()]).toEqual([name, USUAL]);
  }
});

test("a suspended org has nobody who looks, when it is back neither", async () => {
  const { alice, olga, acme } = house;
  await must(look(alice));
  expect(await report()).toBe(FAST);
  await must(olga.call("orgs.suspend", { input: { org: acme.id } }));
  await refused(look(alice), 403, "org_suspended");
  await must(olga.call("orgs.resume", { input: { org: acme.id } }));
  expect(await report()).toBe(USUAL);
});
