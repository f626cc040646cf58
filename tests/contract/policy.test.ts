/**
 * Nothing can be reached that is not written down here. The table is written by hand, from
 * the contract and not from the code: a procedure, a route or a page that is new, gone or asks for something else
 * fails here, the procedures already in the type check.
 */
import { afterAll, describe, expect, test } from "bun:test";
import type { AnyProcedure, AnyRouter } from "@trpc/server";
import type { Need } from "../../server/access/admission.ts";
import { type AppRouter, appRouter } from "../../server/api/router.ts";
import { mounts } from "../../server/http/server.ts";
import { type PageRoute, ROUTES } from "../../web/routes.ts";
import { call, signUp, type Target } from "../support/calls.ts";
import { startInProcess } from "../support/in-process.ts";
import { startServer } from "../support/server.ts";

const PROCEDURES = {
  "session.setup": ["mutation", "public", "always"],
  "session.signIn": ["mutation", "public", "always"],
  "session.signOut": ["mutation", "self", "always", "any"],
  "session.me": ["query", "self", "always"],
  "session.changePassword": ["mutation", "self", "always", "any"],
  "session.list": ["query", "self", "always", "any"],
  "session.revoke": ["mutation", "self", "always", "any"],
  "features.list": ["query", "public", "always"],
  "resources.list": ["query", "viewer", "always"],
  "resources.get": ["query", "viewer", "always"],
  "resources.watch": ["mutation", "viewer", "always"],
  "resources.unwatch": ["mutation", "viewer", "always"],
  "resources.update": ["mutation", "editor", "always"],
  "resources.forget": ["mutation", "editor", "always"],
  "resources.merges": ["query", "viewer", "always"],
  "resources.merge": ["mutation", "editor", "always"],
  "resources.separate": ["mutation", "editor", "always"],
  "agents.list": ["query", "viewer", "always"],
  "agents.enroll": ["mutation", "admin", "always"],
  "agents.revoke": ["mutation", "admin", "always"],
  "sources.list": ["query", "viewer", "always"],
  "sources.create": ["mutation", "admin", "always"],
  "sources.update": ["mutation", "admin", "always"],
  "sources.remove": ["mutation", "admin", "always"],
  "sources.test": ["mutation", "admin", "always"],
  "sources.setupScript": ["query", "admin", "always"],
  "notifications.channels": ["query", "admin", "always"],
  "notifications.createChannel": ["mutation", "admin", "always"],
  "notifications.updateChannel": ["mutation", "admin", "always"],
  "notifications.removeChannel": ["mutation", "admin", "always"],
  "notifications.test": ["mutation", "admin", "always"],
  "notifications.pushKey": ["mutation", "admin", "always"],
  "notifications.deliveries": ["query", "admin", "always"],
  "notifications.routes": ["query", "admin", "always"],
  "notifications.setRoutes": ["mutation", "admin", "always"],
  "notifications.diagnose": ["query", "viewer", "always"],
  "notifications.trouble": ["query", "viewer", "always"],
  "history.range": ["query", "viewer", "always"],
  "history.latest": ["query", "viewer", "always"],
  "history.retention": ["query", "viewer", "always"],
  "history.setRetention": ["mutation", "admin", "always"],
  "history.exportTicket": ["mutation", "viewer", "always", "any"],
  "history.top": ["query", "viewer", "always"],
  "alerts.active": ["query", "viewer", "always"],
  "alerts.incidents": ["query", "viewer", "always"],
  "alerts.get": ["query", "viewer", "always"],
  "alerts.acknowledge": ["mutation", "editor", "always"],
  "alerts.acknowledgeAll": ["mutation", "editor", "always"],
  "alerts.unacknowledge": ["mutation", "editor", "always"],
  "alerts.snooze": ["mutation", "editor", "always"],
  "alerts.note": ["mutation", "editor", "always"],
  "alerts.close": ["mutation", "editor", "always"],
  "alerts.rules": ["query", "viewer", "always"],
  "alerts.setRules": ["mutation", "admin", "always"],
  "alerts.tryRule": ["query", "viewer", "always"],
  "alerts.explain": ["query", "viewer", "always"],
  "alerts.silences": ["query", "viewer", "always"],
  "alerts.createSilence": ["mutation", "editor", "always"],
  "alerts.updateSilence": ["mutation", "editor", "always"],
  "alerts.removeSilence": ["mutation", "editor", "always"],
  "live.events": ["subscription", "viewer", "always"],
  "orgs.list": ["query", "self", "multi_tenant"],
  "orgs.create": ["mutation", "creator", "multi_tenant", "any"],
  "orgs.get": ["query", "viewer", "multi_tenant"],
  "orgs.update": ["mutation", "admin", "multi_tenant", "any"],
  "orgs.delete": ["mutation", "owner", "multi_tenant", "fresh"],
  "orgs.restore": ["mutation", "owner", "multi_tenant", "fresh"],
  "orgs.transferOwnership": ["mutation", "owner", "multi_tenant", "fresh"],
  "orgs.plan": ["query", "viewer", "multi_tenant"],
  "orgs.suspend": ["mutation", "operator", "multi_tenant", "any"],
  "orgs.resume": ["mutation", "operator", "multi_tenant", "any"],
  "orgs.purge": ["mutation", "operator", "multi_tenant", "fresh"],
  "orgs.overview": ["query", "operator", "multi_tenant", "any"],
  "orgs.setLimits": ["mutation", "operator", "multi_tenant", "any"],
  "orgs.setCreation": ["mutation", "operator", "multi_tenant", "any"],
  "members.list": ["query", "viewer", "multi_tenant"],
  "members.setRole": ["mutation", "admin", "multi_tenant", "any"],
  "members.remove": ["mutation", "admin", "multi_tenant", "any"],
  "members.leave": ["mutation", "viewer", "multi_tenant"],
  "members.invite": ["mutation", "admin", "multi_tenant", "any"],
  "members.invitations": ["query", "admin", "multi_tenant", "any"],
  "members.revokeInvitation": ["mutation", "admin", "multi_tenant", "any"],
  "members.inbox": ["query", "self", "multi_tenant", "any"],
  "members.accept": ["mutation", "self", "multi_tenant", "any"],
  "members.decline": ["mutation", "self", "multi_tenant", "any"],
  "members.preview": ["mutation", "public", "multi_tenant"],
  "members.join": ["mutation", "public", "multi_tenant"],
  "shares.list": ["query", "viewer", "multi_tenant"],
  "shares.incoming": ["query", "viewer", "multi_tenant"],
  "shares.create": ["mutation", "admin", "multi_tenant"],
  "shares.remove": ["mutation", "admin", "multi_tenant"],
  "shares.accept": ["mutation", "admin", "multi_tenant"],
  "shares.decline": ["mutation", "admin", "multi_tenant"],
  "tokens.create": ["mutation", "admin", "always", "any"],
  "tokens.list": ["query", "admin", "always", "any"],
  "tokens.revoke": ["mutation", "admin", "always", "any"],
  "audit.list": ["query", "admin", "always"],
  "system.status": ["query", "operator", "always"],
  "system.audit": ["query", "operator", "always"],
  "system.people": ["query", "operator", "always"],
  "system.createPerson": ["mutation", "operator", "always", "fresh"],
  "system.resetPassword": ["mutation", "operator", "always", "fresh"],
  "system.disablePerson": ["mutation", "operator", "always", "fresh"],
  "system.license": ["query", "operator", "always"],
  "system.licenseInit": ["mutation", "operator", "always", "fresh"],
  "system.licenseInstall": ["mutation", "operator", "always", "fresh"],
  "system.licenseRemove": ["mutation", "operator", "always", "fresh"],
  "system.switchOffMultiTenant": ["mutation", "operator", "multi_tenant", "fresh"],
} satisfies Record<ProcedurePath, ProcedurePolicy>;

/** Method and path of everything that is mounted, with who is answered. */
const MOUNTED: Record<
  string,
  | "anybody"
  | "this machine or the metrics token"
  | "as the procedure says"
  | "an agent, or a token to report with"
  | "who has a token for any machine"
  | "who knows the address"
  | "a viewer, or a token that reads"
  | "the session that asked for it"
> = {
  "GET /healthz": "anybody",
  "GET /readyz": "anybody",
  "GET /metrics": "this machine or the metrics token",
  "ALL /api/trpc/live.events": "as the procedure says",
  "ALL /api/trpc/*": "as the procedure says",
  "POST /api/agent/report": "an agent, or a token to report with",
  "POST /api/agent/enroll": "who has a token for any machine",
  "GET /api/agent/config": "an agent, or a token to report with",
  "GET /api/heartbeat/:key": "who knows the address",
  "POST /api/heartbeat/:key": "who knows the address",
  "GET /api/history/export": "a viewer, or a token that reads",
  "GET /api/history/export/:ticket": "the session that asked for it",
  "ALL /api/prometheus/*": "a viewer, or a token that reads",
  "GET /install.sh": "anybody", // it holds nothing but the server's address
  "GET /download/pulse": "anybody",
  "GET /download/pulse.sha256": "anybody",
  "ALL /api/*": "anybody", // and the answer is always 404
  "GET /*": "anybody", // the page, which knows nothing until it asks a procedure
  "ALL /*": "anybody", // and the answer is always 405
};

const PAGES: Record<string, PageRoute["need"]> = {
  "/": "person",
  "/machines/:id": "person",
  "/resources": "person",
  "/resources/:id": "person",
  "/compare": "person",
  "/alerts": "person",
  "/alerts/rules": "person",
  "/alerts/silences": "person",
  "/alerts/silences/new": "person",
  "/alerts/silences/:id": "person",
  "/alerts/:id": "person",
  "/checks": "person",
  "/checks/new": "person",
  "/checks/:id": "person",
  "/add": "person",
  "/settings": "person",
  "/settings/agents": "person",
  "/settings/sources": "person",
  "/settings/sources/new": "person",
  "/settings/sources/:id": "person",
  "/settings/history": "person",
  "/settings/notifications": "person",
  "/settings/notifications/new": "person",
  "/settings/notifications/routes/:at": "person",
  "/settings/notifications/:id": "person",
  "/settings/tokens": "person",
  "/settings/audit": "person",
  "/settings/people": "operator",
  "/sign-in": "public",
  "/setup": "public",
  "*": "public",
};

/** Kind, who, surface, and whether it wants a browser's session, perhaps a fresh one. */
type ProcedurePolicy = [
  "query" | "mutation" | "subscription",
  Need["who"],
  Need["surface"],
  NonNullable<Need["session"]>?,
];
type PathsOf<Routes, Prefix extends string = ""> = {
  [Key in keyof Routes & string]: Routes[Key] extends AnyProcedure
    ? `${Prefix}${Key}`
    : PathsOf<Routes[Key], `${Prefix}${Key}.`>;
}[keyof Routes & string];
type ProcedurePath = PathsOf<AppRouter["_def"]["record"]>;

const server = await startInProcess();
afterAll(() => server.stop());

test("every procedure is in the table, declares what it needs, and needs what the table says", async () => {
  const found = (await allProcedures(appRouter)).map(([path, { _def }]) => {
    const meta = _def.meta as Need | undefined;
    return [path, [_def.type, meta?.who, meta?.surface, ...(meta?.session ? [meta.session] : [])]];
  });
  expect(Object.fromEntries(found)).toEqual(PROCEDURES);
});

test("every mounted route is in the table, and nothing else", () => {
  const found = mounts(server.http).routes.map(({ method, path }) => `${method} ${path}`);
  expect(found.sort()).toEqual(Object.keys(MOUNTED).sort());
});

test("every page is in the table and is for whom the table says", () => {
  expect(Object.fromEntries(ROUTES.map(({ path, need }) => [path, need]))).toEqual(PAGES);
});

test("a procedure that is loaded late would be found too", async () => {
  const lazyRouter = { _def: { procedures: {}, lazy: { late: { load: async () => {} } } } };
  lazyRouter._def.lazy.late.load = async () => {
    Object.assign(lazyRouter._def.procedures, { "late.call": { _def: { type: "query" } } });
    lazyRouter._def.lazy = {} as never;
  };
  const found = await allProcedures(lazyRouter as unknown as AnyRouter);
  expect(found.map(([path]) => path)).toEqual(["late.call"]);
});

for (const [path, [type, who, surface]] of Object.entries<ProcedurePolicy>(PROCEDURES)) {
  const method = type === "mutation" ? "POST" : "GET";
  if (surface === "multi_tenant") {
    test(`${path} is not there while the feature is off: 501, whoever asks, whatever the input`, async () => {
      const asked = { "x-request-id": "the-same-for-all" };
      const bodies = new Set<string>();
      for (const input of [undefined, {}, { id: 1 }, "junk"]) {
        const { status, body } = await call(server, path, { method, input, headers: asked });
        expect(status).toBe(501);
        bodies.add(body);
      }
      expect(bodies.size).toBe(1);
    });
  } else if (who === "public") {
    test(`${path} is answered to anybody: never "sign in first"`, async () => {
      const { status } = await call(server, path, { method });
      expect([200, 400]).toContain(status);
    });
  } else {
    test(`${path} answers nobody 401, whatever the input`, async () => {
      for (const input of [undefined, {}, { id: 1 }, "junk"]) {
        const { status, error } = await call(server, path, { method, input });
        expect([status, error?.reason, error?.path]).toEqual([401, "authentication_required", path]);
      }
    });
  }
}

test("whoever supervises the server needs no account", async () => {
  for (const path of ["/healthz", "/readyz"]) {
    const response = await fetch(server.url + path);
    expect([path, response.status, await response.text()]).toEqual([path, 200, "ok\n"]);
  }
});

describe("/metrics", () => {
  const status = async (target: Target, headers: Record<string, string> = {}) =>
    (await fetch(`${target.url}/metrics`, { headers })).status;

  test("without a token is for this machine only, and a proxy on it is not this machine", async () => {
    await using proxied = await startServer({ env: { PULSE_TRUSTED_PROXIES: "127.0.0.1" } });
    expect(await status(proxied)).toBe(200);
    expect(await status(proxied, { "x-forwarded-for": "203.0.113.1" })).toBe(403);
    expect(await status(proxied, { "x-forwarded-for": "127.0.0.1, 203.0.113.1" })).toBe(403);
  });

  test("with a token is for whoever has it, and for nobody else on this machine either", async () => {
    const token = "a token of the test";
    await using locked = await startServer({ env: { PULSE_METRICS_TOKEN: token } });
    const owner = await signUp(locked);
    expect(await status(locked)).toBe(401);
    expect(await status(locked, { authorization: "Bearer another token, wrong" })).toBe(401);
    expect(await status(locked, { cookie: owner.cookie ?? "" })).toBe(401);
    expect(await status(locked, { authorization: `Bearer ${token}` })).toBe(200);
    expect(await status(locked, { authorization: `bearer ${token}` })).toBe(200);
  });

  test("name no org, no person and no address", async () => {
    await using fresh = await startServer();
    const owner = await signUp(fresh);
    const { user } = await owner.api.session.me.query();
    await owner.call("resources.list", { headers: { "x-pulse-org-id": "acme-canary" } });
    await owner.call("no.such-canary");
    const text = await (await fetch(`${fresh.url}/metrics`)).text();
    for (const part of ["canary", user.id, user.email, "127.0.0.1"]) expect(text).not.toContain(part);
    expect(text).toContain("pulse_access_denied_total{");
  });
});

/** Lazily loaded routers are not among a router's procedures before they were loaded; they may hold more of them. */
async function allProcedures(router: AnyRouter): Promise<[path: string, procedure: AnyProcedure][]> {
  for (let round = 0; Object.keys(router._def.lazy).length > 0; round++) {
    if (round > 50) throw new Error("routers load each other in a circle");
    await Promise.all(Object.values(router._def.lazy).map((lazy) => lazy.load()));
  }
  return Object.entries(router._def.procedures as Record<string, AnyProcedure>);
}
