/**
 * L: live events of several orgs. L09, twelve tabs of one browser on plain HTTP/1.1, needs a browser and is in
 * tests/browser/live.test.ts.
 */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { OrgId } from "../../server/contract/ids.ts";
import type { EndReason, LiveEvent } from "../../server/contract/live.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import type { NewToken } from "../../server/contract/tokens.ts";
import { PASSWORD, type Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { startInProcess } from "../support/in-process.ts";
import { openRawStream, openRawStreams, type RawStream } from "../support/live.ts";
import { metric } from "../support/metrics.ts";
import { openSocket } from "../support/raw-socket.ts";
import { startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import {
  ask,
  bringIn,
  buildHouse,
  buildHouseInProcess,
  DAY_MS,
  ENV_ON,
  emailOf,
  idOf,
  join,
  licenceThatEnded,
  marked,
  moved,
  must,
  newOrgFor,
  newToken,
  orgHeader,
  PATIENCE,
  reported,
  shareWith,
  signInAs,
} from "./house.ts";

setDefaultTimeout(60_000);

let ahead = 0;
const house = await buildHouseInProcess({ clock: () => Date.now() + ahead });
const { server, olga, alice, bob, acme, beta } = house;
const { bus } = server.edge;
/** Stays undisturbed whatever happens to others: a person has only so many streams, tokens' included. */
const carol = await join(server, { by: alice, org: acme, email: "carol@acme.example", role: "admin" });
await bringIn(bob, beta, carol, "admin");
afterAll(() => server.stop());

const asOf = (who: Visitor, org: Org) => ({ cookie: who.cookie, headers: orgHeader(org) });
/** An event nobody could mistake for another, past the pipeline: as many and as fast as a test wants. */
function publish(orgId: OrgId, mark: string | number, padding = ""): void {
  bus.publish(orgId, "resources", Date.now(), JSON.stringify({ changed: [], removed: [], mark, padding }));
}
const marksIn = (events: readonly LiveEvent[]): (string | number)[] =>
  events.flatMap(({ data }) => (data as { mark?: string | number }).mark ?? []);
const isClosed = ({ closedAt }: RawStream) => closedAt !== undefined;

test("L01 1,000 events of acme reach acme's streams; beta's receive no byte of it", async () => {
  using inAcme = await openRawStream(server, asOf(alice, acme));
  using inBeta = await openRawStream(server, asOf(bob, beta));
  using inDefault = await openRawStream(server, { cookie: olga.cookie });
  const quiet = [inBeta.bytes, inDefault.bytes];
  for (let mark = 1; mark <= 1_000; mark++) {
    publish(acme.id, mark);
    if (mark % 100 === 0) await until(() => marksIn(inAcme.events).length === mark, PATIENCE);
    if (mark % 200 === 0) await server.ingest([marked("acme-nas", "a", mark)], acme.id);
  }
  expect(marksIn(inAcme.events)).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  /* A watch is a wait: what was misdirected would have come with or right after the rest. */
  await Bun.sleep(200);
  expect([inBeta.bytes, inDefault.bytes]).toEqual(quiet);
});

test("L02 an unknown, an empty and a deleted org as a target: reaches nobody", async () => {
  const gone = await newOrgFor(alice, olga, "gone-for-l02");
  await must(ask(alice, gone, "orgs.delete"));
  const streams = [
    await openRawStream(server, asOf(alice, acme)),
    await openRawStream(server, asOf(bob, beta)),
    await openRawStream(server, { cookie: olga.cookie }),
  ];
  const before = streams.map(({ bytes }) => bytes);
  for (const target of ["o222222222222222222a", "", gone.id, "acme", "*", "default "])
    publish(target as OrgId, target);
  publish(acme.id, "for acme");
  await until(() => marksIn((streams[0] as RawStream).events).length === 1, PATIENCE);
  expect(marksIn((streams[0] as RawStream).events)).toEqual(["for acme"]);
  expect(streams.slice(1).map(({ bytes }) => bytes)).toEqual(before.slice(1));
  for (const stream of streams) stream.close();
});

describe("L03 50 open streams: no event after it, one `end` with the reason, closed within 1 s, others undisturbed, when", () => {
  interface Reader {
    /** What its streams are opened with. */
    options: { cookie?: string | undefined; headers: Record<string, string> };
    who: Visitor;
    token?: NewToken;
    org: Org;
  }
  interface Case {
    reason: EndReason;
    reader: () => Promise<Reader>;
    /** Gives when it takes effect, if that is not when it is done. */
    cause: (reader: Reader) => Promise<unknown>;
    /** Streams of others in the same org end as well; those in `default` never. */
    whole?: true;
    undo?: () => Promise<unknown>;
  }
  let readers = 0;
  async function newReader(
    role: "viewer" | "editor" | "admin" = "viewer",
    org = acme,
    by = alice,
  ): Promise<Reader> {
    const who = await join(server, { by, org, email: `reader${++readers}@readers.example`, role });
    return { who, org, options: asOf(who, org) };
  }
  async function newOrgReader(): Promise<Reader> {
    const org = await newOrgFor(alice, olga, `l03-${++readers}`);
    return { who: alice, org, options: asOf(alice, org) };
  }
  async function tokenReader(more: { expiresAt?: number } = {}): Promise<Reader> {
    const token = await newToken(alice, acme, more);
    return { who: alice, token, org: acme, options: { headers: { authorization: `Bearer ${token.token}` } } };
  }
  const until_ = async (at: number) =>
    until(() => Date.now() >= at, { withinMs: 30_000, what: "the time runs out" });

  const cases: Record<string, Case> = {
    "its reader is removed": {
      reason: "access_changed",
      reader: () => newReader(),
      cause: async ({ who }) => must(ask(alice, acme, "members.remove", { userId: await idOf(who) })),
    },
    "its reader leaves": {
      reason: "access_changed",
      reader: () => newReader(),
      cause: ({ who }) => must(ask(who, acme, "members.leave")),
    },
    "its reader is demoted below what a share needs": {
      reason: "access_changed",
      reader: async () => {
        const [machine] = await reported(house, alice, acme, [marked("shown", "x")]);
        const given = {
          from: acme,
          by: alice,
          to: beta,
          resourceId: machine!.id,
          role: "editor",
          acceptedBy: bob,
        } as const;
        await shareWith(given);
        return newReader("editor", beta, bob);
      },
      cause: async ({ who }) =>
        must(ask(bob, beta, "members.setRole", { userId: await idOf(who), role: "viewer" })),
    },
    "a share it shows is withdrawn": {
      reason: "access_changed",
      reader: () => newReader("admin", beta, bob),
      cause: async () => {
        const { shares } = await must<{ shares: { id: string }[] }>(ask(alice, acme, "shares.list"));
        await must(ask(alice, acme, "shares.remove", { id: shares[0]?.id }));
      },
      whole: true,
    },
    "its reader signs out": {
      reason: "signed_out",
      reader: () => newReader(),
      cause: ({ who }) => must(who.call("session.signOut")),
    },
    "the password is changed elsewhere": {
      reason: "signed_out",
      reader: () => newReader(),
      cause: async ({ who }) => {
        const elsewhere = await signInAs(server, await emailOf(who));
        const input = { currentPassword: PASSWORD, newPassword: `${PASSWORD} again` };
        await must(elsewhere.call("session.changePassword", { input }));
      },
    },
    "its reader is disabled": {
      reason: "signed_out",
      reader: () => newReader(),
      cause: async ({ who }) =>
        must(olga.call("system.disablePerson", { input: { email: await emailOf(who) } })),
    },
    "its token is revoked": {
      reason: "signed_out",
      reader: () => tokenReader(),
      cause: ({ token }) => must(ask(alice, acme, "tokens.revoke", { id: token?.id })),
    },
    "its token expires": {
      reason: "signed_out",
      reader: () => tokenReader({ expiresAt: Date.now() + 4_000 }),
      cause: async ({ token }) => until_(server.edge.directory.token(token!.id as never)?.expiresAt ?? 0),
    },
    "its org is suspended": {
      reason: "org_suspended",
      reader: newOrgReader,
      cause: ({ org }) => must(olga.call("orgs.suspend", { input: { org: org.id } })),
      whole: true,
    },
    "its org is deleted": {
      reason: "access_changed",
      reader: newOrgReader,
      cause: ({ org }) => must(ask(alice, org, "orgs.delete")),
      whole: true,
    },
    "the licence lapses": {
      reason: "feature_disabled",
      reader: () => newReader(),
      cause: async () => {
        const lapsesAt = Date.now() + 1_500;
        const license = licenceThatEnded(server.dataDir, lapsesAt - 7 * DAY_MS);
        await must(olga.call("system.licenseInstall", { input: { license } }));
        await until_(lapsesAt);
      },
      whole: true,
      undo: () => must(olga.call("system.licenseInit")),
    },
    "the licence is removed": {
      reason: "feature_disabled",
      reader: () => newReader(),
      cause: () => must(olga.call("system.licenseRemove")),
      whole: true,
      undo: () => must(olga.call("system.licenseInit")),
    },
    "the kill switch is thrown": {
      reason: "feature_disabled",
      reader: () => newReader(),
      cause: () => must(olga.call("system.switchOffMultiTenant")),
      whole: true,
      undo: () => server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on: true }),
    },
  };
  for (const [when, { reason, reader: newCaseReader, cause, whole, undo }] of Object.entries(cases)) {
    test(when, async () => {
      await until(() => bus.streamCount === 0, {
        ...PATIENCE,
        what: "the streams of the test before are gone",
      });
      const reader = await newCaseReader();
      const opened: RawStream[] = [];
      try {
        opened.push(await openRawStream(server, { cookie: olga.cookie }));
        if (!whole) opened.push(await openRawStream(server, asOf(carol, reader.org)));
        const others = [...opened];
        const streams = await openRawStreams(server, 50, reader.options);
        opened.push(...streams);
        expect(await metric(server, "pulse_live_streams")).toBe(opened.length);
        publish(reader.org.id, "before");
        await until(() => streams.every(({ events }) => marksIn(events).includes("before")), PATIENCE);

        await cause(reader);
        const doneAt = performance.now();
        for (let mark = 0; mark < 20; mark++) publish(reader.org.id, `after ${mark}`);
        publish(OrgId.parse("default"), "for the others");
        if (!whole) publish(reader.org.id, "for the others");
        await until(() => streams.every(isClosed), { ...PATIENCE, what: "all 50 are closed" });

        for (const { events, ends, closedAt } of streams) {
          expect(ends).toMatchObject([{ data: { reason } }]);
          expect(events.at(-1)?.type).toBe("end");
          expect(marksIn(events)).toEqual(["before"]);
          expect((closedAt as number) - doneAt).toBeLessThan(1_000);
        }
        for (const { events } of others)
          await until(() => marksIn(events).includes("for the others"), PATIENCE);
        expect(others.filter(isClosed)).toEqual([]);
      } finally {
        await undo?.();
        for (const stream of opened) stream.close();
      }
      await until(() => bus.streamCount === 0, { ...PATIENCE, what: "the count is back to the start" });
      expect(await metric(server, "pulse_live_streams")).toBe(0);
    });
  }

  test("its session expires", async () => {
    const before = await newReader();
    const streams = await openRawStreams(server, 50, before.options);
    try {
      /* A token has no session to run out. */
      const { token } = await newToken(carol, acme);
      using other = await openRawStream(server, { headers: { authorization: `Bearer ${token}` } });
      ahead = 14 * DAY_MS + 60_000;
      const expiredAt = performance.now();
      publish(acme.id, "after");
      await until(() => streams.every(isClosed), PATIENCE);
      for (const { events, ends, closedAt } of streams) {
        expect(ends).toMatchObject([{ data: { reason: "signed_out" } }]);
        expect(marksIn(events)).toEqual([]);
        expect((closedAt as number) - expiredAt).toBeLessThan(1_000);
      }
      await until(() => marksIn(other.events).includes("after" as never), PATIENCE);
      expect(other.closedAt).toBeUndefined();
    } finally {
      ahead = 0;
      for (const stream of streams) stream.close();
    }
  });
});

describe("what a stream comes back to:", () => {
  test("L04 `lastEventId` of beta offered to acme: no event of beta, a fresh snapshot", async () => {
    using inBeta = await openRawStream(server, asOf(bob, beta));
    using inAcme = await openRawStream(server, asOf(alice, acme));
    publish(beta.id, "secret of beta");
    await until(() => marksIn(inBeta.events).length > 0, PATIENCE);
    const ids = inBeta.events.map(({ id }) => id);
    const [epoch = ""] = (inAcme.events[0]?.id ?? "").split(".");
    const [, number = ""] = (ids.at(-1) ?? "").split(".");
    for (const lastEventId of [
      ...ids,
      `${epoch}.${number}x`,
      `${epoch}.-1`,
      `${epoch}.99999999`,
      "x",
      "..",
      epoch,
    ]) {
      using stream = await openRawStream(server, { ...asOf(alice, acme), lastEventId });
      expect([lastEventId, stream.events[0]?.type]).toEqual([lastEventId, "snapshot"]);
      expect(JSON.stringify(stream.events)).not.toContain("secret of beta");
    }
  });

  test("L05 within memory every missed event once, in order; beyond it a `snapshot`", async () => {
    const org = await newOrgFor(alice, olga, "l05");
    const witness = await openRawStream(server, asOf(alice, org));
    const first = await openRawStream(server, asOf(alice, org));
    publish(org.id, 0);
    await until(() => marksIn(first.events).includes(0), PATIENCE);
    first.close();
    const lastEventId = first.events.at(-1)?.id as string;
    for (let mark = 1; mark <= 200; mark++) publish(org.id, mark);
    using second = await openRawStream(server, { ...asOf(alice, org), lastEventId });
    await until(() => marksIn(second.events).includes(200), PATIENCE);
    expect(marksIn(second.events)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(second.events.filter(({ type }) => type === "snapshot")).toEqual([]);

    for (let mark = 201; mark <= 400; mark++) publish(org.id, mark);
    using third = await openRawStream(server, { ...asOf(alice, org), lastEventId });
    expect(third.events[0]?.type).toBe("snapshot");
    publish(org.id, 401);
    await until(() => marksIn(third.events).includes(401), PATIENCE);
    expect(marksIn(third.events)).toEqual([401]);
    witness.close();
  });
});

test("L06 a stalled reader is bounded in memory and resynchronised; others keep their latency", async () => {
  const org = await newOrgFor(alice, olga, "l06");
  await until(() => bus.streamsOf(org.id) === 0);
  const socket = openSocket(server);
  socket.on("error", () => {});
  socket.pause();
  const lines = [
    "GET /api/trpc/live.events HTTP/1.1",
    "Host: a",
    `Cookie: ${alice.cookie}`,
    `X-Pulse-Org-Id: ${org.id}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  await until(() => bus.streamsOf(org.id) === 1, PATIENCE);
  using sameOrg = await openRawStream(server, asOf(alice, org));
  using otherOrg = await openRawStream(server, asOf(bob, beta));

  /* 40 MB, forty times what the queue of one stream may hold; the others are asked to keep up all the while. */
  const padding = "x".repeat(100_000);
  const latencies: number[] = [];
  for (let sent = 1; sent <= 400; sent++) {
    publish(org.id, sent, padding);
    if (sent % 5 !== 0) continue;
    const at = performance.now();
    publish(beta.id, sent);
    await until(() => marksIn(otherOrg.events.slice(-1)).includes(sent), PATIENCE);
    latencies.push(performance.now() - at);
    await until(() => marksIn(sameOrg.events.slice(-1)).includes(sent), PATIENCE);
  }
  const median = latencies.sort((a, b) => a - b)[latencies.length / 2] ?? 0;
  expect(median).toBeLessThan(250);
  expect(marksIn(sameOrg.events)).toHaveLength(400);
  expect(sameOrg.events.filter(({ type }) => type === "snapshot")).toHaveLength(1);

  let received = "";
  const told = (type: string) => received.split(`"type":"${type}"`).length - 1;
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.resume();
  await until(() => told("snapshot") === 2, { ...PATIENCE, what: "the stalled reader gets a picture" });
  /* What its queue and the sockets held, and not the rest. */
  expect(told("resources")).toBeLessThan(100);
  socket.destroy();
});

test("L07 changed resources are never starved by constant change, and told at most 4 times a second per org", async () => {
  using inAcme = await openRawStream(server, asOf(alice, acme));
  const told: { at: number; cpu: number }[] = [];
  let cpu = 0;
  let seen = 1;
  const startedAt = performance.now();
  let longest = 0;
  let lastTold = startedAt;
  while (performance.now() - startedAt < 3_000) {
    await server.ingest([marked("busy", "x", ++cpu)], acme.id);
    for (; seen < inAcme.events.length; seen++) {
      const event = inAcme.events[seen] as LiveEvent;
      if (event.type !== "resources") continue;
      const metrics = event.data.changed.find((one) => one.metrics?.cpu_percent)?.metrics;
      if (!metrics) continue;
      told.push({ at: event.at, cpu: metrics.cpu_percent as number });
      longest = Math.max(longest, performance.now() - lastTold);
      lastTold = performance.now();
    }
  }
  const took = performance.now() - startedAt;
  expect(cpu).toBeGreaterThan(told.length);
  expect(told.length).toBeLessThanOrEqual(Math.ceil(took / 250) + 1);
  /* Never starved: a quarter of a second is the plan, and a slow machine's own pauses come on top. */
  expect(longest).toBeLessThan(1_500);
  expect(told.map((one) => one.cpu)).toEqual(told.map((one) => one.cpu).sort((a, b) => a - b));
  await until(() => JSON.stringify(inAcme.events.at(-1)).includes(`"cpu_percent":${cpu}`), PATIENCE);
});

describe("L08 200 streams at shutdown", () => {
  test("each gets `end shutting_down`, the process stops in 10 s, and what was answered is kept", async () => {
    const temporary = temporaryDataDir();
    try {
      const own = await buildHouse({ dataDir: temporary.path });
      for (const who of [own.bob, own.olga]) await bringIn(own.alice, own.acme, who, "admin");
      const all = await Promise.all(
        (
          [
            [own.alice, own.acme],
            [own.bob, own.acme],
            [own.bob, own.beta],
            [own.olga, own.acme],
          ] as const
        ).map(([who, org]) => openRawStreams(own.server, 50, asOf(who, org))),
      );
      const streams = all.flat();
      expect(await metric(own.server, "pulse_live_streams")).toBe(200);
      /* People who go on working while it stops: what was answered with 200 must be there afterwards. */
      const kept: string[] = [];
      let number = 0;
      const working = Array.from({ length: 4 }, async () => {
        for (;;) {
          const name = `token ${number++}`;
          const made = await ask(own.alice, own.acme, "tokens.create", { name, scopes: ["read"] }).catch(
            () => undefined,
          );
          if (made === undefined || made.status >= 500) return;
          if (made.status === 200) kept.push(name);
          else return;
        }
      });
      await until(() => kept.length > 5, PATIENCE);
      const toldAt = performance.now();
      const status = await own.server.stop();
      expect([status, performance.now() - toldAt < 10_000]).toEqual([0, true]);
      await until(() => streams.every(isClosed), PATIENCE);
      for (const { ends, events } of streams) {
        expect(ends).toMatchObject([{ data: { reason: "shutting_down" } }]);
        expect(events.at(-1)?.type).toBe("end");
      }
      await Promise.all(working);

      await using again = await startServer({ dataDir: temporary.path, env: ENV_ON });
      const back = moved(own, again);
      const { tokens } = await must<{ tokens: { name: string }[] }>(
        ask(back.alice, back.acme, "tokens.list"),
      );
      const names = new Set(tokens.map(({ name }) => name));
      expect(kept.filter((name) => !names.has(name))).toEqual([]);
    } finally {
      temporary.remove();
    }
  });

  test("and reports that were acknowledged are on disk", async () => {
    const temporary = temporaryDataDir();
    try {
      const own = await buildHouseInProcess({ dataDir: temporary.path });
      const streams = await openRawStreams(own.server, 50, asOf(own.alice, own.acme));
      let acknowledged = 0;
      const reporting = (async () => {
        for (let cpu = 1; ; cpu++) {
          try {
            await own.server.ingest([marked("nas", "x", cpu)], own.acme.id);
          } catch {
            return;
          }
          acknowledged = cpu;
        }
      })();
      await until(() => acknowledged > 20, PATIENCE);
      await own.server.stop();
      await reporting;
      await until(() => streams.every(isClosed), PATIENCE);
      for (const { ends } of streams) expect(ends).toMatchObject([{ data: { reason: "shutting_down" } }]);

      await using again = await startInProcess({
        dataDir: temporary.path,
        multiTenant: true,
        trustedProxies: ["127.0.0.1"],
      });
      const back = moved(own, again);
      const { resources } = await must<ResourceList>(ask(back.alice, back.acme, "resources.list"));
      expect(resources[0]?.metrics.cpu_percent).toBeGreaterThanOrEqual(acknowledged);
    } finally {
      temporary.remove();
    }
  });
});
