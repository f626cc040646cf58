/** Live events, read with the client of the page exactly as it comes from its package. */
import { afterAll, describe, expect, test } from "bun:test";
import { createCallerFactory } from "../../server/api/procedures.ts";
import { ReadyAnswers } from "../../server/api/ready-answers.ts";
import { appRouter } from "../../server/api/router.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { EndReason, LiveEvent } from "../../server/contract/live.ts";
import { call, PASSWORD, signIn, signUp, type Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { machine, startInProcess } from "../support/in-process.ts";
import { type LiveStream, openLiveStream } from "../support/live.ts";
import { metric } from "../support/metrics.ts";
import { openSocket } from "../support/raw-socket.ts";
import { runPulse, startServer } from "../support/server.ts";
import { until } from "../support/until.ts";

const inside = await startInProcess();
const reader = await signUp(inside);
afterAll(() => inside.stop());

/** What a metric of one machine was said to be, in the order of the events. */
function cpuIn(events: readonly LiveEvent[]): number[] {
  return events.flatMap((event) =>
    event.type === "resources" ? event.data.changed.flatMap(({ metrics }) => metrics?.cpu_percent ?? []) : [],
  );
}

let cpu = 0;
/** A change nobody has seen before; returns its value once it is on disk. */
async function change(): Promise<number> {
  cpu += 1;
  await inside.ingest([machine("nas", cpu)]);
  return cpu;
}

describe("a stream", () => {
  test("begins with the whole picture and goes on with what changes", async () => {
    const before = await change();
    using stream = openLiveStream(inside, { cookie: reader.cookie });
    const { data, at } = await stream.event("snapshot");
    expect(stream.types[0]).toBe("snapshot");
    expect(data.resources).toMatchObject([{ kind: "host", name: "nas", metrics: { cpu_percent: before } }]);
    expect([data.alerts, data.serverTime]).toEqual([[], at]);

    const after = await change();
    await until(() => cpuIn(stream.events).includes(after));
    expect(stream.types.filter((type) => type === "snapshot").length).toBe(1);
    const last = stream.events.at(-1);
    expect(last?.type === "resources" && last.data.changed[0]).toEqual({
      id: data.resources[0]?.id as never,
      lastSeenAt: expect.any(Number),
      metrics: { cpu_percent: after },
    });
  });

  test("that comes back has missed nothing and gets nothing twice", async () => {
    using first = openLiveStream(inside, { cookie: reader.cookie });
    using witness = openLiveStream(inside, { cookie: reader.cookie });
    await Promise.all([first.event("snapshot"), witness.event("snapshot")]);
    const seen = await change();
    await until(() => cpuIn(first.events).includes(seen));
    first.close();
    const lastEventId = first.events.at(-1)?.id as string;

    const missed: number[] = [];
    for (let round = 0; round < 5; round++) {
      const value = await change();
      missed.push(value);
      await until(() => cpuIn(witness.events).includes(value));
    }
    using second = openLiveStream(inside, { cookie: reader.cookie, lastEventId });
    await until(() => cpuIn(second.events).includes(missed.at(-1) as number));
    expect(cpuIn(second.events)).toEqual(missed);
    expect(second.types).not.toContain("snapshot");
    const ids = second.events.map(({ id }) => id);
    expect(ids).toEqual(witness.events.slice(-5).map(({ id }) => id));
    expect(new Set(ids).size).toBe(5);
  });

  test("that lost its connection comes back by itself, with Last-Event-ID", async () => {
    const dropped = Promise.withResolvers<void>();
    const seenIds: (string | null)[] = [];
    /* A line that breaks once, after the first event: what a proxy or a cellar's Wi-Fi does. */
    const line = Bun.serve({
      port: 0,
      idleTimeout: 0,
      async fetch(request) {
        seenIds.push(request.headers.get("last-event-id"));
        const { pathname, search } = new URL(request.url);
        const upstream = await fetch(inside.url + pathname + search, {
          headers: request.headers,
          signal: request.signal,
        });
        if (seenIds.length > 1) return upstream;
        const source = upstream.body?.getReader();
        return new Response(
          new ReadableStream({
            async pull(controller) {
              const { value } = (await source?.read()) ?? {};
              if (value) controller.enqueue(value);
              if (value && new TextDecoder().decode(value).includes('"snapshot"')) {
                await source?.cancel();
                controller.close();
                dropped.resolve();
              }
            },
          }),
          { headers: upstream.headers },
        );
      },
    });
    try {
      using stream = openLiveStream(
        { url: `http://127.0.0.1:${line.port}` },
        { cookie: reader.cookie, reconnectMs: 50 },
      );
      await dropped.promise;
      const value = await change();
      await until(() => cpuIn(stream.events).includes(value));
      expect(stream.types).toEqual(["snapshot", "resources"]);
      expect(seenIds).toEqual([null, stream.events[0]?.id ?? "none"]);
    } finally {
      await line.stop(true);
    }
  });

  test("with an id of another sequence, or none at all, begins with the picture", async () => {
    for (const lastEventId of ["aaaaaaaaaa.1", "nonsense", "", "aaaaaaaaaa.", ".", "aaaaaaaaaa.1e3"]) {
      using stream = openLiveStream(inside, { cookie: reader.cookie, lastEventId });
      await stream.count(1);
      expect([lastEventId, stream.types[0]]).toEqual([lastEventId, "snapshot"]);
    }
  });

  test("with an id from the future of its own sequence begins with the picture", async () => {
    using first = openLiveStream(inside, { cookie: reader.cookie });
    const [epoch] = (await first.event("snapshot")).id.split(".");
    using stream = openLiveStream(inside, { cookie: reader.cookie, lastEventId: `${epoch}.999999` });
    await stream.count(1);
    expect(stream.types).toEqual(["snapshot"]);
  });

  test("is refused to nobody in particular with a status, so that the page stops asking", async () => {
    using stream = openLiveStream(inside, { reconnectMs: 10 });
    await stream.ended();
    expect(stream.error?.message).toContain("401");
    expect(stream.events).toEqual([]);
    const answer = await call(inside, "live.events");
    expect([answer.status, answer.error?.reason, answer.error?.path]).toEqual([
      401,
      "authentication_required",
      "live.events",
    ]);
  });

  test("is no longer counted once its reader has gone", async () => {
    const before = inside.edge.bus.streamCount;
    using stream = openLiveStream(inside, { cookie: reader.cookie });
    await stream.event("snapshot");
    expect(inside.edge.bus.streamCount).toBe(before + 1);
    stream.close();
    await until(() => inside.edge.bus.streamCount === before);
  });

  test("asked for with HEAD is not opened at all", async () => {
    const before = inside.edge.bus.streamCount;
    for (let round = 0; round < 20; round++) {
      const { status } = await fetch(`${inside.url}/api/trpc/live.events`, {
        method: "HEAD",
        headers: { cookie: reader.cookie ?? "" },
      });
      expect(status).toBe(405);
    }
    expect(inside.edge.bus.streamCount).toBe(before);
  });

  test("too many is refused with a status and a time to come back, and leaves nothing open", async () => {
    await using own = await startInProcess();
    const visitor = await signUp(own);
    const quiet = {
      owner: "u",
      endReason: () => undefined,
      shares: () => [],
      losingShares: () => "end" as const,
      deliver: () => true,
      end: () => {},
    };
    for (let opened = 0; opened < 500; opened++) own.edge.bus.open(DEFAULT_ORG, quiet);
    const answer = await visitor.call("live.events");
    expect([answer.status, answer.error?.reason, answer.headers.get("retry-after")]).toEqual([
      429,
      "rate_limited",
      "30",
    ]);
    expect(own.edge.bus.streamCount).toBe(500);
  });

  test("is told at most four times a second, and the newest within a moment", async () => {
    using stream = openLiveStream(inside, { cookie: reader.cookie });
    await stream.event("snapshot");
    const startedAt = performance.now();
    let value = 0;
    while (performance.now() - startedAt < 1_200) value = await change();
    await until(() => cpuIn(stream.events).includes(value), { withinMs: 1_000 });
    const told = stream.types.filter((type) => type === "resources").length;
    expect(told).toBeGreaterThanOrEqual(3);
    expect(told).toBeLessThanOrEqual(8);
  });
});

test("in-process, the typed procedure yields the very events the wire carries", async () => {
  using wire = openLiveStream(inside, { cookie: reader.cookie });
  const snapshot = await wire.event("snapshot");
  const stop = new AbortController();
  const context = {
    edge: inside.edge,
    requestId: "in-process",
    origin: inside.url,
    userAgent: "",
    idempotencyKey: undefined,
    resHeaders: new Headers(),
    ready: new ReadyAnswers(),
    caller: undefined,
    requested: undefined,
    claims: {
      headerOrgs: [],
      rawOrgCookie: undefined,
      host: "127.0.0.1",
      rawSession: reader.cookie?.split("=")[1],
      bearer: undefined,
      onThisMachine: true,
      address: "127.0.0.1",
      secure: false,
    },
  };
  const caller = createCallerFactory(appRouter)(context, { signal: stop.signal });
  const yielded: [id: string, event: LiveEvent][] = [];
  const reading = (async () => {
    for await (const tracked of await caller.live.events({ lastEventId: snapshot.id })) {
      const [id, event] = tracked as unknown as [string, LiveEvent];
      yielded.push([id, event]);
    }
  })();
  for (let round = 0; round < 3; round++) {
    const value = await change();
    await until(() => cpuIn(yielded.map(([, event]) => event)).includes(value));
    await until(() => cpuIn(wire.events).includes(value));
  }
  expect(yielded.map(([, event]) => event)).toEqual(wire.events.slice(1));
  expect(yielded.map(([id]) => id)).toEqual(wire.events.slice(1).map(({ id }) => id));
  stop.abort();
  await reading.catch(() => {});
});

describe("a stream ends within a second, with one `end` and nothing after it,", () => {
  interface Loss {
    when: string;
    reason: EndReason;
    /** Who reads; by default a person of their own. */
    cause: (person: { email: string; password: string; visitor: Visitor }) => Promise<unknown>;
  }
  const losses: Loss[] = [
    {
      when: "its reader signs out",
      reason: "signed_out",
      cause: ({ visitor }) => visitor.call("session.signOut"),
    },
    {
      when: "the session is ended from elsewhere",
      reason: "signed_out",
      cause: async ({ email, password, visitor }) => {
        const { sessions } = await visitor.api.session.list.query();
        const elsewhere = await signIn(inside, { email, password });
        await elsewhere.call("session.revoke", { input: { id: sessions[0]?.id } });
      },
    },
    {
      when: "the password is changed elsewhere",
      reason: "signed_out",
      cause: async ({ email, password }) => {
        const elsewhere = await signIn(inside, { email, password });
        await elsewhere.call("session.changePassword", {
          input: { currentPassword: password, newPassword: PASSWORD },
        });
      },
    },
    {
      when: "the operator resets the password",
      reason: "signed_out",
      cause: ({ email }) => inside.edge.shards.instance.people.resetPassword({ email }),
    },
    {
      when: "the person is disabled",
      reason: "signed_out",
      cause: ({ email }) => inside.edge.shards.instance.people.disable({ email }),
    },
  ];

  let people = 0;
  for (const { when, reason, cause } of losses) {
    test(`when ${when}; every other stream goes on`, async () => {
      const email = `reader${people++}@example.org`;
      const { password } = await inside.edge.shards.instance.people.create({ email });
      const visitor = await signIn(inside, { email, password });
      const streams = Array.from({ length: 5 }, () => openLiveStream(inside, { cookie: visitor.cookie }));
      using bystander = openLiveStream(inside, { cookie: reader.cookie });
      await Promise.all([...streams, bystander].map((stream) => stream.event("snapshot")));

      await cause({ email, password, visitor });
      await Promise.all(streams.map((stream) => stream.ended(1_000)));
      const value = await change();
      await until(() => cpuIn(bystander.events).includes(value));
      for (const stream of streams) {
        expect(stream.types).toEqual(["snapshot", "end"]);
        expect(stream.events[1]).toMatchObject({ type: "end", data: { reason } });
        expect(stream.error).toBeUndefined();
      }
      expect(bystander.over).toBe(false);
    });
  }

  test("when its reader changes the password themselves it goes on", async () => {
    const email = `reader${people++}@example.org`;
    const { password } = await inside.edge.shards.instance.people.create({ email });
    const visitor = await signIn(inside, { email, password });
    using stream = openLiveStream(inside, { cookie: visitor.cookie });
    await stream.event("snapshot");
    await visitor.call("session.changePassword", {
      input: { currentPassword: password, newPassword: PASSWORD },
    });
    const value = await change();
    await until(() => cpuIn(stream.events).includes(value));
    expect(stream.types).not.toContain("end");
  });

  const orgLosses: [when: string, reason: EndReason, state: "suspended" | "deleted"][] = [
    ["the org is suspended", "org_suspended", "suspended"],
    ["the org is deleted", "access_changed", "deleted"],
  ];
  for (const [when, reason, state] of orgLosses) {
    test(`when ${when}`, async () => {
      await using own = await startInProcess();
      const visitor = await signUp(own);
      using stream = openLiveStream(own, { cookie: visitor.cookie });
      await stream.event("snapshot");
      const { name, createdAt, limits } = own.edge.directory.findOrg(DEFAULT_ORG)!;
      const org = { id: DEFAULT_ORG, slug: "default", name, createdAt, limits, state };
      own.edge.directory.apply([{ kind: "org", org }]);
      await own.ingest([machine("nas", 1)]);
      await stream.ended(1_000);
      expect(stream.events.slice(1)).toMatchObject([{ type: "end", data: { reason } }]);
    });
  }

  test("when the session runs out by time alone", async () => {
    let ahead = 0;
    await using own = await startInProcess({ clock: () => Date.now() + ahead });
    const visitor = await signUp(own);
    using stream = openLiveStream(own, { cookie: visitor.cookie });
    await stream.event("snapshot");
    ahead = 15 * 86_400_000;
    await stream.ended(1_000);
    expect(stream.events.slice(1)).toMatchObject([{ type: "end", data: { reason: "signed_out" } }]);
  });
});

describe("a real server", () => {
  test("carries what its own collector saw, and a disabled person's streams end at once", async () => {
    await using server = await startServer({ env: { PULSE_LOCAL_AGENT: "true" } });
    const owner = await signUp(server);
    const email = "viewer@example.org";
    const { password } = (await runPulse(server.dataDir, ["user", "create", email, "--json"])).json<{
      password: string;
    }>();
    const viewer = await signIn(server, { email, password });
    using stream = openLiveStream(server, { cookie: viewer.cookie });
    using bystander = openLiveStream(server, { cookie: owner.cookie });
    await until(() => {
      const known = stream.events.flatMap((event) =>
        event.type === "snapshot"
          ? event.data.resources
          : event.type === "resources"
            ? event.data.changed
            : [],
      );
      return known.some(({ kind }) => kind === "host");
    });
    await runPulse(server.dataDir, ["user", "disable", email]);
    await stream.ended(1_000);
    expect(stream.events.at(-1)).toMatchObject({ type: "end", data: { reason: "signed_out" } });
    expect(stream.types.filter((type) => type === "end").length).toBe(1);
    expect(bystander.over).toBe(false);
    expect(server.logs.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("that restarts gives whoever comes back a fresh picture, never a wrong continuation", async () => {
    const place = temporaryDataDir();
    try {
      const before = await startServer({ dataDir: place.path });
      const { cookie } = await signUp(before);
      using stream = openLiveStream(before, { cookie });
      const { id } = await stream.event("snapshot");
      await before.kill();
      await using after = await startServer({ dataDir: place.path });
      using again = openLiveStream(after, { cookie, lastEventId: id });
      const snapshot = await again.event("snapshot");
      expect(snapshot.id.split(".")[0]).not.toBe(id.split(".")[0]);
    } finally {
      place.remove();
    }
  });

  test("that is told to stop ends 50 streams in words, and itself within ten seconds", async () => {
    await using server = await startServer();
    const { cookie } = await signUp(server);
    const streams: LiveStream[] = Array.from({ length: 50 }, () =>
      openLiveStream(server, { cookie, reconnectMs: 60_000 }),
    );
    await Promise.all(streams.map((stream) => stream.event("snapshot")));
    expect(await metric(server, "pulse_live_streams")).toBe(50);

    const startedAt = performance.now();
    server.signal("SIGTERM");
    expect(await server.ended()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await Promise.all(streams.map((stream) => stream.ended()));
    for (const stream of streams) {
      expect(stream.types).toEqual(["snapshot", "end"]);
      expect(stream.events[1]).toMatchObject({ data: { reason: "shutting_down" } });
      stream.close();
    }
    expect(server.logs.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("that is told to stop does not wait for a reader that takes nothing", async () => {
    await using server = await startServer();
    const { cookie } = await signUp(server);
    const socket = openSocket(server);
    socket.on("error", () => {});
    socket.pause();
    socket.write(`GET /api/trpc/live.events HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\n\r\n`);
    await until(async () => (await metric(server, "pulse_live_streams")) === 1);
    const startedAt = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    socket.destroy();
  });
});

test("a reader that takes nothing costs the server no more than its queue, and holds up nobody", async () => {
  await using own = await startInProcess();
  const visitor = await signUp(own);
  const socket = openSocket(own);
  socket.on("error", () => {});
  socket.pause();
  socket.write(`GET /api/trpc/live.events HTTP/1.1\r\nHost: a\r\nCookie: ${visitor.cookie}\r\n\r\n`);
  await until(() => own.edge.bus.streamCount === 1);
  using bystander = openLiveStream(own, { cookie: visitor.cookie });
  await bystander.event("snapshot");

  /* 40 MB of events, forty times what the queue of one stream may hold. */
  const padding = "x".repeat(100_000);
  for (let sent = 1; sent <= 400; sent++) {
    own.edge.bus.publish(
      DEFAULT_ORG,
      "resources",
      sent,
      JSON.stringify({ changed: [], removed: [], padding }),
    );
    if (sent % 5 === 0) await bystander.count(sent + 1);
  }
  expect(own.edge.bus.streamCount).toBe(2);

  /* What was kept for it is what fits into its queue and the sockets; the rest is told by a picture. */
  let received = "";
  const told = (type: string) => received.split(`"type":"${type}"`).length - 1;
  socket.on("data", (chunk) => {
    received += chunk.toString("latin1");
  });
  socket.resume();
  await until(() => told("snapshot") === 2);
  expect(told("resources")).toBeGreaterThan(0);
  expect(told("resources")).toBeLessThan(100);
  socket.destroy();
});
