/** "Order of checks" in the contract: the first that fails answers, whoever asks and by whatever way. */
import { afterAll, describe, expect, test } from "bun:test";
import { call, PASSWORD, readAnswer, signIn, signUp, type Target, type Visitor } from "../support/calls.ts";
import { metric } from "../support/metrics.ts";
import { exchange } from "../support/raw-socket.ts";
import { runPulse, startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

interface House {
  server: TestServer;
  owner: Visitor;
  viewer: Visitor;
}

const off = await build({});
const on = await build({ PULSE_MULTI_TENANT_ENABLED: "true" });
afterAll(() => Promise.all([off.server.stop(), on.server.stop()]));

/** One that might exist and one that cannot; both as id and as short name. */
const OTHER_ORGS = ["acme", "o222222222222222222a", "default-2", "instance"];
const NO_ORGS = [
  "A",
  "Acme",
  "a",
  "-acme",
  "acme-",
  "ac--me",
  "acme!",
  "../acme",
  "a".repeat(41),
  "default,acme",
];
const PROCEDURES = [
  "features.list",
  "session.me",
  "resources.list",
  "system.status",
  "session.signIn",
  "session.signOut",
  "live.events",
];

/** Everybody who could ask, by what they send. */
function askers({ owner, viewer }: House): [who: string, headers: Record<string, string>][] {
  return [
    ["nobody", {}],
    ["the owner", { cookie: owner.cookie ?? "" }],
    ["a viewer", { cookie: viewer.cookie ?? "" }],
    ["a forged session", { cookie: `pulse_session=${"a".repeat(40)}` }],
    ["a token", { authorization: "Bearer pulse_x" }],
  ];
}

describe("1. the form of the requested org", () => {
  for (const [flag, house] of [["off", off] as const, ["on", on] as const]) {
    for (const [who, headers] of askers(house)) {
      test(`is judged before all else: flag ${flag}, asked by ${who}`, async () => {
        for (const path of PROCEDURES) {
          for (const org of NO_ORGS) {
            const answer = await call(house.server, path, { headers: { ...headers, "x-pulse-org-id": org } });
            expect([path, org, answer.status, answer.error?.reason]).toEqual([path, org, 400, "invalid_org"]);
          }
        }
      });
    }
  }

  test("is judged as bytes: letters that only look like ours are not ours", async () => {
    const raw = "GET /api/trpc/session.me HTTP/1.1\r\nHost: a\r\nX-Pulse-Org-Id: d\xc3\xa9fault\r\n\r\n";
    const { status, body } = await exchange(off.server, Buffer.from(raw, "latin1"));
    expect([status, JSON.parse(body).error.data.reason]).toEqual([400, "invalid_org"]);
  });
});

describe("2. the feature gate: with the flag off", () => {
  for (const org of OTHER_ORGS) {
    test(`${org} answers 501, in the same bytes whoever asks`, async () => {
      for (const path of PROCEDURES) {
        const bodies = new Set<string>();
        for (const [, headers] of askers(off)) {
          const answer = await ask(off.server, path, { ...headers, "x-pulse-org-id": org });
          expect([path, answer.status, answer.error?.reason]).toEqual([path, 501, "feature_disabled"]);
          bodies.add(answer.body);
        }
        expect([path, bodies.size]).toEqual([path, 1]);
      }
    });
  }

  test("every other org answers alike, whatever its name", async () => {
    const bodies = await Promise.all(
      OTHER_ORGS.map(async (org) => (await ask(off.server, "session.me", { "x-pulse-org-id": org })).body),
    );
    expect(new Set(bodies).size).toBe(1);
  });

  test("every call of a batch answers so", async () => {
    const bodies = new Set<string>();
    for (const [, headers] of askers(off)) {
      const answer = await ask(off.server, "features.list,session.me,nothing.here?batch=1", {
        ...headers,
        "x-pulse-org-id": "acme",
      });
      const items = JSON.parse(answer.body) as { error: { data: { httpStatus: number } } }[];
      expect(items.map(({ error }) => error.data.httpStatus)).toEqual([501, 501, 404]);
      expect(answer.status).toBe(207);
      bodies.add(answer.body);
    }
    expect(bodies.size).toBe(1);
  });

  test("nothing tells that there could be orgs: features.list has no such key", async () => {
    const { data } = await call<{ features: object }>(off.server, "features.list");
    expect(data).toEqual({ features: { setup: false } });
  });
});

describe("3. the licence gate: with the flag on and no licence", () => {
  for (const [who, headers] of askers(on)) {
    test(`any other org answers ${who} 402, before anything about them is looked at`, async () => {
      for (const path of PROCEDURES) {
        for (const org of OTHER_ORGS) {
          const answer = await ask(on.server, path, { ...headers, "x-pulse-org-id": org });
          expect([path, org, answer.status, answer.error?.reason]).toEqual([
            path,
            org,
            402,
            "license_required",
          ]);
        }
      }
    });
  }

  test("features.list says that there is the feature and that it is not to be had", async () => {
    const { data } = await call(on.server, "features.list");
    expect(data).toEqual({ features: { setup: false, multi_tenant: false } });
  });
});

describe("4. authentication", () => {
  const needed = PROCEDURES.filter((path) => path !== "features.list" && path !== "session.signIn");
  for (const [flag, { server, owner }] of [["off", off] as const, ["on", on] as const]) {
    test(`comes before role and input: flag ${flag}`, async () => {
      for (const path of needed) {
        const answer = await ask(server, path, {});
        expect([path, answer.status, answer.error?.reason]).toEqual([path, 401, "authentication_required"]);
      }
      const bad = await call(server, "resources.get", { input: { nonsense: 1 } });
      expect(bad.status).toBe(401);
    });

    test(`a credential that is present and invalid never falls back: flag ${flag}`, async () => {
      for (const path of needed) {
        const forged = await ask(server, path, { cookie: `pulse_session=${"a".repeat(40)}` });
        expect([path, forged.status, forged.error?.reason]).toEqual([path, 401, "session_expired"]);
        const token = await ask(server, path, {
          cookie: owner.cookie ?? "",
          authorization: "Bearer pulse_x",
        });
        expect([path, token.status, token.error?.reason]).toEqual([path, 401, "token_invalid"]);
      }
    });
  }
});

describe("the requested org", () => {
  for (const [flag, { server, owner }] of [["off", off] as const, ["on", on] as const]) {
    test(`default is like none: flag ${flag}`, async () => {
      const named = await owner.call("resources.list", { headers: { "x-pulse-org-id": "default" } });
      const none = await owner.call("resources.list");
      expect([named.status, named.body]).toEqual([200, none.body]);
    });

    test(`two that contradict each other are refused: flag ${flag}`, async () => {
      const twice = (first: string, second: string) =>
        exchange(
          server,
          `GET /api/trpc/session.me HTTP/1.1\r\nHost: a\r\nCookie: ${owner.cookie}\r\n` +
            `X-Pulse-Org-Id: ${first}\r\nX-Pulse-Org-Id: ${second}\r\n\r\n`,
        );
      for (const [one, other] of [["default", "acme"] as const, ["acme", "default"] as const]) {
        const { status, body } = await twice(one, other);
        expect([status, JSON.parse(body).error.data.reason]).toEqual([403, "org_mismatch"]);
      }
      expect((await twice("default", "default")).status).toBe(200);
    });
  }

  test("other names for it do nothing: they are dropped at the door", async () => {
    const headers = { "x-org-id": "acme", "x-tenant-id": "acme", "x-pulse-org": "acme" };
    expect((await off.owner.call("session.me", { headers })).status).toBe(200);
  });
});

describe("7. to 10.", () => {
  test("the role comes before the input: a viewer is no operator", async () => {
    const answer = await off.viewer.call("system.status", { input: { nonsense: 1 } });
    expect([answer.status, answer.error?.reason]).toEqual([403, "role_required"]);
    expect((await off.owner.call("system.status")).status).toBe(200);
  });

  test("a viewer reads", async () => {
    expect((await off.viewer.call("resources.list")).status).toBe(200);
  });

  test("the input comes before the object", async () => {
    const malformed = await off.viewer.call("resources.get", { input: { id: "x", more: 1 } });
    expect([malformed.status, Object.keys(malformed.error?.fields ?? {}).sort()]).toEqual([
      400,
      ["id", "more"],
    ]);
    const unknown = await off.viewer.call("resources.get", { input: { id: `r${"a".repeat(19)}` } });
    expect([unknown.status, unknown.error?.reason]).toEqual([404, "not_found"]);
  });

  test("the rate comes after the role and before the input, and says when to come back", async () => {
    const busy = await signIn(off.server, { email: "viewer@example.org", password: PASSWORD });
    const ten = `${Array.from({ length: 10 }, () => "session.me").join(",")}?batch=1`;
    for (let sent = 0; sent < 45; sent++) await busy.call(ten);
    /* One more is allowed every 25 ms: on a slow machine the next may just be one that is. */
    const once = async (path: string, input?: object) => {
      for (let tries = 0; ; tries++) {
        const answer = await busy.call(path, input && { input });
        if (answer.status === 429 || tries === 20) return answer;
        await Promise.all([busy.call(ten), busy.call(ten)]);
      }
    };
    const limited = await once("resources.get", { nonsense: 1 });
    expect([limited.status, limited.error?.reason]).toEqual([429, "rate_limited"]);
    expect(limited.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    await until(async () => (await reasonOfStream(busy, ten)) === "rate_limited", { withinMs: 20_000 });
    const refused = await busy.call("system.status");
    expect([refused.status, refused.error?.reason]).toEqual([403, "role_required"]);
    expect((await off.viewer.call("session.me")).status).toBe(200);
  });
});

/** Asked for in the middle of calls that use up what is allowed; one that is open never ends, and is let go. */
async function reasonOfStream({ target, cookie = "" }: Visitor, ten: string): Promise<string | undefined> {
  const stop = new AbortController();
  const ask = (path: string) =>
    fetch(`${target.url}/api/trpc/${path}`, { headers: { cookie }, signal: stop.signal });
  const before = [ask(ten), ask(ten)];
  const response = await ask("live.events");
  await Promise.all(before);
  const isOpen = response.headers.get("content-type")?.startsWith("text/event-stream");
  const { error } = isOpen ? {} : await readAnswer(response);
  stop.abort();
  return error?.reason;
}

describe("a denial is counted and logged,", () => {
  const denied = (server: Target, reason: string, procedure: string) =>
    metric(server, "pulse_access_denied_total", { reason, procedure });

  async function counts(reason: string, procedure: string, act: () => Promise<unknown>): Promise<number> {
    const before = await denied(off.server, reason, procedure);
    await act();
    return (await denied(off.server, reason, procedure)) - before;
  }

  test("once for a call", async () => {
    expect(
      await counts("authentication_required", "session.me", () => ask(off.server, "session.me", {})),
    ).toBe(1);
  });

  test("for each call of a batch, whatever the status of the whole", async () => {
    const batch = () => ask(off.server, "features.list,session.me,session.me?batch=1", {});
    expect(await counts("authentication_required", "session.me", batch)).toBe(2);
  });

  test("for a stream", async () => {
    expect(
      await counts("authentication_required", "live.events", () => ask(off.server, "live.events", {})),
    ).toBe(1);
  });

  test("for the feature gate", async () => {
    const act = () => ask(off.server, "resources.list", { "x-pulse-org-id": "acme" });
    expect(await counts("feature_disabled", "resources.list", act)).toBe(1);
  });

  test("for a role", async () => {
    expect(await counts("role_required", "system.status", () => off.viewer.call("system.status"))).toBe(1);
  });

  test("at the door too, before there is a procedure", async () => {
    const act = () => ask(off.server, "session.me", { "sec-fetch-site": "cross-site" });
    expect(await counts("origin_refused", "http", act)).toBe(1);
  });

  test("and not when nothing was denied", async () => {
    const act = () => off.viewer.call("resources.get", { input: { id: `r${"a".repeat(19)}` } });
    expect(await counts("not_found", "resources.get", act)).toBe(0);
  });

  test("with who was refused what, as soon as that is known", async () => {
    const me = await off.viewer.api.session.me.query();
    await off.viewer.call("system.status", { headers: { "x-request-id": "denied-with-a-name" } });
    const line = await off.server.line(({ request_id }) => request_id === "denied-with-a-name");
    expect(line).toMatchObject({
      level: "warn",
      procedure: "system.status",
      reason: "role_required",
      user_id: me.user.id,
    });
  });

  test("with the org that was requested", async () => {
    await ask(on.server, "session.me", { "x-pulse-org-id": "acme", "x-request-id": "denied-with-an-org" });
    const line = await on.server.line(({ request_id }) => request_id === "denied-with-an-org");
    expect(line).toMatchObject({ level: "warn", reason: "license_required", org_id: "acme" });
  });

  test("and a request that was served is counted under its procedure, inside a batch and as a stream", async () => {
    const served = (route: string) =>
      metric(off.server, "pulse_http_requests_total", { method: "GET", route, status: "200" });
    const before = [await served("session.me"), await served("live.events")];
    await off.owner.call("session.me,session.me?batch=1");
    const stream = await fetch(`${off.server.url}/api/trpc/live.events`, {
      headers: { cookie: off.owner.cookie ?? "" },
    });
    await stream.body?.cancel();
    expect([await served("session.me"), await served("live.events")]).toEqual([
      before[0]! + 2,
      before[1]! + 1,
    ]);
  });
});

describe("x-user-id", () => {
  test("is on every answer to somebody signed in, also to a refusal, a stream and any batch", async () => {
    const { user } = await off.viewer.api.session.me.query();
    const paths = [
      "session.me",
      "resources.list",
      "system.status",
      "session.me,features.list?batch=1",
      "features.list,session.me?batch=1",
    ];
    for (const path of paths) {
      const { headers } = await off.viewer.call(path);
      expect([path, headers.get("x-user-id")]).toEqual([path, user.id]);
    }
    const stream = await fetch(`${off.server.url}/api/trpc/live.events`, {
      headers: { cookie: off.viewer.cookie ?? "" },
    });
    expect(stream.headers.get("x-user-id")).toBe(user.id);
    await stream.body?.cancel();
  });

  test("is on no answer to anybody else", async () => {
    for (const [who, headers] of askers(off).filter(([who]) => who !== "the owner" && who !== "a viewer")) {
      const answer = await ask(off.server, "session.me", headers);
      expect([who, answer.headers.get("x-user-id")]).toEqual([who, null]);
    }
  });
});

/** One call with one request id, so that equal answers are equal to the byte. */
function ask(target: Target, path: string, headers: Record<string, string>) {
  return call(target, path, { headers: { "x-request-id": "the-same-for-all", ...headers } });
}

async function build(env: Record<string, string>): Promise<House> {
  const server = await startServer({ env });
  const owner = await signUp(server);
  const email = "viewer@example.org";
  const { password } = (await runPulse(server.dataDir, ["user", "create", email, "--json"])).json<{
    password: string;
  }>();
  const viewer = await signIn(server, { email, password });
  await viewer.call("session.changePassword", {
    input: { currentPassword: password, newPassword: PASSWORD },
  });
  return { server, owner, viewer };
}
