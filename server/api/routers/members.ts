/** Members and invitations: input, call, answer. What each needs stands in its first line. */

import type { Caller } from "../../access/admission.ts";
import { roleOf } from "../../access/admission.ts";
import type { OrgId } from "../../contract/ids.ts";
import {
  type InboxInvitation,
  type Invitation,
  InvitationCodeInput,
  type InvitationPreview,
  InviteInput,
  JoinInput,
  type Member,
  NamedMemberInput,
  type NewInvitation,
  RevokeInvitationInput,
  SetRoleInput,
} from "../../contract/members.ts";
import type { Org } from "../../contract/orgs.ts";
import type { User } from "../../contract/session.ts";
import { DomainError } from "../../lib/domain-error.ts";
import type { Edge } from "../edge.ts";
import { linkBase, memberLimit, onceFor, orgAnswer } from "../org-answers.ts";
import { multiTenantProcedure, router, withCaller, withOrg, withPerson } from "../procedures.ts";
import { limitGuesses, startSession } from "../start-session.ts";

const anybody = multiTenantProcedure({ who: "public" });
const person = multiTenantProcedure({ who: "self", session: "any" }).use(withPerson());
const viewer = multiTenantProcedure({ who: "viewer" }).use(withCaller()).use(withOrg());
const admin = multiTenantProcedure({ who: "admin", session: "any" }).use(withPerson()).use(withOrg());

export const membersRouter = router({
  list: viewer.query(({ ctx }): Promise<{ members: Member[] }> => {
    return ctx.edge.shards.instance.members.list({ orgId: ctx.orgId });
  }),

  setRole: admin.input(SetRoleInput).mutation(({ ctx, input }): Promise<{ member: Member }> => {
    return ctx.edge.shards.instance.members.setRole({ by: ctx.by, orgId: ctx.orgId, ...input });
  }),

  remove: admin.input(NamedMemberInput).mutation(({ ctx, input }): Promise<{ removed: true }> => {
    return ctx.edge.shards.instance.members.remove({ by: ctx.by, orgId: ctx.orgId, ...input });
  }),

  leave: viewer.mutation(async ({ ctx }): Promise<{ left: true }> => {
    const { by, orgId, caller } = ctx;
    await ctx.edge.shards.instance.members.leave({ by, orgId, userId: caller.person.id });
    return { left: true };
  }),

  invite: admin
    .input(InviteInput)
    .mutation(async ({ ctx, input }): Promise<{ invitation: NewInvitation }> => {
      const { edge, by, orgId } = ctx;
      const { invitation } = await edge.shards.instance.invitations.invite({
        ...input,
        by,
        orgId,
        memberLimit: memberLimit(edge, orgId),
        once: onceFor(ctx, orgId, { procedure: "members.invite", input }),
      });
      const { id, secret, expiresAt } = invitation;
      return { invitation: { id, link: `${linkBase(ctx)}/invitation#code=${secret}`, expiresAt } };
    }),

  invitations: admin.query(({ ctx }): Promise<{ invitations: Invitation[] }> => {
    return ctx.edge.shards.instance.invitations.list({ orgId: ctx.orgId });
  }),

  revokeInvitation: admin
    .input(RevokeInvitationInput)
    .mutation(async ({ ctx, input }): Promise<{ revoked: true }> => {
      await ctx.edge.shards.instance.invitations.revoke({ by: ctx.by, orgId: ctx.orgId, id: input.id });
      return { revoked: true };
    }),

  inbox: person.query(({ ctx }): Promise<{ invitations: InboxInvitation[] }> => {
    return ctx.edge.shards.instance.invitations.inbox({ userId: ctx.caller.person.id });
  }),

  accept: person.input(InvitationCodeInput).mutation(async ({ ctx, input }): Promise<{ org: Org }> => {
    const { edge, by, caller } = ctx;
    limitGuesses(edge, ctx.claims);
    const { orgId } = await edge.shards.instance.invitations.accept({
      by,
      userId: caller.person.id,
      code: input.code,
    });
    return { org: joined(edge, orgId, caller) };
  }),

  decline: person.input(InvitationCodeInput).mutation(async ({ ctx, input }): Promise<{ declined: true }> => {
    const { edge, by, caller } = ctx;
    limitGuesses(edge, ctx.claims);
    await edge.shards.instance.invitations.decline({ by, userId: caller.person.id, code: input.code });
    return { declined: true };
  }),

  /** What an invitation's link is about. A mutation, so that its secret stands in no address. */
  preview: anybody
    .input(InvitationCodeInput)
    .mutation(({ ctx, input }): Promise<{ invitation: InvitationPreview }> => {
      limitGuesses(ctx.edge, ctx.claims);
      return ctx.edge.shards.instance.invitations.preview(input);
    }),

  /** For an invited person without an account: makes it, accepts, and signs in. */
  join: anybody.input(JoinInput).mutation(async ({ ctx, input }): Promise<{ user: User; org: Org }> => {
    const { edge } = ctx;
    limitGuesses(edge, ctx.claims);
    const { orgId, ...proven } = await edge.shards.instance.invitations.join(input);
    const { user } = await startSession(ctx, proven);
    const org = edge.directory.findOrg(orgId);
    const role = edge.directory.roleIn(orgId, proven.userId);
    if (!org || !role) throw new DomainError("access_denied", "You have no access here.");
    return { user, org: orgAnswer(org, role) };
  }),
});

function joined(edge: Edge, orgId: OrgId, caller: Caller): Org {
  const org = edge.directory.findOrg(orgId);
  const role = roleOf(edge, orgId, caller);
  if (!org || !role) throw new DomainError("access_denied", "You have no access here.");
  return orgAnswer(org, role);
}
