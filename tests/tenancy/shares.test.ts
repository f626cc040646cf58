/** S: what one org shows to another. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { HistoryRange, HistoryTop } from "../../server/contract/history.ts";
import type { LiveEvent } from "../../server/contract/live.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { Resource, ResourceList } from "../../server/contract/resource.ts";
import type { Share } from "../../server/contract/shares.ts";
import { orgVerbs } from "../../server/runtime/org-verbs.ts";
import type { Visitor } from "../support/calls.ts";
import { openRawStream, type RawStream } from "../support/live.ts";
import { until } from "../support/until.ts";
import {
  ask,
  bringIn,
  buildHouseInProcess,
  byToken,
  join,
  marked,
  must,
  newOrgFor,
  newToken,
  offer,
  orgHeader,
  PATIENCE,
  type Role,
  refused,
  reported,
  said,
  shareWith,
} from "./house.ts";

setDefaultTimeout(60_000);

const house = await buildHouseInProcess();
const { server, olga } = house;
afterAll(() => server.stop());

/** Where people come in; nothing is ever shared with it. */
const { org: waitingRoom } = await must<{ org: Org }>(
  olga.call("orgs.create", { input: { slug: "waiting-room", name: "Waiting room" } }),
);

/** In everything of the source that nobody shared. */
const CANARY = "canary-4be1";

interface Scene {
  source: Org;
  target: Org;
  /** Owners. */
  alice: Visitor;
  bob: Visitor;
  /** In the target, with each role. */
  targets: Record<Role, Visitor>;
  /** A machine that may be shared, a part of it, and one that never is. */
  host: Resource;
  part: Resource;
  secret: Resource;
}

interface Cast {
  alice: Visitor;
  bob: Visitor;
  targets: Record<Role, Visitor>;
}

/** Nobody is in two of them: what one may see says nothing about the others. */
const casts = await Promise.all([0, 1].map(newCast));

async function newCast(number: number): Promise<Cast> {
  const person = (name: string) =>
    join(server, { by: olga, org: waitingRoom, email: `${name}${number}@x.example`, role: "viewer" });
  return {
    alice: await person("alice"),
    bob: await person("bob"),
    targets: { viewer: await person("viewer"), editor: await person("editor"), admin: await person("admin") },
  };
}

let scenes = 0;
/** Two orgs of its own for each test; the source watches two machines, one with a part. */
async function newScene(cast = casts[0] as Cast): Promise<Scene> {
  scenes++;
  const { alice, bob, targets } = cast;
  const source = await newOrgFor(alice, olga, `source-${scenes}`);
  const target = await newOrgFor(bob, olga, `target-${scenes}`);
  for (const [role, who] of Object.entries(targets)) await bringIn(bob, target, who, role as Role);
  const resources = await reported(house, alice, source, pictureOf(1));
  const named = (name: string) => resources.find((one) => one.name === name) as Resource;
  return {
    source,
    target,
    alice,
    bob,
    targets,
    host: named("shown"),
    part: named("shown-disk"),
    secret: named(`secret-${CANARY}`),
  };
}

function pictureOf(cpu: number): ReportedResource[] {
  return [
    marked("shown", "open", cpu),
    { ...marked("shown-disk", "open", cpu), kind: "disk", parent: "shown" },
    marked(`secret-${CANARY}`, CANARY, 1_000 + cpu),
  ];
}

const idsSeen = async (who: Visitor, org: Org) =>
  (await must<ResourceList>(ask(who, org, "resources.list"))).resources.map(({ id }) => id);
const stream = (who: Visitor, org: Org) =>
  openRawStream(server, { cookie: who.cookie, headers: orgHeader(org) });
const ended = (opened: RawStream, what: string) =>
  until(() => opened.closedAt !== undefined, { ...PATIENCE, what: `the end of the stream of ${what}` });
const changedIn = (events: readonly LiveEvent[]) =>
  events.flatMap((event) => (event.type === "resources" ? event.data.changed : []));
const pendingOf = async (who: Visitor, org: Org) =>
  (await must<{ shares: Share[] }>(ask(who, org, "shares.incoming"))).shares;

test("S01 made by an admin of the source: pending; hidden from viewers and editors of the target, seen by admins", async () => {
  const { source, target, alice, bob, targets, host } = await newScene();
  const admin = await join(server, {
    by: alice,
    org: source,
    email: `admin${scenes}@s.example`,
    role: "admin",
  });
  const share = await offer({ from: source, by: admin, to: target, resourceId: host.id });
  expect(share).toMatchObject({
    state: "pending",
    role: "viewer",
    org: { slug: target.slug },
    resource: { id: host.id },
  });
  for (const who of [targets.viewer, targets.editor]) expect(await pendingOf(who, target)).toEqual([]);
  for (const who of [targets.admin, bob])
    expect(await pendingOf(who, target)).toMatchObject([
      { id: share.id, state: "pending", org: { slug: source.slug } },
    ]);
  /* Offered is not shown, to nobody. */
  for (const who of [bob, ...Object.values(targets)]) {
    expect(await idsSeen(who, target)).toEqual([]);
    await refused(ask(who, target, "resources.get", { id: host.id }), 404, "not_found");
  }
  for (const who of [targets.viewer, targets.editor]) {
    await refused(ask(who, target, "shares.accept", { id: share.id }), 403, "role_required");
    await refused(ask(who, target, "shares.decline", { id: share.id }), 403, "role_required");
  }
  const editor = await join(server, {
    by: alice,
    org: source,
    email: `editor${scenes}@s.example`,
    role: "editor",
  });
  const input = { targetOrg: target.slug, resourceId: host.id, role: "viewer" };
  await refused(ask(editor, source, "shares.create", input), 403, "role_required");
  await must(ask(targets.admin, target, "shares.accept", { id: share.id }));
});

describe("S02 an accepted share", () => {
  test("is seen by members from its role up: resource, parts, history, live, marked; and nothing else of the source", async () => {
    const { source, target, alice, bob, targets, host, part, secret } = await newScene();
    await shareWith({
      from: source,
      by: alice,
      to: target,
      resourceId: host.id,
      role: "editor",
      acceptedBy: bob,
    });
    expect(await idsSeen(targets.viewer, target)).toEqual([]);
    await refused(ask(targets.viewer, target, "resources.get", { id: host.id }), 404, "not_found");
    const range = (id: string) => ({
      resourceId: id,
      metrics: ["cpu_percent"],
      from: Date.now() - 60_000,
      to: Date.now() + 60_000,
    });
    await refused(ask(targets.viewer, target, "history.range", range(host.id)), 404, "not_found");
    const ranking = (input: object = {}) => ({
      metric: "cpu_percent",
      from: Date.now() - 60_000,
      to: Date.now() + 60_000,
      maxPoints: 10,
      ...input,
    });
    const none = { found: 0, considered: 0, measured: 0, ranking: [], series: [] };
    expect((await ask(targets.viewer, target, "history.top", ranking())).data).toMatchObject(none);

    const sees: Visitor[] = [targets.editor, targets.admin, bob];
    const token = await newToken(targets.admin, target, { scopes: ["read"] });
    using open = await stream(targets.editor, target);
    using closed = await stream(targets.viewer, target);
    let everything = "";
    for (const who of sees) {
      const list = await ask<ResourceList>(who, target, "resources.list");
      const [first] = list.data.resources.filter(({ id }) => id === host.id);
      expect(first).toMatchObject({
        name: "shown",
        sources: [],
        sharedFrom: { role: "editor", org: { slug: source.slug } },
      });
      expect(list.data.resources.map(({ id }) => id).sort()).toEqual([host.id, part.id].sort());
      const history = await ask<HistoryRange>(who, target, "history.range", range(host.id));
      expect(history.data.series[0]?.avg.filter((value) => value !== null)).toEqual([1]);
      const latest = await ask(who, target, "history.latest", { resourceId: part.id });
      expect(latest.data).toMatchObject({ metrics: { cpu_percent: 1 } });
      const top = await ask<HistoryTop>(who, target, "history.top", ranking());
      expect(top.data).toMatchObject({ found: 2, considered: 2, measured: 2 });
      expect(top.data.ranking.map(({ resourceId }) => resourceId).sort()).toEqual([host.id, part.id].sort());
      const within = await ask<HistoryTop>(who, target, "history.top", ranking({ within: host.id }));
      expect(within.data.ranking.map(({ resourceId }) => resourceId)).toEqual([part.id]);
      const named = await ask<HistoryTop>(
        who,
        target,
        "history.top",
        ranking({ resources: [secret.id, part.id] }),
      );
      expect(named.data).toMatchObject({ found: 1, ranking: [{ resourceId: part.id, avg: 1, max: 1 }] });
      everything +=
        list.body +
        history.body +
        top.body +
        within.body +
        named.body +
        latest.body +
        (await ask(who, target, "resources.get", { id: host.id })).body;
      for (const [path, input] of [
        ["resources.get", { id: secret.id }],
        ["history.latest", { resourceId: secret.id }],
        ["history.range", range(secret.id)],
        ["history.top", ranking({ within: secret.id })],
      ] as const)
        await refused(ask(who, target, path, input), 404, "not_found");
    }
    everything += (await byToken(server, token, "resources.list")).body;

    await server.ingest(pictureOf(2), source.id);
    await until(
      () => changedIn(open.events).some(({ id, metrics }) => id === host.id && metrics?.cpu_percent === 2),
      PATIENCE,
    );
    everything += JSON.stringify(open.events);
    /* The search is not blind: the source's own members find what is looked for. */
    expect(JSON.stringify(await must(ask(alice, source, "resources.list")))).toContain(CANARY);
    expect(everything).not.toContain(CANARY);
    expect(everything).not.toContain(secret.id);
    expect(everything).not.toContain(source.id);
    expect(everything).not.toMatch(/alice\d|1001|1002/);
    expect(JSON.stringify(closed.events)).not.toContain(host.id);
  });

  test("and everything else that can be asked in the target knows nothing of the source", async () => {
    const { source, target, alice, bob, host } = await newScene();
    await shareWith({
      from: source,
      by: alice,
      to: target,
      resourceId: host.id,
      role: "viewer",
      acceptedBy: bob,
    });
    await newToken(alice, source);
    for (const path of [
      "members.list",
      "members.invitations",
      "tokens.list",
      "orgs.get",
      "orgs.plan",
      "audit.list",
      "shares.list",
      "shares.incoming",
    ]) {
      const { status, body } = await ask(bob, target, path);
      expect([path, status]).toEqual([path, 200]);
      expect([path, body.includes(CANARY), body.includes(source.id), /alice\d/.test(body)]).toEqual([
        path,
        false,
        false,
        false,
      ]);
    }
  });
});

test("S03 a share lets nobody write into the source, whatever its role: rules, channels, tokens and the resource stay the source's", async () => {
  const { source, target, alice, bob, targets, host } = await newScene();
  for (const role of ["viewer", "editor", "admin"] as const) {
    await shareWith({ from: source, by: alice, to: target, resourceId: host.id, role, acceptedBy: bob });
    for (const who of [bob, targets.admin, targets.editor, targets.viewer])
      for (const path of [
        "tokens.create",
        "tokens.list",
        "members.list",
        "shares.create",
        "audit.list",
        "orgs.update",
        "resources.list",
      ])
        expect([role, path, ...said(await ask(who, source, path, {}))]).toEqual([
          role,
          path,
          403,
          "access_denied",
        ]);
  }
  /* All that writes has no door but the first and the last: new verbs behind it have to be written down here. */
  expect(Object.keys(orgVerbs.door).sort()).toEqual([
    "acknowledge",
    "alerts",
    "exportPage",
    "exportPlan",
    "get",
    "historyLatest",
    "historyRange",
    "historyTop",
    "list",
    "listSeries",
    "select",
    "unacknowledge",
  ]);
});

describe("S04 the same target, type and resource again", () => {
  test("changes the role; a lower one stays accepted, a higher one goes back to pending and is not seen", async () => {
    const { source, target, alice, bob, host } = await newScene();
    const again = (role: "viewer" | "editor" | "admin") =>
      offer({ from: source, by: alice, to: target, resourceId: host.id, role });
    const first = await shareWith({
      from: source,
      by: alice,
      to: target,
      resourceId: host.id,
      role: "editor",
      acceptedBy: bob,
    });
    expect(await again("viewer")).toMatchObject({ id: first.id, role: "viewer", state: "accepted" });
    expect(await idsSeen(bob, target)).toContain(host.id);
    expect(await again("viewer")).toMatchObject({ id: first.id, state: "accepted" });
    using open = await stream(bob, target);
    expect(await again("admin")).toMatchObject({ id: first.id, role: "admin", state: "pending" });
    expect(await idsSeen(bob, target)).toEqual([]);
    await ended(open, "the share that went back to pending");
    expect(open.ends).toMatchObject([{ data: { reason: "access_changed" } }]);
    await must(ask(bob, target, "shares.accept", { id: first.id }));
    expect(await idsSeen(bob, target)).toContain(host.id);
    expect((await must<{ shares: Share[] }>(ask(alice, source, "shares.list"))).shares).toHaveLength(1);
  });

  test("20 times at once makes one share", async () => {
    const { source, target, alice, bob, host } = await newScene();
    await Promise.all(
      Array.from({ length: 20 }, () => offer({ from: source, by: alice, to: target, resourceId: host.id })),
    );
    expect(await pendingOf(bob, target)).toHaveLength(1);
  });
});

test("S05 self-share, unknown resource, role owner, foreign share id: 400 or 404", async () => {
  const { source, target, alice, bob, host, secret } = await newScene();
  const other = await newScene(casts[1]);
  const create = (input: object) =>
    ask(alice, source, "shares.create", {
      targetOrg: target.slug,
      resourceId: host.id,
      role: "viewer",
      ...input,
    });
  await refused(create({ targetOrg: source.slug }), 400, "invalid_request");
  await refused(create({ targetOrg: source.id }), 400, "invalid_request");
  for (const role of ["owner", "member", "", null]) await refused(create({ role }), 400, "invalid_request");
  await refused(create({ expiresAt: Date.now() - 1 }), 400, "invalid_request");
  await refused(create({ targetOrg: "../x" }), 400, "invalid_request");
  await refused(create({ targetOrg: "never-was" }), 404, "not_found");
  const unknown = await refused(create({ resourceId: `r${"a".repeat(19)}` }), 404, "not_found");
  const foreign = await refused(create({ resourceId: other.host.id }), 404, "not_found");
  expect(foreign.error?.message).toBe(unknown.error?.message ?? "");

  const share = await offer({ from: source, by: alice, to: target, resourceId: secret.id });
  for (const [who, org] of [
    [other.bob, other.target],
    [other.alice, other.source],
    [alice, source],
  ] as const)
    for (const path of ["shares.accept", "shares.decline"])
      expect([path, ...said(await ask(who, org, path, { id: share.id }))]).toEqual([path, 404, "not_found"]);
  for (const [who, org] of [
    [other.alice, other.source],
    [bob, target],
  ] as const)
    await refused(ask(who, org, "shares.remove", { id: share.id }), 404, "not_found");
  expect(await pendingOf(bob, target)).toHaveLength(1);
});

describe("S06 access ends at once, and open streams drop it within a second, when", () => {
  type Cause = (scene: Scene, share: Share) => Promise<unknown>;
  const causes: Record<string, { cause: Cause; reason?: string; targetGone?: true; expiresInMs?: number }> = {
    "it is withdrawn": {
      cause: ({ alice, source }, { id }) => must(ask(alice, source, "shares.remove", { id })),
    },
    "it is given back": {
      cause: ({ bob, target }, { id }) => must(ask(bob, target, "shares.decline", { id })),
    },
    "its time runs out": { cause: async () => {}, expiresInMs: 2_500 },
    "the source is suspended": {
      cause: ({ source }) => must(olga.call("orgs.suspend", { input: { org: source.id } })),
    },
    "the source is deleted": { cause: ({ alice, source }) => must(ask(alice, source, "orgs.delete")) },
    "the target is suspended": {
      cause: ({ target }) => must(olga.call("orgs.suspend", { input: { org: target.id } })),
      reason: "org_suspended",
      targetGone: true,
    },
    "the target is deleted": {
      cause: ({ bob, target }) => must(ask(bob, target, "orgs.delete")),
      targetGone: true,
    },
  };
  for (const [when, { cause, reason = "access_changed", targetGone, expiresInMs }] of Object.entries(
    causes,
  )) {
    test(when, async () => {
      const scene = await newScene();
      const { source, target, alice, bob, targets, host } = scene;
      const expiresAt = expiresInMs === undefined ? undefined : Date.now() + expiresInMs;
      const share = await shareWith({
        from: source,
        by: alice,
        to: target,
        resourceId: host.id,
        acceptedBy: bob,
        ...(expiresAt !== undefined && { expiresAt }),
      });
      expect(await idsSeen(targets.viewer, target)).toContain(host.id);
      using open = await stream(targets.viewer, target);
      using bystander = await stream(house.bob, house.beta);
      expect(JSON.stringify(open.events)).toContain(host.id);
      await cause(scene, share);
      if (expiresAt !== undefined) await until(() => Date.now() >= expiresAt, PATIENCE);
      const endedFrom = performance.now();
      if (targetGone) expect((await ask(targets.viewer, target, "resources.list")).status).toBe(403);
      else {
        expect(await idsSeen(targets.viewer, target)).not.toContain(host.id);
        await refused(ask(targets.viewer, target, "resources.get", { id: host.id }), 404, "not_found");
        await refused(
          ask(targets.viewer, target, "history.latest", { resourceId: host.id }),
          404,
          "not_found",
        );
      }
      await ended(open, when);
      expect((open.closedAt ?? 0) - endedFrom).toBeLessThan(1_000);
      expect(open.ends).toMatchObject([{ data: { reason } }]);
      expect(open.events.at(-1)?.type).toBe("end");
      expect(bystander.closedAt).toBeUndefined();
      if (targetGone) return;
      using next = await stream(targets.viewer, target);
      if (source.state === "active" && when !== "the source is deleted" && when !== "the source is suspended")
        await server.ingest(pictureOf(5), source.id);
      expect(JSON.stringify(next.events)).not.toContain(host.id);
    });
  }

  test("a source that is resumed shows it again, to a stream that is open too", async () => {
    const { source, target, alice, bob, targets, host } = await newScene();
    await shareWith({ from: source, by: alice, to: target, resourceId: host.id, acceptedBy: bob });
    await must(olga.call("orgs.suspend", { input: { org: source.id } }));
    using open = await stream(targets.viewer, target);
    await must(olga.call("orgs.resume", { input: { org: source.id } }));
    await until(() => JSON.stringify(open.events).includes(host.id), PATIENCE);
    await server.ingest(pictureOf(9), source.id);
    await until(() => changedIn(open.events).some(({ metrics }) => metrics?.cpu_percent === 9), PATIENCE);
    expect(open.ends).toEqual([]);
  });
});

test("S07 shares never chain: the target cannot show the source's resource on", async () => {
  const { source, target, alice, bob, host, part } = await newScene();
  const third = await newScene(casts[1]);
  await shareWith({
    from: source,
    by: alice,
    to: target,
    resourceId: host.id,
    role: "admin",
    acceptedBy: bob,
  });
  for (const resourceId of [host.id, part.id]) {
    const input = { targetOrg: third.target.slug, resourceId, role: "viewer" };
    await refused(ask(bob, target, "shares.create", input), 404, "not_found");
    /* Nor back to where it came from. */
    await refused(ask(bob, target, "shares.create", { ...input, targetOrg: source.slug }), 404, "not_found");
  }
  /* What the target shares of its own carries nothing of the source along. */
  await server.ingest([marked("own", "own")], target.id);
  const own = (await must<ResourceList>(ask(bob, target, "resources.list"))).resources.find(
    ({ name }) => name === "own",
  );
  await shareWith({ from: target, by: bob, to: third.target, resourceId: own!.id, acceptedBy: third.bob });
  const seen = await idsSeen(third.bob, third.target);
  expect([seen.includes(own!.id), seen.includes(host.id), seen.includes(part.id)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("S08 the lists: given ones to members of the source only, received ones to members of the target only", async () => {
  const { source, target, alice, bob, targets, host } = await newScene();
  const other = await newScene(casts[1]);
  const share = await shareWith({
    from: source,
    by: alice,
    to: target,
    resourceId: host.id,
    acceptedBy: bob,
  });
  const viewer = await join(server, {
    by: alice,
    org: source,
    email: `v${scenes}@s.example`,
    role: "viewer",
  });
  const listed = async (who: Visitor, org: Org, path: string) =>
    (await must<{ shares: Share[] }>(ask(who, org, path))).shares.map(({ id }) => id);
  for (const who of [alice, viewer]) {
    expect(await listed(who, source, "shares.list")).toEqual([share.id]);
    expect(await listed(who, source, "shares.incoming")).toEqual([]);
  }
  for (const who of [bob, targets.viewer]) {
    expect(await listed(who, target, "shares.incoming")).toEqual([share.id]);
    expect(await listed(who, target, "shares.list")).toEqual([]);
  }
  for (const path of ["shares.list", "shares.incoming"]) {
    for (const [who, org] of [
      [bob, source],
      [alice, target],
      [other.bob, source],
      [other.bob, target],
      [olga, source],
    ] as const)
      expect([path, ...said(await ask(who, org, path))]).toEqual([path, 403, "access_denied"]);
    expect(await listed(other.bob, other.target, path)).toEqual([]);
  }
  /* Who is a member of both sees each list in its own org. */
  await bringIn(alice, source, other.bob, "viewer");
  await bringIn(bob, target, other.bob, "viewer");
  expect(await listed(other.bob, source, "shares.list")).toEqual([share.id]);
  expect(await listed(other.bob, target, "shares.incoming")).toEqual([share.id]);
  expect(await listed(other.bob, other.target, "shares.incoming")).toEqual([]);
});
