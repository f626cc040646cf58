/** R: which org a request is about. What a caller says is a request; it is checked and grants nothing. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Org } from "../../server/contract/orgs.ts";
import { call, type Visitor } from "../support/calls.ts";
import { metric } from "../support/metrics.ts";
import { exchange } from "../support/raw-socket.ts";
import {
  ask,
  bringIn,
  buildHouse,
  buildHouseInProcess,
  byToken,
  emailOf,
  must,
  newToken,
  orgHeader,
  refused,
  signInAs,
} from "./house.ts";

setDefaultTimeout(60_000);

const house = await buildHouse();
const { server, olga, alice, bob, acme, beta } = house;
afterAll(() => server.stop());

/** The org an answer was given for. */
async function orgOf(answer: ReturnType<Visitor["call"]>): Promise<string> {
  return (await must<{ org: Org }>(answer)).org.slug;
}

/** `pulse_org` for this visitor's session, as the page gets it: by asking for the org by name. */
async function orgCookie(who: Visitor, org: Org): Promise<string> {
  const answer = await call(server, "orgs.get", { cookie: who.cookie, headers: orgHeader(org) });
  const [line = ""] = answer.headers.getSetCookie().filter((cookie) => cookie.startsWith("pulse_org="));
  const value = /^pulse_org=([^;]+)/.exec(line)?.[1];
  if (!value) throw new Error(`no cookie: ${answer.body}`);
  return value;
}

/** A call with this session and exactly this org cookie. */
function withCookie(who: Visitor, orgCookieValue: string, path = "orgs.get", headers = {}) {
  const session = `pulse_session=${who.cookies.get("pulse_session")}`;
  return call(server, path, { cookie: `${session}; pulse_org=${orgCookieValue}`, headers });
}

/** Without the cookies a browser collects: header and nothing else. */
function withHeader(who: Visitor, org: string, path = "orgs.get") {
  const cookie = `pulse_session=${who.cookies.get("pulse_session")}`;
  return call(server, path, { cookie, headers: orgHeader(org) });
}

test("R01 header acme: acme; slug and id are equal", async () => {
  const bySlug = await withHeader(alice, "acme");
  const byId = await withHeader(alice, acme.id);
  expect([await orgOf(Promise.resolve(bySlug)), byId.body]).toEqual(["acme", bySlug.body]);
});

test("R02 cookie acme only: acme", async () => {
  expect(await orgOf(withCookie(alice, await orgCookie(alice, acme)))).toBe("acme");
});

test("R03 nothing: `default`", async () => {
  const cookie = `pulse_session=${olga.cookies.get("pulse_session")}`;
  expect(await orgOf(call(server, "orgs.get", { cookie }))).toBe("default");
});

test("R04 header acme (member) and cookie beta (not member): acme, 200", async () => {
  /* A cookie for beta that is really of this session: given while there was a membership. */
  const guest = await signInAs(server, await emailOf(alice));
  await bringIn(bob, beta, guest, "viewer");
  const cookie = await orgCookie(guest, beta);
  await must(ask(guest, beta, "members.leave"));
  await refused(withCookie(guest, cookie), 403, "access_denied");
  expect(await orgOf(withCookie(guest, cookie, "orgs.get", orgHeader("acme")))).toBe("acme");
});

describe("a token and nothing requested", () => {
  test("R05 bound to acme: acme", async () => {
    const token = await newToken(alice, acme);
    expect(await orgOf(byToken(server, token, "orgs.get"))).toBe("acme");
  });

  test("R06 bound to acme and beta: `default`, then 403 (not bound to it)", async () => {
    const both = await signInAs(server, await emailOf(olga));
    await bringIn(alice, acme, both, "admin");
    await bringIn(bob, beta, both, "admin");
    const token = await newToken(both, acme, { orgs: [acme.id, "beta"] });
    await refused(byToken(server, token, "orgs.get"), 403, "access_denied");
    for (const org of [acme, beta])
      expect(await orgOf(byToken(server, token, "orgs.get", { org }))).toBe(org.slug);
    for (const org of [acme, beta]) await must(ask(both, org, "members.leave"));
  });
});

describe("R07 a header that names nothing that could be an org: 400 `invalid_org`", () => {
  const FORMS: Record<string, string> = {
    "a path": "../bad",
    "a slash": "acme/",
    "41 characters": "a".repeat(41),
    "one character": "a",
    "upper case": "ACME",
    "one upper-case letter": "acmE",
    "an id in upper case": acme.id.toUpperCase(),
    "two, joined": "acme,beta",
    "two hyphens": "ac--me",
    "a hyphen at the end": "acme-",
    "an encoded dot": "acme%2e",
    "a dot": "acme.",
    "a wildcard": "*",
  };
  for (const [name, value] of Object.entries(FORMS)) {
    test(name, async () => {
      for (const who of [alice, bob]) await refused(withHeader(who, value), 400, "invalid_org");
      await refused(call(server, "features.list", { headers: orgHeader(value) }), 400, "invalid_org");
    });
  }

  /** What no client would send: the bytes themselves. */
  const RAW: Record<string, string> = {
    "nothing but spaces": "   ",
    nothing: "",
    "a Cyrillic a": "\xd0\xb0cme",
    "a fullwidth dot": "acme\xef\xbc\x8e",
    "an ideographic full stop": "acme\xe3\x80\x82",
    "a Kelvin sign": "\xe2\x84\xaaite",
    "half of a character": "acme\xc3",
    "a no-break space": "acme\xc2\xa0",
  };
  for (const [name, value] of Object.entries(RAW)) {
    test(`the bytes of ${name}`, async () => {
      const session = alice.cookies.get("pulse_session");
      const head = `GET /api/trpc/orgs.get HTTP/1.1\r\nHost: a\r\nCookie: pulse_session=${session}\r\n`;
      const request = Buffer.from(`${head}X-Pulse-Org-Id: ${value}\r\n\r\n`, "latin1");
      const { status, body } = await exchange(server, request);
      expect([status, JSON.parse(body).error?.data.reason]).toEqual([400, "invalid_org"]);
    });
  }

  test("a NUL: such a request is not even one", async () => {
    const session = alice.cookies.get("pulse_session");
    const { status } = await exchange(
      server,
      `GET /api/trpc/orgs.get HTTP/1.1\r\nHost: a\r\nCookie: pulse_session=${session}\r\nX-Pulse-Org-Id: ac\0me\r\n\r\n`,
    );
    expect(status).toBe(400);
  });
});

/** Requests to acme by its own host name. */
const DOMAIN = "monitor.acme.example";
function byDomain(
  who: { cookies: Map<string, string> } | undefined,
  { host = DOMAIN, header, path = "orgs.get" }: { host?: string; header?: string; path?: string } = {},
) {
  const lines = [
    `GET /api/trpc/${path} HTTP/1.1`,
    `Host: ${host}`,
    "X-Request-Id: the-same-for-all",
    ...(who ? [`Cookie: pulse_session=${who.cookies.get("pulse_session")}`] : []),
    ...(header === undefined ? [] : [`X-Pulse-Org-Id: ${header}`]),
  ];
  return exchange(server, `${lines.join("\r\n")}\r\n\r\n`);
}
const reasonIn = ({ status, body }: { status: number; body: string }) => [
  status,
  JSON.parse(body).error?.data.reason,
];

beforeAll(async () => {
  /* Where the server does not know its own name only an operator may give a domain. */
  await bringIn(alice, acme, olga, "admin");
  await must(ask(olga, acme, "orgs.update", { primaryDomain: DOMAIN }));
  await must(ask(olga, acme, "members.leave"));
});

describe("R08 two requests that disagree: 403 `org_mismatch`", () => {
  test("the header twice with different values, in either order, also from nobody", async () => {
    const twice = (first: string, second: string, cookie: string) =>
      exchange(
        server,
        `GET /api/trpc/orgs.get HTTP/1.1\r\nHost: a\r\n${cookie}X-Pulse-Org-Id: ${first}\r\nX-Pulse-Org-Id: ${second}\r\n\r\n`,
      );
    const cookie = `Cookie: pulse_session=${alice.cookies.get("pulse_session")}\r\n`;
    for (const [first, second] of [
      ["acme", "beta"],
      ["beta", "acme"],
      ["acme", "default"],
      ["default", "acme"],
      ["acme", acme.id],
    ] as const) {
      expect(reasonIn(await twice(first, second, cookie))).toEqual([403, "org_mismatch"]);
      expect(reasonIn(await twice(first, second, ""))).toEqual([403, "org_mismatch"]);
    }
    expect((await twice("acme", "acme", cookie)).status).toBe(200);
  });

  test("the header against the host name; together they are fine when they mean the same", async () => {
    for (const header of ["beta", beta.id, "default", "never-was"]) {
      expect([header, ...reasonIn(await byDomain(alice, { header }))]).toEqual([header, 403, "org_mismatch"]);
    }
    for (const header of ["acme", acme.id]) expect((await byDomain(alice, { header })).status).toBe(200);
  });
});

describe("R09 a cookie that was not made for this org and session: 403, cleared, counted", () => {
  const spoofs = () => metric(server, "pulse_org_spoof_total", { carrier: "cookie" });
  async function expectRefused(who: Visitor, value: string) {
    const before = await spoofs();
    const answer = await refused(withCookie(who, value), 403, "org_cookie_invalid");
    expect(answer.headers.getSetCookie().join()).toMatch(/pulse_org=;.*max-age=0/i);
    expect(await spoofs()).toBe(before + 1);
  }

  test("a wrong, cut, lengthened or missing signature; another org under it; nonsense", async () => {
    const good = await orgCookie(alice, acme);
    const [id = "", signature = ""] = good.split(".");
    const other = signature.startsWith("A") ? "B" : "A";
    for (const value of [
      `${id}.${other}${signature.slice(1)}`,
      good.slice(0, -1),
      `${good}A`,
      `${id}.`,
      id,
      `${beta.id}.${signature}`,
      `default.${signature}`,
      `acme.${signature}`,
      "x",
      `${good}.${signature}`,
    ]) {
      await expectRefused(alice, value);
    }
    await must(withCookie(alice, good));
  });

  test("one of another session, also of the same person", async () => {
    const elsewhere = await signInAs(server, await emailOf(alice));
    const own = await orgCookie(elsewhere, acme);
    await expectRefused(alice, own);
    await expectRefused(bob, own);
    await must(withCookie(elsewhere, own));
  });

  test("a stream is refused too, and so is every call of a batch", async () => {
    await refused(withCookie(alice, `${acme.id}.x`, "live.events"), 403, "org_cookie_invalid");
    const batch = await withCookie(alice, `${acme.id}.x`, "orgs.get,resources.list?batch=1");
    const items = JSON.parse(batch.body) as { error: { data: { reason: string } } }[];
    expect(items.map(({ error }) => error.data.reason)).toEqual(["org_cookie_invalid", "org_cookie_invalid"]);
  });
});

test("R10 `x-tenant-id`, `x-org-id`, `x-user-id`, `x-forwarded-user` from the client: no effect at all", async () => {
  const me = await must<{ user: { id: string } }>(bob.call("session.me"));
  const headers = { "x-request-id": "the-same-for-all" };
  const claims: Record<string, string>[] = [
    { "x-tenant-id": "beta" },
    { "x-org-id": beta.id },
    { "x-user-id": me.user.id },
    { "x-forwarded-user": "bob@beta.example" },
    { "x-remote-user": "bob@beta.example", "x-pulse-org": "beta", "x-forwarded-host": "beta" },
  ];
  for (const path of ["orgs.get", "resources.list", "session.me"]) {
    const plain = await call(server, path, {
      cookie: alice.cookie,
      headers: { ...headers, ...orgHeader(acme) },
    });
    expect(plain.status).toBe(200);
    for (const claim of claims) {
      const claimed = await call(server, path, {
        cookie: alice.cookie,
        headers: { ...headers, ...claim, ...orgHeader(acme) },
      });
      expect([claim, claimed.body]).toEqual([claim, plain.body]);
      expect([claim, claimed.headers.get("x-user-id")]).toEqual([claim, plain.headers.get("x-user-id")]);
      const anonymous = await call(server, path, { headers: { ...headers, ...claim } });
      expect([claim, anonymous.status]).toEqual([claim, 401]);
    }
  }
});

test("R11 one session in acme in one tab and in beta in another: 1,000 interleaved calls, each gets its own", async () => {
  const own = await buildHouseInProcess();
  await using _server = own.server;
  await bringIn(own.bob, own.beta, own.alice, "editor");
  const cookie = own.alice.cookie;
  const orgs = [own.acme, own.beta];
  const wrong: string[] = [];
  const calls = Array.from({ length: 1_000 }, (_, index) => orgs[index % 2] as Org);
  /* As many at once as a browser with many tabs would have under way. */
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      for (let org = calls.pop(); org; org = calls.pop()) {
        const answer = await call<{ org: Org }>(own.server, "orgs.get", { cookie, headers: orgHeader(org) });
        const role = org.slug === "acme" ? "owner" : "editor";
        if (answer.data?.org.id !== org.id || answer.data.org.role !== role) wrong.push(answer.body);
      }
    }),
  );
  expect(wrong).toEqual([]);
});

describe("R12 the host name that is acme's primary domain", () => {
  test("means acme for its members, whatever its port and case", async () => {
    for (const host of [DOMAIN, `${DOMAIN}:8443`, DOMAIN.toUpperCase()]) {
      const { status, body } = await byDomain(alice, { host });
      expect([host, status, status === 200 && JSON.parse(body).result.data.org.slug]).toEqual([
        host,
        200,
        "acme",
      ]);
    }
  });

  test("is the same 403 for others as any org they are no member of", async () => {
    const denied = await byDomain(bob);
    const unknown = await call(server, "orgs.get", {
      cookie: bob.cookie,
      headers: { ...orgHeader("never-was"), "x-request-id": "the-same-for-all" },
    });
    expect([denied.status, denied.body]).toEqual([403, unknown.body]);
    expect(reasonIn(await byDomain(undefined))).toEqual([401, "authentication_required"]);
  });

  test("that nobody has means `default`", async () => {
    const { body } = await byDomain(olga, { host: "monitor.other.example" });
    expect(JSON.parse(body).result.data.org.slug).toBe("default");
  });

  test("cannot be taken by a second org, nor by somebody who does not operate the server", async () => {
    await refused(ask(bob, beta, "orgs.update", { primaryDomain: "x.example.org" }), 403, "role_required");
    await bringIn(bob, beta, olga, "admin");
    await refused(ask(olga, beta, "orgs.update", { primaryDomain: DOMAIN }), 409, "already_exists");
    await must(ask(olga, beta, "members.leave"));
  });
});
