/** What is wrong, what was wrong, and the rules by which that is decided: input, call, answer. */
import type { Caller } from "../../access/admission.ts";
import {
  AcknowledgeAllInput,
  AcknowledgeInput,
  type Alert,
  type AlertList,
  type Author,
  CloseAlertInput,
  CreateSilenceInput,
  ExplainInput,
  type Explanation,
  type Incident,
  type IncidentList,
  IncidentListInput,
  NamedAlertInput,
  NamedSilenceInput,
  NoteInput,
  type RuleList,
  type RuleTrial,
  SetRulesInput,
  type Silence,
  type SilenceList,
  SnoozeInput,
  type TimelineEntry,
  TryRuleInput,
  UpdateSilenceInput,
} from "../../contract/alerts.ts";
import type { By } from "../../contract/audit.ts";
import type { OrgId } from "../../contract/ids.ts";
import type { Edge } from "../edge.ts";
import { activeAlerts, type Taken, takeAlert } from "../org-view.ts";
import { memberProcedure, router, viewerProcedure } from "../procedures.ts";

const editorProcedure = memberProcedure("editor");
const adminProcedure = memberProcedure("admin");

export const alertsRouter = router({
  active: viewerProcedure.query(({ ctx }): Promise<AlertList> => activeAlerts(ctx)),

  incidents: viewerProcedure
    .input(IncidentListInput.optional())
    .query(({ ctx, input }): Promise<IncidentList> => ctx.org.alerts.list(input ?? {})),

  get: viewerProcedure
    .input(NamedAlertInput)
    .query(({ ctx, input }): Promise<{ incident: Incident }> => ctx.org.alerts.get(input)),

  acknowledge: editorProcedure
    .input(AcknowledgeInput)
    .mutation(async ({ ctx, input }): Promise<{ alert: Alert }> => {
      const taken = await takeAlert(
        ctx,
        (org) => org.alerts.acknowledge({ input, by: authorOf(ctx.caller) }),
        (source, grant) => source.door.acknowledge({ grant, input, by: guestOf(ctx) }),
      );
      return noted(ctx, "alert.acknowledged", taken);
    }),

  acknowledgeAll: editorProcedure
    .input(AcknowledgeAllInput)
    .mutation(
      ({ ctx, input }): Promise<{ acknowledged: number }> =>
        ctx.org.alerts.acknowledgeAll({ input, by: authorOf(ctx.caller) }),
    ),

  unacknowledge: editorProcedure
    .input(NamedAlertInput)
    .mutation(async ({ ctx, input }): Promise<{ alert: Alert }> => {
      const taken = await takeAlert(
        ctx,
        (org) => org.alerts.unacknowledge({ input, by: authorOf(ctx.caller) }),
        (source, grant) => source.door.unacknowledge({ grant, input, by: guestOf(ctx) }),
      );
      return noted(ctx, "alert.unacknowledged", taken);
    }),

  snooze: editorProcedure
    .input(SnoozeInput)
    .mutation(
      ({ ctx, input }): Promise<{ alert: Alert }> =>
        ctx.org.alerts.snooze({ input, by: authorOf(ctx.caller) }),
    ),

  note: editorProcedure
    .input(NoteInput)
    .mutation(
      ({ ctx, input }): Promise<{ entry: TimelineEntry }> =>
        ctx.org.alerts.note({ input, by: authorOf(ctx.caller) }),
    ),

  close: editorProcedure
    .input(CloseAlertInput)
    .mutation(async ({ ctx, input }): Promise<{ alert: Alert }> => {
      const { edge, orgId, org, by, caller } = ctx;
      const { alert } = await org.alerts.close({ input, by: authorOf(caller) });
      const details = { rule: alert.rule, name: alert.resource.name };
      await edge.shards.instance.audit.note({
        by,
        orgId,
        action: "alert.closed",
        subject: input.id,
        details,
      });
      return { alert };
    }),

  rules: viewerProcedure.query(({ ctx }): Promise<RuleList> => ctx.org.alerts.rules()),

  setRules: adminProcedure.input(SetRulesInput).mutation(async ({ ctx, input }): Promise<RuleList> => {
    const { edge, orgId, org, by } = ctx;
    const list = await org.alerts.setRules(input);
    const { rules, overrides, own } = input.settings;
    const details = {
      revision: list.revision,
      rules: Object.keys(rules),
      overrides: overrides.length,
      own: own.map(({ name }) => name),
    };
    await edge.shards.instance.audit.note({ by, orgId, action: "alert_rules.changed", details });
    return list;
  }),

  /** What a change would come to, before it is made. */
  tryRule: viewerProcedure
    .input(TryRuleInput)
    .query(({ ctx, input }): Promise<RuleTrial> => ctx.org.alerts.tryRule(input)),

  /** Why something is, or is not, an alert. */
  explain: viewerProcedure
    .input(ExplainInput)
    .query(({ ctx, input }): Promise<Explanation> => ctx.org.alerts.explain(input)),

  silences: viewerProcedure.query(({ ctx }): Promise<SilenceList> => ctx.org.alerts.silences()),

  createSilence: editorProcedure
    .input(CreateSilenceInput)
    .mutation(async ({ ctx, input }): Promise<{ silence: Silence }> => {
      const { edge, orgId, org, by, caller } = ctx;
      const { silence } = await org.alerts.silence({ input, by: authorOf(caller) });
      const details = { name: silence.name };
      await edge.shards.instance.audit.note({
        by,
        orgId,
        action: "silence.created",
        subject: silence.id,
        details,
      });
      return { silence };
    }),

  updateSilence: editorProcedure
    .input(UpdateSilenceInput)
    .mutation(async ({ ctx, input }): Promise<{ silence: Silence }> => {
      const { edge, orgId, org, by, caller } = ctx;
      const { silence } = await org.alerts.changeSilence({ input, by: authorOf(caller) });
      const details = { name: silence.name };
      await edge.shards.instance.audit.note({
        by,
        orgId,
        action: "silence.changed",
        subject: silence.id,
        details,
      });
      return { silence };
    }),

  removeSilence: editorProcedure
    .input(NamedSilenceInput)
    .mutation(async ({ ctx, input }): Promise<{ removed: true }> => {
      const { edge, orgId, org, by } = ctx;
      const details = await org.alerts.unsilence(input);
      await edge.shards.instance.audit.note({
        by,
        orgId,
        action: "silence.removed",
        subject: input.id,
        details,
      });
      return { removed: true };
    }),
});

interface Doing {
  edge: Edge;
  orgId: OrgId;
  by: By;
  caller: Caller;
}

/** How the org that shows something knows who of another did something about it. */
function guestOf({ edge, orgId, caller }: Doing): Author {
  const author = authorOf(caller);
  const home = edge.directory.findOrg(orgId)?.name ?? "another organization";
  return {
    ...author,
    name: `${author.name || (author.kind === "token" ? "a token" : "somebody")} of ${home}`,
  };
}

/** What somebody of another org did stands in the audit of the org in which they did it. */
async function noted(
  { edge, orgId, by }: Doing,
  action: string,
  { alert, via }: Taken,
): Promise<{ alert: Alert }> {
  if (via) {
    const org = edge.directory.findOrg(orgId)?.slug;
    const details = { rule: alert.rule, name: alert.resource.name, org, share: via.id };
    const note = { by, orgId: via.sourceOrgId, action, subject: alert.id, details };
    await edge.shards.instance.audit.note(note);
  }
  return { alert };
}

/** By the name they have now: it stays what it was when they did it. */
function authorOf({ person, token }: Caller): Author {
  if (token) return { kind: "token", id: token.id };
  return { kind: "person", id: person.id, name: person.name };
}
