/**
 * Ids that are not the caller's to name. An id of another org is answered exactly like one that never was, and
 * nothing anywhere has changed afterwards.
 */
import { afterAll, describe, expect, test } from "bun:test";
import type { AnyProcedure } from "@trpc/server";
import { z } from "zod";
import { appRouter } from "../../server/api/router.ts";
import { mintId } from "../../server/lib/random-id.ts";
import { digests } from "./digest.ts";
import { expected, matrix, type ProcedurePath, type RefKind, type Row, refsOf, rows } from "./matrix.ts";
import { PRINCIPALS, type PrincipalName } from "./principals.ts";
import { startWorld, textOf } from "./world.ts";

const PATIENCE_MS = 120_000;
const world = await startWorld();
afterAll(() => world.stop());

/** Those who are let in as far as the object. */
const ASKING: PrincipalName[] = ["viewer", "editor", "admin", "owner", "tokWrite", "tokAdmin", "dualMember"];

/** Where naming something of another org is what the call is for. */
const NAMES_OTHERS: { [path: string]: string } = {
  "resources.list cursor": "a place in an order; what stands there is not looked up",
  "shares.create targetOrg":
    "any org whose short name one knows may be offered something, and has to accept it",
  "orgs.suspend org": "an operator names any org",
  "orgs.resume org": "an operator names any org",
  "orgs.purge org": "an operator names any org",
  "orgs.setLimits org": "an operator names any org",
  "session.setup email": "there is nobody yet",
  "session.signIn email": "people.test.ts: the same answer, the same time",
  "system.createPerson email": "an operator knows every person",
  "system.resetPassword email": "an operator knows every person",
  "system.disablePerson email": "an operator knows every person",
};

/** What is answered where it is not 404. */
const ANSWERS: { [path: string]: number } = {
  /* It is left out, as what is over already is. */
  "alerts.acknowledgeAll ids.0": 200,
  "orgs.transferOwnership userId": 400,
  "alerts.incidents resourceId": 200,
  "alerts.setRules settings.overrides.0.scope.resourceId": 409,
  /* One of two is asked for: tests/tenancy/alerts.test.ts asks for the other. */
  "notifications.diagnose resourceId": 400,
  /* A change for what is not there finds nothing there. */
  "alerts.tryRule override.scope.resourceId": 200,
  "notifications.setRoutes settings.routes.0.match.resourceIds.0": 409,
  "notifications.setRoutes settings.routes.0.channels.0": 409,
  "notifications.setRoutes settings.routes.0.escalate.channels.0": 409,
  "notifications.setRoutes settings.rest.channels.0": 409,
  "notifications.setRoutes settings.rest.escalate.channels.0": 409,
  "tokens.create orgs.0": 403,
  "audit.list actor": 200,
  "audit.list subject": 200,
  "notifications.deliveries channelId": 200,
  "members.invite email": 200,
  /* What is not there is left out, whoever has it. */
  "history.top resources.0": 200,
};

function foreign(kind: RefKind): string {
  if (kind === "org") return world.orgs.beta.slug;
  if (kind === "email") return world.people.foreignOwner?.email ?? "";
  return world.ids.beta[kind];
}

const PREFIXES = {
  resource: "r",
  member: "u",
  invitation: "i",
  token: "t",
  share: "h",
  session: "s",
  agent: "a",
  enrolment: "e",
  source: "p",
  channel: "c",
  merge: "m",
  alert: "l",
  silence: "q",
};

function unknown(kind: RefKind): string {
  if (kind === "org") return "never-there";
  if (kind === "email") return "never-there@example.org";
  return mintId(PREFIXES[kind]);
}

function gone(kind: RefKind): string | undefined {
  return kind === "org" || kind === "email" ? undefined : world.ids.gone[kind];
}

describe("I03, S05: a foreign object is not found, like one that never was", () => {
  for (const [path, row] of rows) {
    for (const [at, kind] of refsOf(row)) {
      if (NAMES_OTHERS[`${path} ${at}`]) continue;
      test(`${path}: ${at}, of the kind ${kind}`, async () => {
        const wanted = ANSWERS[`${path} ${at}`] ?? 404;
        for (const who of callersOf(row)) {
          const before = digests(world);
          const ask = async (id: string) => {
            const input = withRef(row.input?.(world), at, id);
            const asked = { input, headers: { "x-request-id": "the-same-for-all" } };
            const { status, body } = await world.call(who, path, asked);
            return { status, body: masked(body.replaceAll(id, "<named>")) };
          };
          const theirs = await ask(foreign(kind));
          const nobodys = await ask(unknown(kind));
          expect([who, theirs]).toEqual([who, nobodys]);
          expect([who, theirs.status]).toEqual([who, wanted]);
          const was = gone(kind);
          if (was && !isAboutAudit(path)) expect([who, await ask(was)]).toEqual([who, nobodys]);
          if (kind === "invitation" && at === "code")
            expect([who, await ask(textOf(world.canaries, "beta", "invitation"))]).toEqual([who, nobodys]);
          if (theirs.status >= 400) {
            expect(Object.keys(JSON.parse(theirs.body) as object)).toEqual(["error"]);
            expect([who, digests(world)]).toEqual([who, before]);
          }
        }
      });
    }
  }
});

test("an id of another kind is no id at all: 400, and nothing is looked up", async () => {
  for (const [path, row] of rows) {
    for (const [at, kind] of refsOf(row)) {
      if (kind === "org" || kind === "email" || isAboutAudit(path) || at === "code") continue;
      const other = kind === "token" ? world.ids.acme.share : world.ids.acme.token;
      for (const who of callersOf(row)) {
        const { status } = await world.call(who, path, { input: withRef(row.input?.(world), at, other) });
        expect([path, at, who, status]).toEqual([path, at, who, 400]);
      }
    }
  }
});

/** Of the invitation pages, which ask for nobody. */
function callersOf(row: Row): PrincipalName[] {
  return ASKING.filter((who) => row.cells[who] === "in");
}

test("every field that looks like an id stands in its row", () => {
  const missing: string[] = [];
  for (const [path, { _def }] of Object.entries(
    appRouter._def.procedures as unknown as Record<string, AnyProcedure>,
  )) {
    const { inputs } = _def as unknown as { inputs: z.ZodType[] };
    const refs = (matrix[path as ProcedurePath] as Row).refs ?? {};
    for (const input of inputs) {
      const schema = z.toJSONSchema(input, { io: "input", unrepresentable: "any" }) as Schema;
      for (const at of idsIn(schema)) if (!refs[at]) missing.push(`${path} ${at}`);
    }
  }
  expect(missing).toEqual([]);
});

interface Schema {
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  pattern?: string;
}

/** By their names, or by being ids of ours. */
function idsIn(schema: Schema, prefix = "", name = ""): string[] {
  const here = prefix.slice(0, -1);
  const looksSo =
    /(?:^|[a-z])Id$|^id$|^(?:org|orgs|targetOrg|code|cursor|actor|subject|email)$/.test(name) ||
    schema.pattern?.includes("[a-z2-7]{19}");
  const inside = [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, one]) => idsIn(one, `${prefix}${key}.`, key)),
    ...(schema.items ? idsIn(schema.items, `${prefix}0.`, name) : []),
    ...(schema.anyOf ?? []).flatMap((one) => idsIn(one, prefix, name)),
  ];
  if (inside.length > 0) return [...new Set(inside)];
  /* Places in the order of the audit are numbers. */
  const isNumber = (schema as { type?: string }).type === "integer";
  return looksSo && !isNumber && name !== "lastEventId" ? [here] : [];
}

test(
  "M12: who is refused, and who only reads, changes no value in any file",
  async () => {
    const changed: string[] = [];
    let before = digests(world);
    for (const [path, row] of rows) {
      if (path === "live.events" || row.last) continue;
      for (const who of PRINCIPALS) {
        const outcome = expected(row, who, "on", false);
        if (outcome === "ok" && row.effects === "writes") continue;
        await world.call(who, path, { input: row.input?.(world) });
      }
      const after = digests(world);
      if (JSON.stringify(after) !== JSON.stringify(before)) changed.push(path);
      before = after;
    }
    expect(changed).toEqual([]);
  },
  PATIENCE_MS,
);

test("M01: foreign and unknown objects take the same time: medians of 200 pairs within 5 ms", async () => {
  for (const [path, input] of [
    ["resources.get", (id: string) => ({ id })],
    ["members.remove", (userId: string) => ({ userId })],
  ] as const) {
    const kind = path === "resources.get" ? "resource" : "member";
    const times: [number[], number[]] = [[], []];
    for (let turn = 0; turn < 200; turn++) {
      for (const [list, id] of [
        [times[0], foreign(kind)],
        [times[1], unknown(kind)],
      ] as const) {
        const startedAt = performance.now();
        await world.call("admin", path, { input: input(id) });
        list.push(performance.now() - startedAt);
      }
    }
    const [theirs = 0, nobodys = 0] = times.map((list) => list.sort((a, b) => a - b)[100] ?? 0);
    expect([path, Math.abs(theirs - nobodys) < 5]).toEqual([path, true]);
  }
});

test("S02: behind a share nothing can be asked for but what is shared, and its parts", async () => {
  const asked = (id: string) =>
    [
      ["resources.get", { id }],
      ["history.latest", { resourceId: id }],
      ["history.range", { resourceId: id, metrics: ["cpu_percent"], from: 0, to: 60_000_000_000 }],
      ["history.top", { metric: "cpu_percent", from: 0, to: 60_000_000_000, within: id }],
    ] as const;
  const ask = async (who: PrincipalName, path: string, input: object) => {
    const options = { org: "gamma", input, headers: { "x-request-id": "the-same-for-all" } } as const;
    const { status, body } = await world.call(who, path, options);
    return { status, body };
  };
  const { host, part, other } = world.orgs.acme;
  for (const [at] of asked(host).entries()) {
    const [path, shown] = asked(host)[at] ?? asked(host)[0];
    expect([path, (await ask("shareViewer", path, shown)).status]).toEqual([path, 200]);
    expect([path, (await ask("shareViewer", path, asked(part)[at]?.[1] ?? {})).status]).toEqual([path, 200]);
    const hidden = await ask("shareViewer", path, asked(other)[at]?.[1] ?? {});
    expect(hidden.status).toBe(404);
    expect(hidden).toEqual(await ask("shareViewer", path, asked(unknown("resource"))[at]?.[1] ?? {}));
    /* Shared with editors of gamma: its owner sees it, and a viewer of acme does not see gamma's. */
    expect((await ask("dualMember", path, asked(other)[at]?.[1] ?? {})).status).toBe(200);
  }
});

test("S03: whoever may acknowledge through a share reaches no other alert of its source", async () => {
  const acknowledge = async (who: PrincipalName, id: string, path = "alerts.acknowledge") => {
    const headers = { "x-request-id": "the-same-for-all" };
    const { status, body } = await world.call(who, path, { org: "gamma", input: { id }, headers });
    return { status, body };
  };
  const before = digests(world);
  const { alert } = world.ids.acme;
  expect((await acknowledge("shareViewer", alert)).status).toBe(403);
  for (const path of ["alerts.acknowledge", "alerts.unacknowledge"]) {
    const theirs = await acknowledge("dualMember", alert, path);
    expect(theirs.status).toBe(404);
    expect(theirs).toEqual(await acknowledge("dualMember", unknown("alert"), path));
  }
  expect(digests(world)).toEqual(before);
});

test("S07: what is shared with an org is not its to share on, and its admins change nothing about it", async () => {
  const share = (resourceId: string) =>
    world.call("dualMember", "shares.create", {
      org: "gamma",
      input: { targetOrg: world.orgs.beta.slug, resourceId, role: "viewer" },
      headers: { "x-request-id": "the-same-for-all" },
    });
  const before = digests(world);
  const [theirs, nobodys] = [await share(world.orgs.acme.host), await share(unknown("resource"))];
  expect([theirs.status, theirs.body]).toEqual([404, nobodys.body]);
  const removed = await world.call("dualMember", "shares.remove", {
    org: "gamma",
    input: { id: world.ids.acme.share },
  });
  expect(removed.status).toBe(404);
  /* Offered to gamma by acme: acme cannot accept for it. */
  const accepted = await world.call("admin", "shares.accept", { input: { id: world.ids.acme.share } });
  expect(accepted.status).toBe(404);
  expect(digests(world)).toEqual(before);
});

test("I07: an idempotency key of acme is unknown in beta, and to another caller in acme", async () => {
  const create = (who: PrincipalName, org: "acme" | "beta", name: string) =>
    world.call<{ id: string; token: string }>(who, "tokens.create", {
      org,
      input: { name, scopes: ["read"] },
      headers: { "idempotency-key": "the-same-key" },
    });
  const first = await create("admin", "acme", "one");
  const again = await create("admin", "acme", "one");
  expect([again.status, again.data]).toEqual([200, first.data]);
  const other = await create("admin", "acme", "two");
  expect([other.status, other.error?.reason]).toEqual([409, "idempotency_mismatch"]);
  const owner = await create("owner", "acme", "one");
  const beta = await create("foreignOwner", "beta", "one");
  expect(new Set([first, owner, beta].map(({ data }) => data.token)).size).toBe(3);
  /* The same person in another org. */
  const { userId } = { userId: world.people.dualMember?.id };
  await world.call("owner", "members.setRole", { input: { userId, role: "admin" } });
  const both = await Promise.all(
    (["acme", "gamma"] as const).map((org) =>
      world.call<{ token: string }>("dualMember", "tokens.create", {
        org,
        input: { name: "mine", scopes: ["read"] },
        headers: { "idempotency-key": "the-same-key" },
      }),
    ),
  );
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(both[0]?.data.token).not.toBe(both[1]?.data.token);
  await world.call("owner", "members.setRole", { input: { userId, role: "viewer" } });
});

function isAboutAudit(path: string): boolean {
  return path.endsWith("audit.list") || path === "system.audit";
}

/** A number in the path is a place in a list. */
function withRef(input: unknown, at: string, id: string): unknown {
  const copy = structuredClone(input ?? {}) as Record<string, unknown>;
  const path = at.split(".");
  let inside = copy;
  for (const [index, name] of path.slice(0, -1).entries()) {
    inside[name] ??= /^\d+$/.test(path[index + 1] ?? "") ? [] : {};
    inside = inside[name] as Record<string, unknown>;
  }
  inside[path.at(-1) ?? ""] = id;
  return copy;
}

/** Ids that were minted and times do differ from call to call. */
function masked(body: string): string {
  return body
    .replaceAll(/\b[a-z][a-z2-7]{19}\b/g, "<id>")
    .replaceAll(/pulse_[a-z_]*[a-z2-7]{32,40}/g, "<secret>")
    .replaceAll(/\d{13}/g, "<time>");
}
