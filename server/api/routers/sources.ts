/** What is asked of its own accord: input, call, answer, and a line in the audit for what was changed. */

import { type Caller, mayBeTold } from "../../access/admission.ts";
import type { OrgId } from "../../contract/ids.ts";
import { limitOf } from "../../contract/limits.ts";
import type { Role } from "../../contract/roles.ts";
import {
  CreateSourceInput,
  NamedSourceInput,
  SetupScriptInput,
  type Source,
  type SourceList,
  type SourceTest,
  TestSourceInput,
  UpdateSourceInput,
} from "../../contract/sources.ts";
import { DomainError } from "../../lib/domain-error.ts";
import type { Context } from "../edge.ts";
import { linkBase } from "../org-answers.ts";
import { memberProcedure, router, viewerProcedure } from "../procedures.ts";

const adminProcedure = memberProcedure("admin");

export const sourcesRouter = router({
  list: viewerProcedure.query(async ({ ctx }): Promise<SourceList> => {
    const { sources } = await ctx.org.sources.list();
    return {
      sources: sources.map((source) => withUrl(ctx, source)),
      limit: limitOf(ctx.edge.directory.findOrg(ctx.orgId)?.limits, "sources"),
    };
  }),

  create: adminProcedure
    .input(CreateSourceInput)
    .mutation(async ({ ctx, input }): Promise<{ source: Source }> => {
      const { edge, orgId, org, by } = ctx;
      requireOwnAgent(ctx, input.from);
      const { instance } = edge.shards;
      /* Before there is anything to ask: after a crash nothing that is asked is forgotten. */
      await instance.orgs.markPolled({ orgId });
      const limit = limitOf(edge.directory.findOrg(orgId)?.limits, "sources");
      const { source } = await org.sources.create({ input, limit });
      const details = { name: source.name, type: source.type };
      await instance.audit.note({ by, orgId, action: "source.created", subject: source.id, details });
      return { source: withUrl(ctx, source) };
    }),

  update: adminProcedure
    .input(UpdateSourceInput)
    .mutation(async ({ ctx, input }): Promise<{ source: Source }> => {
      const { edge, orgId, org, by } = ctx;
      requireOwnAgent(ctx, input.from);
      const { source } = await org.sources.update({ input });
      const { id: _, secrets, ...changed } = input;
      const details = {
        name: source.name,
        changed: [...Object.keys(changed), ...Object.keys(secrets ?? {}).map((name) => `secrets.${name}`)],
      };
      await edge.shards.instance.audit.note({
        by,
        orgId,
        action: "source.changed",
        subject: source.id,
        details,
      });
      return { source: withUrl(ctx, source) };
    }),

  remove: adminProcedure
    .input(NamedSourceInput)
    .mutation(async ({ ctx, input }): Promise<{ removed: true }> => {
      const { edge, orgId, org, by } = ctx;
      const details = await org.sources.remove(input);
      await edge.shards.instance.audit.note({
        by,
        orgId,
        action: "source.removed",
        subject: input.id,
        details,
      });
      return { removed: true };
    }),

  /** Leaves nothing behind. */
  test: adminProcedure
    .input(TestSourceInput)
    .mutation(({ ctx, input }): Promise<SourceTest> => ctx.org.sources.test({ input })),

  /** To be run where the source is, so that Pulse may look there and do nothing else. */
  setupScript: adminProcedure
    .input(SetupScriptInput)
    .query(({ ctx, input }): Promise<{ script: string }> => ctx.org.sources.setupScript(input)),
});

type InOrg = Context & { orgId: OrgId; role: Role; caller: Caller };

/** Whoever may change things may also send the heartbeat. */
function withUrl(ctx: InOrg, source: Omit<Source, "heartbeatUrl">): Source {
  if (source.type !== "heartbeat" || !mayBeTold(ctx.caller, ctx.role, "editor")) return source;
  const key = ctx.edge.heartbeats.keyOf(ctx.orgId, source.id);
  return { ...source, heartbeatUrl: `${linkBase(ctx)}/api/heartbeat/${key}` };
}

/** An agent of another org is none. */
function requireOwnAgent({ edge, orgId }: InOrg, from: CreateSourceInput["from"]): void {
  if (from === undefined || from === "server") return;
  if (edge.directory.agent(from)?.orgId !== orgId)
    throw new DomainError("not_found", "There is no such agent.");
}
