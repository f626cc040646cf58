/** Alerts between orgs: whose they are, who of another org sees which, and who may say that they take care. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type {
  Alert,
  AlertList,
  Explanation,
  Incident,
  IncidentList,
  Silence,
  SilenceList,
} from "../../server/contract/alerts.ts";
import type { AuditList } from "../../server/contract/audit.ts";
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

const DEEDS = (id: Alert["id"] | undefined) =>
  [
    ["alerts.get", { id }],
    ["alerts.snooze", { id, until: Date.now() + 60_000 }],
    ["alerts.note", { id, note: "x" }],
    ["alerts.close", { id }],
    ["notifications.diagnose", { alertId: id }],
  ] as const;

describe("S03 a viewer share allows no write at all, an editor share allows acknowledging its alerts, and nothing else", () => {
  const shared = async (role: "viewer" | "editor" | "admin") => {
    const scene = await newScene();
    const { source, target, alice, bob, id, alerts } = scene;
    const resourceId = await id("shown");
    await shareWith({ from: source, by: alice, to: target, resourceId, role, acceptedBy: bob });
    const [seen] = await alerts(bob, target);
    if (!seen) throw new Error("nothing is seen");
    return { ...scene, seen, resourceId };
  };

  test("through a viewer share nobody changes anything, not even the target's owner", async () => {
    const { source, target, alice, bob, seen, resourceId, alerts } = await shared("viewer");
    const before = await alerts(alice, source);
    for (const [path, input] of [
      ["alerts.acknowledge", { id: seen.id }],
      ["alerts.unacknowledge", { id: seen.id }],
      ["alerts.explain", { resourceId }],
      ...DEEDS(seen.id),
    ] as const)
      await refused(ask(bob, target, path, input), 404, "not_found");
    for (const path of ["alerts.rules", "alerts.silences", "alerts.incidents"])
      await refused(ask(bob, source, path), 403, "access_denied");
    expect(await alerts(alice, source)).toEqual(before);
  });

  test("through an editor share its editors do, the source reads who it was, and the other alerts stay out of reach", async () => {
    const { source, target, alice, bob, viewer, seen, resourceId, alerts } = await shared("editor");
    const email = `editor${scenes}@alerts.example`;
    const editor = await join(server, { by: bob, org: target, email, role: "editor" });
    const others = (await alerts(alice, source)).filter(({ id }) => id !== seen.id);
    expect(others.length).toBe(1);
    using stream = await openRawStream(server, { cookie: editor.cookie, headers: orgHeader(target) });

    await refused(ask(viewer, target, "alerts.acknowledge", { id: seen.id }), 403, "role_required");
    await refused(ask(editor, target, "alerts.acknowledge", { id: others[0]?.id }), 404, "not_found");
    await refused(ask(editor, source, "alerts.acknowledge", { id: seen.id }), 403, "access_denied");
    const note = "I look at it";
    const { alert } = await must<{ alert: Alert }>(
      ask(editor, target, "alerts.acknowledge", { id: seen.id, note }),
    );
    expect(alert).toEqual({
      ...seen,
      acknowledged: { at: expect.any(Number) },
      changedAt: expect.any(Number),
    });
    await until(() => alertsIn(stream.events).some(({ data }) => data.alert.acknowledged), PATIENCE);

    const { incident } = await must<{ incident: Incident }>(
      ask(alice, source, "alerts.get", { id: seen.id }),
    );
    const by = { kind: "person", name: expect.stringMatching(/^editor\S* of /) };
    expect(incident.alert.acknowledged).toMatchObject({ note, by });
    expect(incident.timeline.at(-1)).toMatchObject({ type: "acknowledged", note, by });
    await must(ask(editor, target, "alerts.unacknowledge", { id: seen.id }));
    const mine = (await alerts(alice, source)).find(({ id }) => id === seen.id);
    expect(mine?.acknowledged).toBeUndefined();
    const audit = await must<AuditList>(ask(alice, source, "audit.list", { action: "alert." }));
    const details = { org: target.slug, rule: seen.rule };
    expect(audit.entries).toMatchObject([
      { action: "alert.unacknowledged", subject: seen.id, details },
      { action: "alert.acknowledged", subject: seen.id, details, actor: { kind: "person" } },
    ]);
    const theirs = await must<AuditList>(ask(bob, target, "audit.list", { action: "alert." }));
    expect(theirs.entries).toEqual([]);

    for (const [path, input] of [...DEEDS(seen.id), ["alerts.explain", { resourceId }]] as const)
      await refused(ask(editor, target, path, input), 404, "not_found");
  });

  test("what was withdrawn, or is over, cannot be acknowledged any more", async () => {
    const { source, target, alice, bob, seen } = await shared("admin");
    await server.ingest(picture(false), source.id, { boot: `the-start-${scenes}` });
    const isOver = async () => (await ask(bob, target, "alerts.acknowledge", { id: seen.id })).status === 404;
    await until(isOver, PATIENCE);
    await server.ingest(picture(true), source.id, { boot: `the-start-${scenes}` });
    const again = async () =>
      (await must<AlertList>(ask(bob, target, "alerts.active"))).alerts.find(({ id }) => id !== seen.id);
    const { id } = await until(again, PATIENCE);
    await must(ask(bob, target, "alerts.acknowledge", { id }));
    const { shares } = await must<{ shares: { id: string }[] }>(ask(alice, source, "shares.list"));
    await must(ask(alice, source, "shares.remove", { id: shares[0]?.id }));
    await refused(ask(bob, target, "alerts.unacknowledge", { id }), 404, "not_found");
  });
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
    ["alerts.updateSilence", (one: string) => ({ ...silence, id: one }), "q"],
    ["alerts.removeSilence", (one: string) => ({ id: one }), "q"],
    ["alerts.explain", (one: string) => ({ resourceId: one }), "r"],
    ["alerts.createSilence", (one: string) => ({ ...silence, scope: { resourceIds: [one] } }), "r"],
    ["notifications.diagnose", (one: string) => ({ alertId: one }), "l"],
    ["notifications.diagnose", (one: string) => ({ resourceId: one, rule: "disk", level: "warning" }), "r"],
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
