/** Orgs: input, call, answer. What each needs stands in its first line. */
import type { Caller } from "../../access/admission.ts";
import type { OrgEntry } from "../../contract/directory.ts";
import { DEFAULT_ORG, type OrgId } from "../../contract/ids.ts";
import { LICENSE_GRACE_MS, licenseStatus } from "../../contract/license.ts";
import { type LimitUse, limitOf, ORG_LIMIT_NAMES, SetLimitsInput } from "../../contract/limits.ts";
import { NamedMemberInput } from "../../contract/members.ts";
import {
  CreateOrgInput,
  DELETED_KEPT_MS,
  NamedOrgInput,
  type Org,
  OrgCreationInput,
  type OrgOverview,
  type OrgPlan,
  UpdateOrgInput,
} from "../../contract/orgs.ts";
import { DomainError } from "../../lib/domain-error.ts";
import type { Context, Edge } from "../edge.ts";
import { memberLimit, onceFor, orgAnswer, orgLimit, orgsOf } from "../org-answers.ts";
import { multiTenantProcedure, router, withCaller, withOrg, withPerson } from "../procedures.ts";

const viewer = multiTenantProcedure({ who: "viewer" }).use(withCaller()).use(withOrg());
const admin = multiTenantProcedure({ who: "admin", session: "any" }).use(withPerson()).use(withOrg());
const owner = multiTenantProcedure({ who: "owner", session: "fresh" }).use(withPerson()).use(withOrg());
const operator = multiTenantProcedure({ who: "operator", session: "any" }).use(withPerson());

export const orgsRouter = router({
  list: multiTenantProcedure({ who: "self" })
    .use(withCaller())
    .query(({ ctx }): { orgs: Org[] } => ({ orgs: orgsOf(ctx.edge, ctx.caller) })),

  create: multiTenantProcedure({ who: "creator", session: "any" })
    .use(withPerson())
    .input(CreateOrgInput)
    .mutation(async ({ ctx, input }): Promise<{ org: Org }> => {
      const { edge, by, caller } = ctx;
      const { org } = await edge.shards.instance.orgs.create({
        ...input,
        by,
        owner: caller.person.id,
        maxOrgs: orgLimit(edge),
        once: onceFor(ctx, DEFAULT_ORG, { procedure: "orgs.create", input }),
      });
      return { org: orgAnswer(org, "owner") };
    }),

  get: viewer.query(({ ctx }): { org: Org } => {
    const { edge, orgId, caller, claims, requested, resHeaders } = ctx;
    /* What a browser asks for by name it is brought back to next time. */
    if (caller.session && requested?.carrier === "header") {
      resHeaders.append("set-cookie", edge.orgCookie.make(orgId, caller.session.idHash, claims.secure));
    }
    return { org: orgAnswer(entryOf(edge, orgId), ctx.role) };
  }),

  update: admin.input(UpdateOrgInput).mutation(async ({ ctx, input }): Promise<{ org: Org }> => {
    const { by, orgId, role } = ctx;
    if (input.primaryDomain) requireFreeDomain(ctx, ctx.caller, input.primaryDomain);
    const { org } = await ctx.edge.shards.instance.orgs.update({ by, orgId, change: input });
    return { org: orgAnswer(org, role) };
  }),

  delete: owner.mutation(async ({ ctx }): Promise<{ deleted: true; purgeAt: number }> => {
    const { by, orgId } = ctx;
    const { deletedAt } = await ctx.edge.shards.instance.orgs.remove({ by, orgId });
    return { deleted: true, purgeAt: deletedAt + DELETED_KEPT_MS };
  }),

  restore: multiTenantProcedure({ who: "owner", session: "fresh", deletedToo: true })
    .use(withPerson())
    .use(withOrg())
    .mutation(async ({ ctx }): Promise<{ org: Org }> => {
      const { by, orgId, role } = ctx;
      const { org } = await ctx.edge.shards.instance.orgs.restore({ by, orgId });
      return { org: orgAnswer(org, role) };
    }),

  transferOwnership: owner.input(NamedMemberInput).mutation(async ({ ctx, input }): Promise<{ org: Org }> => {
    const { edge, by, orgId, caller } = ctx;
    await edge.shards.instance.ownership.transfer({ by, orgId, from: caller.person.id, to: input.userId });
    return { org: orgAnswer(entryOf(edge, orgId), "admin") };
  }),

  plan: viewer.query(async ({ ctx }): Promise<OrgPlan> => planOf(ctx.edge, ctx.orgId)),

  suspend: operator.input(NamedOrgInput).mutation(async ({ ctx, input }): Promise<{ suspended: true }> => {
    await ctx.edge.shards.instance.orgs.suspend({ by: ctx.by, orgId: input.org });
    return { suspended: true };
  }),

  resume: operator.input(NamedOrgInput).mutation(async ({ ctx, input }): Promise<{ resumed: true }> => {
    await ctx.edge.shards.instance.orgs.resume({ by: ctx.by, orgId: input.org });
    return { resumed: true };
  }),

  purge: multiTenantProcedure({ who: "operator", session: "fresh" })
    .use(withPerson())
    .input(NamedOrgInput)
    .mutation(async ({ ctx, input }): Promise<{ purged: true }> => {
      await ctx.edge.shards.instance.orgs.purge({ by: ctx.by, orgId: input.org });
      return { purged: true };
    }),

  overview: operator.query(({ ctx }): { orgs: OrgOverview[]; creation: "operators" | "everyone" } => ({
    orgs: [...ctx.edge.directory.orgs()].map((org) => overviewOf(ctx.edge, org)),
    creation: ctx.edge.directory.orgCreationOpen ? "everyone" : "operators",
  })),

  setLimits: operator.input(SetLimitsInput).mutation(async ({ ctx, input }): Promise<{ set: true }> => {
    const { org: orgId, limits } = input;
    await ctx.edge.shards.instance.orgs.setLimits({ by: ctx.by, orgId, limits });
    return { set: true };
  }),

  setCreation: operator.input(OrgCreationInput).mutation(async ({ ctx, input }): Promise<{ set: true }> => {
    await ctx.edge.shards.instance.orgs.setCreation({ by: ctx.by, open: input.open });
    return { set: true };
  }),
});

function entryOf({ directory }: Edge, orgId: OrgId): OrgEntry {
  const org = directory.findOrg(orgId);
  if (!org) throw new DomainError("access_denied", "You have no access here.");
  return org;
}

/**
 * Whoever has the name of a host has every request to it that names no org. So only somebody who
 * operates the server gives one, and never one by which the server itself is known to be reached.
 */
function requireFreeDomain({ edge, claims }: Context, { person }: Caller, domain: string): void {
  if (!person.operator)
    throw new DomainError("role_required", "A domain is given by somebody who operates this server.");
  const isOwn =
    (domain === claims.host && edge.directory.orgOfDomain(domain) === undefined) ||
    (edge.publicUrl !== undefined && new URL(edge.publicUrl).hostname === domain);
  if (isOwn)
    throw new DomainError("invalid_request", "This is the server's own name.", {
      fields: { primaryDomain: "is the server's own name" },
    });
}

function overviewOf({ directory, health }: Edge, org: OrgEntry): OrgOverview {
  const { id, slug, name, state, createdAt, deletedAt, limits } = org;
  const resources = health.get(id);
  return {
    id,
    slug,
    name,
    state,
    createdAt,
    members: directory.memberCount(id),
    limits,
    ...(resources && { resources }),
    ...(deletedAt !== undefined && { purgeAt: deletedAt + DELETED_KEPT_MS }),
  };
}

async function planOf(edge: Edge, orgId: OrgId): Promise<OrgPlan> {
  const { directory, bus, shards, clock } = edge;
  const { license } = directory;
  const status = licenseStatus(license, clock());
  const [{ resources, sources, channels }, { invitations }] = await Promise.all([
    shards.org(orgId).health.size(),
    shards.instance.invitations.list({ orgId }),
  ]);
  const used: Partial<Record<LimitUse["name"], number>> = {
    members: directory.memberCount(orgId) + invitations.length,
    tokens: directory.tokenCount(orgId),
    shares: directory.sharesFrom(orgId).length,
    agents: directory.agentCount(orgId),
    sources,
    channels,
    resources,
    streams: bus.streamsOf(orgId),
  };
  return {
    license: {
      status,
      ...(license && { holder: license.holder }),
      ...(license?.expiresAt !== undefined && {
        expiresAt: license.expiresAt,
        graceEndsAt: license.expiresAt + LICENSE_GRACE_MS,
      }),
    },
    limits: ORG_LIMIT_NAMES.map((name) => ({
      name,
      limit: name === "members" ? memberLimit(edge, orgId) : limitOf(directory.findOrg(orgId)?.limits, name),
      ...(used[name] !== undefined && { used: used[name] }),
    })),
  };
}
