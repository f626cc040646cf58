/** API tokens and the audit of one org: input, call, answer. */
import { type Caller, roleOf } from "../../access/admission.ts";
import { type AuditList, AuditListInput } from "../../contract/audit.ts";
import { DEFAULT_ORG, type OrgId } from "../../contract/ids.ts";
import { roleCovers } from "../../contract/roles.ts";
import { CreateTokenInput, NamedTokenInput, type NewToken, type TokenInfo } from "../../contract/tokens.ts";
import { DomainError } from "../../lib/domain-error.ts";
import type { Edge } from "../edge.ts";
import { onceFor } from "../org-answers.ts";
import { adminPersonProcedure, memberProcedure, router } from "../procedures.ts";

export const tokensRouter = router({
  create: adminPersonProcedure.input(CreateTokenInput).mutation(({ ctx, input }): Promise<NewToken> => {
    const { edge, by, orgId, caller } = ctx;
    const { orgs, ...rest } = input;
    return edge.shards.instance.tokens.create({
      ...rest,
      by,
      userId: caller.person.id,
      orgIds: orgs ? orgs.map((reference) => ownOrg(edge, caller, reference)) : [orgId],
      once: onceFor(ctx, orgId, { procedure: "tokens.create", input }),
    });
  }),

  list: adminPersonProcedure.query(({ ctx }): Promise<{ tokens: TokenInfo[] }> => {
    const { edge, orgId, caller } = ctx;
    return edge.shards.instance.tokens.list({
      orgId,
      visibleOrgIds: edge.directory.orgsOf(caller.person.id).map(({ id }) => id),
      multiTenant: edge.features.multiTenant,
    });
  }),

  revoke: adminPersonProcedure
    .input(NamedTokenInput)
    .mutation(async ({ ctx, input }): Promise<{ revoked: true }> => {
      await ctx.edge.shards.instance.tokens.revoke({ by: ctx.by, orgId: ctx.orgId, id: input.id });
      return { revoked: true };
    }),
});

export const auditRouter = router({
  list: memberProcedure("admin")
    .input(AuditListInput.optional())
    .query(({ ctx, input }): Promise<AuditList> => {
      return ctx.edge.shards.instance.audit.list({
        ...input,
        orgId: ctx.orgId,
        multiTenant: ctx.edge.features.multiTenant,
      });
    }),
});

/** An org a token may be bound to: one where its maker could make it. */
function ownOrg(edge: Edge, caller: Caller, reference: string): OrgId {
  const { directory, features } = edge;
  if (reference !== DEFAULT_ORG && !features.multiTenant)
    throw new DomainError("feature_disabled", "This feature is not available.");
  if (reference !== DEFAULT_ORG && !features.multiTenantLicensed)
    throw new DomainError("license_required", "This feature needs a licence.");
  const org = directory.findOrg(reference);
  const role = org?.state === "active" ? roleOf(edge, org.id, caller) : undefined;
  if (!org || !role) throw new DomainError("access_denied", "You have no access here.");
  if (!roleCovers(role, "admin")) throw new DomainError("role_required", "This needs the role admin.");
  return org.id;
}
