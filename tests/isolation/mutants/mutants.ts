/**
 * Planted bugs: each is the kind of slip that has opened other people's tenants to each other. A few words of the
 * code are replaced; the named test must then fail. `find` stands in the file exactly once.
 */
export interface Mutant {
  what: string;
  file: string;
  find: string;
  replace: string;
  /** The file that must go red, and the tests of it that are run. */
  test: string;
  only: string;
}

const ADMISSION = "server/access/admission.ts";
const BUS = "server/runtime/bus.ts";
const DOOR = "server/runtime/door.ts";
const SHELF = "server/runtime/org-shelf.ts";

export const mutants: Mutant[] = [
  {
    what: "membership is not asked for",
    file: ADMISSION,
    find: `if (!org || !role || isGone) throw new DomainError("access_denied", "You have no access here.");\n  return { org, role };`,
    replace: `if (!org || isGone) throw new DomainError("access_denied", "You have no access here.");\n  return { org, role: role ?? "viewer" };`,
    test: "sweep",
    only: "mode on, asked",
  },
  {
    what: "the cookie's org instead of the header's",
    file: "server/access/requested-org.ts",
    find: "if (named !== undefined) {",
    replace: "if (named !== undefined && claims.rawOrgCookie === undefined) {",
    test: "sweep",
    only: "R04, R11",
  },
  {
    what: "a header wins over what a token is bound to",
    file: ADMISSION,
    find: "if (caller.token && !directory.token(caller.token.id)?.orgIds.includes(orgId)) return undefined;",
    replace: "",
    test: "sweep",
    only: "R03, R05",
  },
  {
    what: "a role covers only those below it",
    file: "server/contract/roles.ts",
    find: ">= ROLES.indexOf(needed)",
    replace: "> ROLES.indexOf(needed)",
    test: "sweep",
    only: "mode on, asked",
  },
  {
    what: "a membership that ended is remembered",
    file: "server/access/directory.ts",
    find: "this.#members.get(orgId)?.delete(userId);",
    replace: "",
    test: "streams",
    only: "they are no member any more",
  },
  {
    what: "an invitation counts for whoever has its secret",
    file: "server/orgs/invitations.ts",
    find: "takeOpen(instance, and(named, eq(invitationTable.email, email)))",
    replace: "takeOpen(instance, and(named))",
    test: "bola",
    only: "members.accept: code",
  },
  {
    what: "a cache of calls without the org in its key",
    file: "server/runtime/shards.ts",
    find: "let calls = this.#orgs.get(orgId);",
    replace: "let calls = orgId === DEFAULT_ORG ? undefined : this.#orgs.values().next().value;",
    test: "canary",
    only: "foreignOwner",
  },
  {
    what: "events go to the streams of every org",
    file: BUS,
    find: "this.#topic(orgId).publish(type, at, dataJson, via);",
    replace: "for (const topic of this.#topics.values()) topic.publish(type, at, dataJson, via);",
    test: "streams",
    only: "L01",
  },
  {
    what: "the right to a stream is not asked for again",
    file: BUS,
    find: "const reason = open.subscriber.endReason() ?? this.#lookAtShares(open);",
    replace: "const reason = this.#lookAtShares(open);",
    test: "streams",
    only: "they signed out",
  },
  {
    what: "a stream goes on by the role it was opened with",
    file: ADMISSION,
    find: "const role = roleOf(gate, orgId, caller);\n  if (!role || !roleCovers(role, needed)",
    replace: "const role = admitted.role;\n  if (!role || !roleCovers(role, needed)",
    test: "streams",
    only: "they are no member any more",
  },
  {
    what: "the kill switch leaves streams open",
    file: ADMISSION,
    find: "if (orgId !== DEFAULT_ORG && !(features.multiTenant && features.multiTenantLicensed))",
    replace: "if (orgId !== DEFAULT_ORG && !features.multiTenantLicensed)",
    test: "streams",
    only: "the kill switch is thrown",
  },
  {
    what: "the kill switch leaves actors running",
    file: "server/instance/switch.ts",
    find: `else await instance.actors.halt("all");`,
    replace: "",
    test: "life",
    only: "K01",
  },
  {
    what: "an unknown org has words of its own",
    file: ADMISSION,
    find: "const role = org && roleOf(gate, org.id, caller);",
    replace: `if (!org) throw new DomainError("access_denied", "There is no such organization.");\n  const role = roleOf(gate, org.id, caller);`,
    test: "sweep",
    only: "M01, O11",
  },
  {
    what: "the form of an org is judged in lower case",
    file: "server/access/requested-org.ts",
    find: "OrgReference.safeParse(value)",
    replace: "OrgReference.safeParse(value.toLowerCase())",
    test: "sweep",
    only: "R07: what is not",
  },
  {
    what: "a share shows the whole org",
    file: DOOR,
    find: "if (current === resourceId) return inventory.get(id) !== undefined;",
    replace: "return inventory.get(id) !== undefined;",
    test: "streams",
    only: "S02",
  },
  {
    what: "a share is shown to every role",
    file: "server/access/visible-shares.ts",
    find: "roleCovers(role, share.role) && stands(gate, share)",
    replace: "stands(gate, share)",
    test: "streams",
    only: "a share to editors",
  },
  {
    what: "a scope is not asked for in one kind of call",
    file: ADMISSION,
    find: `return kind === "mutation" ? "write" : "read";`,
    replace: `return "read";`,
    test: "sweep",
    only: "mode on, asked",
  },
  {
    what: "the door does not look which resource's history is asked for",
    file: DOOR,
    find: "if (!isBehind(org.inventory, grant, input.resourceId)) throw notThere();\n  /* Not among",
    replace: "/* Not among",
    test: "bola",
    only: "S02",
  },
  {
    what: "the org cookie's signature is not checked",
    file: "server/access/org-cookie.ts",
    find: "given.length === expected.length && timingSafeEqual(given, expected) ? orgId.data : undefined",
    replace: "given.length === expected.length ? orgId.data : undefined",
    test: "sweep",
    only: "R09",
  },
  {
    what: "the operator's audit shows what happened inside orgs",
    file: "server/audit/list.ts",
    find: `or(isNull(audit.orgId), like(audit.action, "org.%"))`,
    replace: "undefined",
    test: "canary",
    only: "operator",
  },
  {
    what: "a refusal is logged with the credential it came with",
    file: "server/api/accounting.ts",
    find: "address: claims.address,",
    replace: "address: claims.address,\n    bearer: claims.bearer,",
    test: "canary",
    only: "tokForeign|the log names",
  },
  {
    what: "a procedure without a row",
    file: "server/api/routers/system.ts",
    find: "list: publicProcedure.query(",
    replace: "another: publicProcedure.query(() => 1),\n  list: publicProcedure.query(",
    test: "sweep",
    only: "P01",
  },
  {
    what: "a route without a row",
    file: "server/http/server.ts",
    find: "const app = new Hono<Mounted>();",
    replace: `const app = new Hono<Mounted>();\n  app.get("/debug", () => new Response("x"));`,
    test: "registries",
    only: "every mounted route",
  },
  {
    what: "`default` is open to everybody",
    file: ADMISSION,
    find: "return directory.roleIn(orgId, caller.person.id);",
    replace: `return directory.roleIn(orgId, caller.person.id) ?? (orgId === DEFAULT_ORG ? "viewer" : undefined);`,
    test: "sweep",
    only: "R03, R05",
  },
  {
    what: "an idempotency key counts in every org",
    file: "server/instance/idempotency.ts",
    find: "return and(eq(idempotency.orgId, orgId), eq(",
    replace: "return and(orgId ? undefined : undefined, eq(",
    test: "bola",
    only: "I07",
  },
  // And five that only this code can have.
  {
    what: "an event through a share reaches those who do not see the share",
    file: BUS,
    find: "if (message.via && !open.shares.includes(message.via)) return;",
    replace: "",
    test: "streams",
    only: "S02",
  },
  {
    what: "an org that was halted opens again when somebody knocks",
    file: SHELF,
    find: `if (this.#isHalted(orgId)) throw new DomainError("org_unavailable", "Stopped for now.");`,
    replace: "",
    test: "life",
    only: "K01|O09: deleted",
  },
  {
    what: "a licence that has gone leaves streams open",
    file: ADMISSION,
    find: "if (orgId !== DEFAULT_ORG && !(features.multiTenant && features.multiTenantLicensed))",
    replace: "if (orgId !== DEFAULT_ORG && !features.multiTenant)",
    test: "streams",
    only: "the licence is gone",
  },
  {
    what: "a token of another org can be revoked by its id",
    file: "server/tokens/tokens.ts",
    find: "if (!row || !bound.includes(orgId)) throw unknown();",
    replace: "if (!row) throw unknown();",
    test: "bola",
    only: "tokens.revoke: id",
  },
  {
    what: "a suspended org is open to its members",
    file: ADMISSION,
    find: `if (org.state === "suspended" || (`,
    replace: "if ((",
    test: "sweep",
    only: "mode on, asked",
  },
];
