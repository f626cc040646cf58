/** Alerts between orgs: whose they are, who of another org sees which, and that nobody of another org changes any. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type {
  Alert,
  AlertList,
  Explanation,
  IncidentList,
  Silence,
  SilenceList,
} from "../../server/contract/alerts.ts";
import type { ResourceId } from "../../server/contract/ids.ts";
import type { LiveEvent } from "../../server/contract/live.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import { mintId } from "../../server/lib/random-id.ts";
import type { Visitor } from "../support/calls.ts";
import { openRawStream } from "../support/live.ts";
import { until } from "../support/until.ts";
import {
  ask,
  bringIn,
  buildHouseInProcess,
  join,
  must,
  newOrgFor,
  orgHeader,
  PATIENCE,
  refused,
  shareWith,
} from "./house.ts";

setDefaultTimeout(60_000);

const house = await buildHouseInProcess();
const { server, olga } = house;
afterAll(() => server.stop());

const CANARY = "canary-7c20";
let scenes = 0;

const disk = (name: string, parent: string, isFailing: boolean): ReportedResource => ({
  kind: "disk",
  key: `${parent}/${name}`,
  parent,
  name,
  status: isFailing ? "degraded" : "up",
  attributes: {},
  metrics: {},
});
const host = (name: string): ReportedResource => ({
  kind: "host",
  key: name,
  name,
  status: "up",
  attributes: {},
  metrics: {},
});
/** A machine that may be shared and one that never is, each with a disk that fails or does not. */
const picture = (isFailing: boolean): ReportedResource[] => [
  host("shown"),
  disk("sda", "shown", isFailing),
  host(`secret-${CANARY}`),
  disk(`sdb-${CANARY}`, `secret-${CANARY}`, isFailing),
];

interface Scene {
  source: Org;
  target: Org;
  alice: Visitor;
  bob: Visitor;
  viewer: Visitor;
  id(name: string): Promise<ResourceId>;
  alerts(who: Visitor, org: Org): Promise<Alert[]>;
}

async function newScene(): Promise<Scene> {
  scenes++;
  const person = async (name: string) => {
    const { org } = await must<{ org: Org }>(
      olga.call("orgs.create", { input: { slug: `room-${name}-${scenes}`, name: "Room" } }),
    );
    return join(server, { by: olga, org, email: `${name}${scenes}@alerts.example`, role: "viewer" });
  };
  const [alice, bob, viewer] = [await person("alice"), await person("bob"), await person("viewer")];
  const source = await newOrgFor(alice, olga, `from-${scenes}`);
  const target = await newOrgFor(bob, olga, `to-${scenes}`);
  await bringIn(bob, target, viewer, "viewer");
  await server.ingest(picture(true), source.id, { boot: `the-start-${scenes}` });
  const alerts = async (who: Visitor, org: Org) =>
    (await must<AlertList>(ask(who, org, "alerts.active"))).alerts;
  const id = async (name: string) => {
    const { resources } = await must<ResourceList>(ask(alice, source, "resources.list"));
    return resources.find((one) => one.name === name)?.id as ResourceId;
  };
  await until(async () => (await alerts(alice, source)).length === 2, PATIENCE);
  return { source, target, alice, bob, viewer, id, alerts };
}

const alertsIn = (events: readonly LiveEvent[]) =>
  events.flatMap((event) =>
    event.type.startsWith("alert.") ? [event as LiveEvent & { type: "alert.fired" }] : [],
  );

describe("S02 an accepted share shows the alerts of what it shows", () => {
  test("listed, in the snapshot and live, marked, and without what the source's people said; nothing else of the source", async () => {
    const { source, target, alice, bob, viewer, id, alerts } = await newScene();
    const shown = await id("shown");
    const own = (await alerts(alice, source)).find(({ subject }) => subject.name === "shown") as Alert;
    await must(ask(alice, source, "alerts.acknowledge", { id: own.id, note: `note ${CANARY}` }));
    expect(await alerts(viewer, target)).toEqual([]);
    await shareWith({
      from: source,
      by: alice,
      to: target,
      resourceId: shown,
      role: "viewer",
      acceptedBy: bob,
    });

    const [seen, ...others] = await alerts(viewer, target);
    expect(others).toEqual([]);
    expect(seen).toMatchObject({
      id: own.id,
      level: "warning",
      subject: { name: "shown" },
      words: "sda is degraded",
      sharedFrom: { role: "viewer", org: { slug: source.slug } },
    });
    expect(seen?.acknowledged).toEqual({ at: expect.any(Number) });

    using stream = await openRawStream(server, { cookie: viewer.cookie, headers: orgHeader(target) });
    expect(stream.events[0]).toMatchObject({ type: "snapshot", data: { alerts: [{ id: own.id }] } });
    await server.ingest(picture(false), source.id, { boot: `the-start-${scenes}` });
    await until(
      () => alertsIn(stream.events).some(({ type }) => (type as string) === "alert.resolved"),
      PATIENCE,
    );
    await server.ingest(picture(true), source.id, { boot: `the-start-${scenes}` });
    await until(() => alertsIn(stream.events).some(({ type }) => type === "alert.fired"), PATIENCE);
    const told = alertsIn(stream.events);
    expect(told.map(({ data }) => data.alert.sharedFrom?.org.slug)).toEqual([source.slug, source.slug]);
    const fresh = told[1]?.data.alert as Alert;
    await must(ask(alice, source, "alerts.note", { id: fresh.id, note: CANARY }));
    await must(ask(alice, source, "alerts.acknowledge", { id: fresh.id, note: CANARY }));
    await until(() => alertsIn(stream.events).length === 3, PATIENCE);
    const everything = JSON.stringify(stream.events) + JSON.stringify(await alerts(viewer, target));
    expect(everything).not.toContain(CANARY);
    expect(everything).not.toMatch(/alice\d/);
    expect(stream.events.map(({ type }) => type as string)).not.toContain("incident.updated");
    expect(JSON.stringify(await alerts(alice, source))).toContain(CANARY);
  });

  test("of a part that is shared alone, nothing of what it is a part of", async () => {
    const { source, target, alice, bob, viewer, id, alerts } = await newScene();
    const part = await id(`sdb-${CANARY}`);
    await shareWith({
      from: source,
      by: alice,
      to: target,
      resourceId: part,
      role: "viewer",
      acceptedBy: bob,
    });
    const [seen] = await alerts(viewer, target);
    expect(seen?.subject).toMatchObject({ id: part, kind: "disk" });
    expect(JSON.stringify(seen)).not.toContain(`secret-${CANARY}`);
  });
});

test("S03 whoever sees another org's alert through a share changes nothing about it, whatever the share's role", async () => {
  const { source, target, alice, bob, id, alerts } = await newScene();
  await shareWith({
    from: source,
    by: alice,
    to: target,
    resourceId: await id("shown"),
    role: "admin",
    acceptedBy: bob,
  });
  const [seen] = await alerts(bob, target);
  const before = await alerts(alice, source);
  const named = { id: seen?.id };
  for (const [path, input] of [
    ["alerts.get", named],
    ["alerts.acknowledge", named],
    ["alerts.unacknowledge", named],
    ["alerts.snooze", { ...named, until: Date.now() + 60_000 }],
    ["alerts.note", { ...named, note: "x" }],
    ["alerts.close", named],
    ["alerts.explain", { resourceId: await id("shown") }],
  ] as const)
    await refused(ask(bob, target, path, input), 404, "not_found");
  for (const path of ["alerts.rules", "alerts.silences", "alerts.incidents"])
    await refused(ask(bob, source, path), 403, "access_denied");
  expect(await alerts(alice, source)).toEqual(before);
});

test("I03 ids of another org's alerts, silences and machines are answered like ids that never were", async () => {
  const { source, target, alice, bob, id } = await newScene();
  const [theirs] = (await must<AlertList>(ask(alice, source, "alerts.active"))).alerts;
  const silence = {
    name: CANARY,
    scope: { rules: ["swap"] },
    when: { type: "once", from: 0, to: Date.now() + 60_000 },
  };
  const made = await must<{ silence: Silence }>(ask(alice, source, "alerts.createSilence", silence));
  const machine = await id("shown");
  const answer = async (path: string, input: object) => {
    const { status, body } = await ask(bob, target, path, input);
    return [status, body.replaceAll(/"requestId":"[^"]+"/g, "")];
  };
  for (const [path, input, kind] of [
    ["alerts.get", (one: string) => ({ id: one }), "l"],
    ["alerts.close", (one: string) => ({ id: one }), "l"],
    ["alerts.incidents", (one: string) => ({ cursor: one }), "l"],
    ["alerts.removeSilence", (one: string) => ({ id: one }), "q"],
    ["alerts.explain", (one: string) => ({ resourceId: one }), "r"],
    ["alerts.createSilence", (one: string) => ({ ...silence, scope: { resourceIds: [one] } }), "r"],
  ] as const) {
    const foreign = { l: theirs?.id, q: made.silence.id, r: machine }[kind] ?? "";
    const given = await answer(path, input(foreign));
    expect([path, given]).toEqual([path, await answer(path, input(mintId(kind)))]);
    expect([path, given[0]]).toEqual([path, 404]);
  }
  /* What another org's rules say about a machine of the same name says nothing here. */
  const off = { revision: 0, settings: { rules: { disk: { off: true } }, overrides: [], own: [] } };
  await must(ask(bob, target, "alerts.setRules", off));
  const { rules } = await must<Explanation>(
    ask(alice, source, "alerts.explain", { resourceId: theirs?.resource.id }),
  );
  expect(rules.find(({ name }) => name === "disk")).toMatchObject({ state: "open", off: false });
  expect((await must<SilenceList>(ask(bob, target, "alerts.silences"))).silences).toEqual([]);
  expect((await must<IncidentList>(ask(bob, target, "alerts.incidents"))).incidents).toEqual([]);
});
