/**
 * Every procedure × every kind of caller × every mode: what comes back is what the matrix says, to the letter.
 */
import { describe, expect, test } from "bun:test";
import type { AnyProcedure } from "@trpc/server";
import { appRouter } from "../../server/api/router.ts";
import type { Reason } from "../../server/contract/errors.ts";
import { exchange } from "../support/raw-socket.ts";
import { expected, type ProcedurePath, type Row, rows } from "./matrix.ts";
import { type OrgTag, PRINCIPALS, type PrincipalName } from "./principals.ts";
import { type Carrier, headersFor, MODES, ORG_HEADER, startWorld, type World } from "./world.ts";

const PATIENCE_MS = 120_000;
/** More would say no more. */
const ENOUGH_WRONG = 10;

test("P01: every procedure has a row and every row a procedure", () => {
  const { lazy, procedures } = appRouter._def as unknown as {
    lazy: Record<string, unknown>;
    procedures: Record<string, AnyProcedure>;
  };
  expect(Object.keys(lazy)).toEqual([]);
  expect(rows.map(([path]) => path).sort()).toEqual(Object.keys(procedures).sort() as ProcedurePath[]);
});

describe("each caller gets what the matrix says, and no other answer", () => {
  for (const mode of MODES) {
    const carriers: Carrier[] = mode === "on" ? ["slug", "id", "domain", "cookie"] : ["slug", "none"];
    test(
      `G03–G07, M01–M12, mode ${mode}, asked by ${carriers.join(", ")}`,
      async () => {
        await using world = await startWorld(mode);
        const wrong: string[] = [];
        let cells = 0;
        for (const { path, row, carrier, who } of cellsOf(carriers)) {
          if (carrier === "cookie" && !world.orgCookies[who]) continue;
          cells++;
          const wanted = expected(row, who, mode, carrier === "none");
          const got = await outcome(world, path, row, who, carrier);
          if (!matches(path, row, who, wanted, got))
            wrong.push(`${path} ${who} by ${carrier}: ${got}, not ${wanted}`);
          if (wrong.length === ENOUGH_WRONG) break;
          if (row.undo && got === "ok") await row.undo(world, who);
        }
        expect(wrong).toEqual([]);
        expect(cells).toBeGreaterThan(rows.length * PRINCIPALS.length);
      },
      PATIENCE_MS,
    );
  }
});

/** The owner cannot leave; of two sessions of one person the other is ended with the first. */
function matches(path: string, row: Row, who: PrincipalName, wanted: string, got: string): boolean {
  if (got === wanted) return true;
  if (wanted !== "ok" || row.cells[who] !== "in") return false;
  return path === "members.leave" && (who === "owner" || who === "ownerLong") && got === "owner_required";
}

async function outcome(
  world: World,
  path: ProcedurePath,
  row: Row,
  who: PrincipalName,
  carrier: Carrier,
): Promise<"ok" | Reason | string> {
  const input = row.input?.(world);
  if (path === "live.events") return streamOutcome(world, who, carrier);
  const { status, error, body } = await world.call(who, path, { input, carrier });
  if (status === 200) return "ok";
  return error?.reason ?? `${status} ${body}`;
}

/** An open stream never ends: its head says enough. */
async function streamOutcome(world: World, who: PrincipalName, carrier: Carrier): Promise<string> {
  const stop = new AbortController();
  const response = await fetch(`${world.server.url}/api/trpc/live.events`, {
    headers: { ...headersFor(world, who, { carrier }), accept: "text/event-stream" },
    signal: stop.signal,
  });
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) {
    stop.abort();
    return "ok";
  }
  const { error } = (await response.json()) as { error: { data: { reason: string } } };
  return error.data.reason;
}

function* cellsOf(carriers: readonly Carrier[]) {
  for (const [path, row] of inOrder(rows))
    for (const carrier of row.last ? carriers.slice(0, 1) : carriers)
      for (const who of refusedFirst(row)) yield { path, row, carrier, who };
}

function inOrder<Path>(all: [Path, Row][]): [Path, Row][] {
  return [...all].sort(([, a], [, b]) => (a.last ?? 0) - (b.last ?? 0));
}

/** Who may comes last: what they do is not to hide how the others are refused. */
function refusedFirst({ cells }: Row): PrincipalName[] {
  const may = (who: PrincipalName) => (cells[who] === "in" ? 1 : 0);
  return [...PRINCIPALS].sort((a, b) => may(a) - may(b));
}

describe("hostile ways of asking for acme", () => {
  const strangers: PrincipalName[] = [
    "foreignOwner",
    "formerMember",
    "operator",
    "shareViewer",
    "tokForeign",
  ];

  test(
    "R07–R10: none of them ever opens acme to somebody from outside",
    async () => {
      await using world = await startWorld();
      const { acme, beta, gamma } = world.orgs;
      const home: Partial<Record<PrincipalName, string>> = {
        foreignOwner: beta.slug,
        shareViewer: gamma.slug,
        tokForeign: beta.slug,
        operator: "default",
      };
      const forged = `${acme.id}.${world.orgCookies.owner?.split(".")[1]}`;
      const look = acme.slug.replace("a", "а");
      const ways = (who: PrincipalName): Record<string, string>[] => [
        { [ORG_HEADER]: acme.slug },
        { [ORG_HEADER]: acme.id },
        { host: acme.domain },
        { host: acme.domain.toUpperCase() },
        { host: `${acme.domain}.` },
        { host: acme.domain, [ORG_HEADER]: home[who] ?? "default" },
        { [ORG_HEADER]: acme.slug.toUpperCase() },
        { [ORG_HEADER]: `${acme.slug} ` },
        { [ORG_HEADER]: encodeURIComponent(acme.slug).replace("-", "%2d") },
        { [ORG_HEADER]: Buffer.from(look).toString("latin1") },
        { [ORG_HEADER]: `${home[who] ?? "default"}, ${acme.slug}` },
        { [ORG_HEADER]: `${acme.slug},${home[who] ?? "default"}` },
        { [ORG_HEADER]: `../${acme.slug}` },
        { [ORG_HEADER]: `../${acme.id}` },
        { [ORG_HEADER]: `${acme.id}.` },
        { [ORG_HEADER]: "0" },
        { [ORG_HEADER]: "" },
        { [ORG_HEADER]: "null" },
        { [ORG_HEADER]: "__proto__" },
        { [ORG_HEADER]: "constructor" },
        { [ORG_HEADER]: "default" },
        { [ORG_HEADER]: home[who] ?? "default", "x-org-id": acme.id, "x-tenant-id": acme.id },
        { "x-user-id": world.people.owner?.id ?? "", "x-forwarded-user": world.people.owner?.email ?? "" },
        { "x-forwarded-host": acme.domain },
        { cookie: `pulse_org=${forged}` },
        { cookie: `pulse_org=${world.orgCookies.owner}` },
        { cookie: `pulse_org=${acme.id}` },
        { cookie: `pulse_org=${acme.id}.`, [ORG_HEADER]: home[who] ?? "default" },
        { cookie: "pulse_org=__proto__" },
        { cookie: `__Host-pulse_org=${world.orgCookies.owner}` },
      ];
      const secrets = world.canaries.filter(
        ({ org, place }) => org === "acme" && place.startsWith("resource."),
      );
      for (const who of strangers) {
        for (const way of ways(who)) {
          const own = world.headers[who];
          const cookie = [own.cookie, way.cookie].filter(Boolean).join("; ");
          const headers = { ...own, ...way, ...(cookie && { cookie }) };
          for (const path of ["resources.list", "resources.get", "orgs.get"]) {
            const input = path === "resources.get" ? `?input={"id":"${acme.other}"}` : "";
            const response = await fetch(`${world.server.url}/api/trpc/${path}${input}`, { headers });
            const body = await response.text();
            const seen = secrets.filter(({ text }) => body.includes(text)).map(({ place }) => place);
            const shared = who === "shareViewer" && way[ORG_HEADER] === gamma.slug;
            expect([who, way, path, body.includes(acme.other) && !body.includes('"error"')]).toEqual([
              who,
              way,
              path,
              false,
            ]);
            if (!shared) expect([who, way, path, seen]).toEqual([who, way, path, []]);
            expect(response.status).not.toBe(500);
          }
        }
      }
    },
    PATIENCE_MS,
  );

  test("R07: what is not in the form of an org is refused before anything else is looked at", async () => {
    await using world = await startWorld();
    const { slug, id } = world.orgs.acme;
    for (const org of [
      slug.toUpperCase(),
      id.toUpperCase(),
      `../${slug}`,
      `${slug},${slug}`,
      "a",
      "a--b",
      `${id}.`,
      "",
    ]) {
      for (const who of ["viewer", "anon", "foreignOwner"] as const) {
        const asked = { carrier: "none", headers: { [ORG_HEADER]: org } } as const;
        const { status, error } = await world.call(who, "resources.list", asked);
        expect([org, who, status, error?.reason]).toEqual([org, who, 400, "invalid_org"]);
      }
    }
  });

  test("R08: a header that is there twice is one org twice, or refused", async () => {
    await using world = await startWorld();
    const { acme, beta } = world.orgs;
    const ask = async (first: string, second: string) => {
      const bytes =
        `GET /api/trpc/resources.list HTTP/1.1\r\nHost: a\r\nCookie: ${world.headers.viewer.cookie}\r\n` +
        `X-Pulse-Org-Id: ${first}\r\nX-Pulse-Org-Id: ${second}\r\nConnection: close\r\n\r\n`;
      const { status, body } = await exchange(world.server, bytes);
      const answer = JSON.parse(body) as { error?: { data: { reason: Reason } } };
      return [status, answer.error?.data.reason];
    };
    expect(await ask(acme.slug, acme.slug)).toEqual([200, undefined]);
    expect(await ask(acme.slug, beta.slug)).toEqual([403, "org_mismatch"]);
    expect(await ask(beta.slug, acme.slug)).toEqual([403, "org_mismatch"]);
    expect(await ask(acme.slug, "default")).toEqual([403, "org_mismatch"]);
  });

  test("R04, R11: a header decides for its own call, whatever the cookie remembers: 1,000 interleaved", async () => {
    await using world = await startWorld();
    const asked = Array.from({ length: 1_000 }, (_, turn): OrgTag => (turn % 2 === 0 ? "acme" : "gamma"));
    for (let from = 0; from < asked.length; from += 25) {
      await Promise.all(
        asked.slice(from, from + 25).map(async (org) => {
          const { data } = await world.call<{ org: { id: string } }>("dualMember", "orgs.get", { org });
          expect(data.org.id).toBe(world.orgs[org].id);
        }),
      );
    }
  });

  test("R09: a cookie that was not made for this session is refused, forgotten and counted", async () => {
    await using world = await startWorld();
    const cookie = `${world.headers.viewer.cookie}; pulse_org=${world.orgCookies.owner}`;
    const { status, error, headers } = await world.call("viewer", "resources.list", {
      carrier: "none",
      headers: { cookie },
    });
    expect([status, error?.reason]).toEqual([403, "org_cookie_invalid"]);
    expect(headers.getSetCookie().join()).toContain("pulse_org=; Path=/; Max-Age=0");
    const metrics = await (await fetch(`${world.server.url}/metrics`)).text();
    expect(metrics).toContain('pulse_org_spoof_total{carrier="cookie"} 1');
  });
});

test("R03, R05, R06, M09, M11: with nothing asked for it is `default`, or the one org a token is bound to", async () => {
  await using world = await startWorld();
  const ask = async (who: PrincipalName) => {
    const { status, error, body } = await world.call(who, "resources.list", { carrier: "none" });
    return [who, status, error?.reason ?? (body.includes(world.orgs.acme.host) ? "acme" : "another")];
  };
  expect(await ask("viewer")).toEqual(["viewer", 403, "access_denied"]);
  expect(await ask("owner")).toEqual(["owner", 403, "access_denied"]);
  expect(await ask("operator")).toEqual(["operator", 200, "another"]);
  expect(await ask("tokRead")).toEqual(["tokRead", 200, "acme"]);
  expect(await ask("tokForeign")).toEqual(["tokForeign", 200, "another"]);
  const orgs = [world.orgs.acme.slug, world.orgs.gamma.slug];
  const promoted = { userId: world.people.dualMember?.id, role: "admin" };
  await world.call("owner", "members.setRole", { input: promoted });
  const make = (bound: string[]) =>
    world.call<{ token: string }>("dualMember", "tokens.create", {
      input: { name: "made", scopes: ["read"], orgs: bound },
    });
  const both = await make(orgs);
  const one = await make([world.orgs.gamma.slug]);
  const elsewhere = await world.call("anon", "resources.list", {
    headers: { authorization: `Bearer ${one.data.token}` },
  });
  /* M03: its maker could; the token is bound to another. */
  expect([elsewhere.status, elsewhere.error?.reason]).toEqual([403, "access_denied"]);
  const headers = { authorization: `Bearer ${both.data.token}` };
  const asked = async (more: Record<string, string>) =>
    (await world.call("anon", "resources.list", { carrier: "none", headers: { ...headers, ...more } }))
      .status;
  expect(await asked({})).toBe(403);
  expect(await asked({ [ORG_HEADER]: world.orgs.acme.slug })).toBe(200);
  expect(await asked({ [ORG_HEADER]: world.orgs.gamma.slug })).toBe(200);
  expect(await asked({ [ORG_HEADER]: world.orgs.beta.slug })).toBe(403);
});

test("M04, M05: a token that is sent decides alone, whoever's session comes along", async () => {
  await using world = await startWorld();
  const both = (token: PrincipalName, session: PrincipalName) => ({
    ...world.headers[token],
    ...world.headers[session],
  });
  const ask = async (token: PrincipalName, org: "acme" | "beta") => {
    const { status, error } = await world.call("anon", "resources.list", {
      org,
      headers: both(token, "owner"),
    });
    return [status, error?.reason];
  };
  expect(await ask("tokForeign", "acme")).toEqual([403, "access_denied"]);
  expect(await ask("tokExpired", "acme")).toEqual([401, "token_invalid"]);
  expect(await ask("tokRevoked", "acme")).toEqual([401, "token_invalid"]);
  expect(await ask("tokForeign", "beta")).toEqual([200, undefined]);
});

test("M01, O11: unknown, foreign, deleted and purged answer in the same bytes, whoever is no member asks", async () => {
  await using world = await startWorld();
  const made = async (slug: string) => {
    const { data } = await world.call<{ org: { id: string } }>("operator", "orgs.create", {
      carrier: "none",
      input: { slug, name: slug },
    });
    return data.org.id;
  };
  const [deleted, purged] = [await made("to-delete"), await made("to-purge")];
  for (const id of [deleted, purged])
    await world.call("operator", "orgs.delete", { carrier: "none", headers: { [ORG_HEADER]: id } });
  await world.call("operator", "orgs.purge", { carrier: "none", input: { org: purged } });
  const asked = [
    "never-there",
    "o222222222222222222a",
    world.orgs.acme.slug,
    world.orgs.acme.id,
    deleted,
    "to-delete",
    purged,
    world.orgs.delta.slug,
  ];
  for (const who of ["foreignOwner", "formerMember", "shareViewer", "tokForeign", "pendingInvite"] as const) {
    for (const path of [
      "resources.list",
      "members.list",
      "audit.list",
      "orgs.get",
      "tokens.list",
      "live.events",
    ]) {
      const bodies = new Set<string>();
      for (const org of asked) {
        const headers = { [ORG_HEADER]: org, "x-request-id": "the-same-for-all" };
        const { status, body } = await world.call(who, path, { carrier: "none", headers });
        bodies.add(`${status} ${body}`);
      }
      expect([who, path, [...bodies].length]).toEqual([who, path, 1]);
    }
  }
});

test("M01: foreign and unknown take the same time: medians of 200 pairs within 5 ms", async () => {
  await using world = await startWorld();
  const times: [foreign: number[], unknown: number[]] = [[], []];
  for (let turn = 0; turn < 200; turn++) {
    for (const [list, org] of [
      [times[0], world.orgs.acme.id],
      [times[1], "o222222222222222222a"],
    ] as const) {
      const startedAt = performance.now();
      await world.call("foreignOwner", "resources.list", { carrier: "none", headers: { [ORG_HEADER]: org } });
      list.push(performance.now() - startedAt);
    }
  }
  const [foreign, unknown] = times.map((list) => list.sort((a, b) => a - b)[100] ?? 0) as [number, number];
  expect(Math.abs(foreign - unknown)).toBeLessThan(5);
});
