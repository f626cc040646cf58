/** Agents: input, call, answer. */
import { mayBeTold } from "../../access/admission.ts";
import { AGENT_TOKEN_PREFIX } from "../../contract/agent-tokens.ts";
import { type AgentList, type Enrolled, EnrollInput, RevokeAgentInput } from "../../contract/agents.ts";
import { AgentId } from "../../contract/ids.ts";
import { limitOf } from "../../contract/limits.ts";
import { buildInfo } from "../../lib/build-info.ts";
import { linkBase, onceFor } from "../org-answers.ts";
import { memberProcedure, router, viewerProcedure } from "../procedures.ts";

const adminProcedure = memberProcedure("admin");

export const agentsRouter = router({
  /** Tokens with which machines may enrol are told to admins only. */
  list: viewerProcedure.query(async ({ ctx }): Promise<AgentList> => {
    const { edge, orgId, role, org, caller } = ctx;
    const known = await edge.shards.instance.agents.list({ orgId });
    const { agents } = await org.agents.states({ agents: known.agents });
    return {
      agents,
      enrolments: mayBeTold(caller, role, "admin") ? known.enrolments : [],
      limit: limitOf(edge.directory.findOrg(orgId)?.limits, "agents"),
      serverVersion: buildInfo().version,
    };
  }),

  enroll: adminProcedure
    .input(EnrollInput.optional())
    .mutation(async ({ ctx, input = {} }): Promise<Enrolled> => {
      const { edge, orgId, by } = ctx;
      const once = onceFor(ctx, orgId, { procedure: "agents.enroll", input });
      const made = await edge.shards.instance.agents.enroll({ ...input, by, orgId, once });
      return { ...made, command: installLine(linkBase(ctx), made.token) };
    }),

  revoke: adminProcedure
    .input(RevokeAgentInput)
    .mutation(async ({ ctx, input }): Promise<{ revoked: true }> => {
      const { edge, orgId, by, org } = ctx;
      await edge.shards.instance.agents.revoke({ by, orgId, id: input.id });
      const agent = AgentId.safeParse(input.id);
      if (agent.success) await org.agents.forget({ id: agent.data });
      return { revoked: true };
    }),
});

/** To be run on the machine. Its token is of the form of ours, so nothing in it needs quoting. */
function installLine(server: string, token: string): string {
  if (!token.startsWith(AGENT_TOKEN_PREFIX)) throw new Error("not a token of an agent");
  return `curl -fsSL ${server}/install.sh | sudo sh -s -- --token ${token}`;
}
