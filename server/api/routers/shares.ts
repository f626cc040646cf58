/** Shares: input, call, answer. What each needs stands in its first line. */
import { limitOf } from "../../contract/limits.ts";
import { roleCovers } from "../../contract/roles.ts";
import { CreateShareInput, NamedShareInput, type Share } from "../../contract/shares.ts";
import { onceFor } from "../org-answers.ts";
import { multiTenantProcedure, router, withCaller, withOrg } from "../procedures.ts";

const viewer = multiTenantProcedure({ who: "viewer" }).use(withCaller()).use(withOrg());
const admin = multiTenantProcedure({ who: "admin" }).use(withCaller()).use(withOrg());

export const sharesRouter = router({
  list: viewer.query(({ ctx }): Promise<{ shares: Share[] }> => {
    const { orgId, role } = ctx;
    return ctx.edge.shards.instance.shares.list({ orgId, withPending: roleCovers(role, "admin") });
  }),

  /** Of what is shown to higher roles only, lower ones are not even told the name. */
  incoming: viewer.query(async ({ ctx }): Promise<{ shares: Share[] }> => {
    const { orgId, role } = ctx;
    const withPending = roleCovers(role, "admin");
    const { shares } = await ctx.edge.shards.instance.shares.incoming({ orgId, withPending });
    return { shares: shares.filter((share) => roleCovers(role, share.role)) };
  }),

  create: admin.input(CreateShareInput).mutation(async ({ ctx, input }): Promise<{ share: Share }> => {
    const { edge, by, orgId, role: byRole } = ctx;
    /* From the org's own picture: what is shared with it is not its to share. */
    const { resource } = await ctx.org.resources.get({ id: input.resourceId });
    const { id, kind, name } = resource;
    return edge.shards.instance.shares.create({
      by,
      byRole,
      sourceOrgId: orgId,
      targetOrg: input.targetOrg,
      resource: { id, kind, name },
      role: input.role,
      ...(input.expiresAt !== undefined && { expiresAt: input.expiresAt }),
      shareLimit: limitOf(edge.directory.findOrg(orgId)?.limits, "shares"),
      once: onceFor(ctx, orgId, { procedure: "shares.create", input }),
    });
  }),

  remove: admin.input(NamedShareInput).mutation(async ({ ctx, input }): Promise<{ removed: true }> => {
    await ctx.edge.shards.instance.shares.remove({ by: ctx.by, orgId: ctx.orgId, id: input.id });
    return { removed: true };
  }),

  accept: admin.input(NamedShareInput).mutation(({ ctx, input }): Promise<{ share: Share }> => {
    return ctx.edge.shards.instance.shares.accept({ by: ctx.by, orgId: ctx.orgId, id: input.id });
  }),

  decline: admin.input(NamedShareInput).mutation(async ({ ctx, input }): Promise<{ declined: true }> => {
    await ctx.edge.shards.instance.shares.decline({ by: ctx.by, orgId: ctx.orgId, id: input.id });
    return { declined: true };
  }),
});
