/** What is watched: the picture, its history. Input, call, nothing else. */
import { watcherOf } from "../../access/admission.ts";
import { ExportInput, type ExportTicket } from "../../contract/export.ts";
import {
  HistoryLatestInput,
  HistoryRangeInput,
  type HistoryRetention,
  HistoryTopInput,
  RetentionInput,
  SetRetentionInput,
} from "../../contract/history.ts";
import type { OrgId } from "../../contract/ids.ts";
import { storedBytesLimitOf } from "../../contract/limits.ts";
import {
  type MergeList,
  MergeResourcesInput,
  NamedMergeInput,
  type Resource,
  ResourceGetInput,
  ResourceListInput,
  UpdateResourceInput,
} from "../../contract/resource.ts";
import { WatchInput } from "../../contract/watching.ts";
import type { Edge } from "../edge.ts";
import {
  getResource,
  historyLatest,
  historyRange,
  historyTop,
  listResources,
  unwatch,
  watch,
} from "../org-view.ts";
import { memberProcedure, router, viewerPersonProcedure, viewerProcedure } from "../procedures.ts";

const editorProcedure = memberProcedure("editor");
const adminProcedure = memberProcedure("admin");

export const resourcesRouter = router({
  list: viewerProcedure
    .input(ResourceListInput.optional())
    .query(({ ctx, input }) => listResources(ctx, input ?? {})),
  get: viewerProcedure.input(ResourceGetInput).query(({ ctx, input }) => getResource(ctx, input.id)),

  /** Somebody looks at it closely: it reports faster until they do not say so any more. */
  watch: viewerProcedure
    .input(WatchInput)
    .mutation(({ ctx, input }) => watch(ctx, input, watcherOf(ctx.caller))),
  unwatch: viewerProcedure
    .input(WatchInput)
    .mutation(({ ctx, input }) => unwatch(ctx, input, watcherOf(ctx.caller))),

  /** What people say about it. What another org shows is the other org's to describe. */
  update: editorProcedure
    .input(UpdateResourceInput)
    .mutation(({ ctx, input }): Promise<{ resource: Resource }> => ctx.org.resources.update(input)),

  forget: editorProcedure
    .input(ResourceGetInput)
    .mutation(async ({ ctx, input }): Promise<{ forgotten: true }> => {
      const { edge, orgId, by } = ctx;
      const details = await ctx.org.resources.forget(input);
      const deed = { by, orgId, action: "resource.forgotten", subject: input.id, details };
      await edge.shards.instance.audit.note(deed);
      return { forgotten: true };
    }),

  /** Which resources two sources see, and why they are one. */
  merges: viewerProcedure.query(({ ctx }): Promise<MergeList> => ctx.org.resources.merges()),

  merge: editorProcedure
    .input(MergeResourcesInput)
    .mutation(({ ctx, input }): Promise<{ resource: Resource }> => ctx.org.resources.merge(input)),

  separate: editorProcedure
    .input(NamedMergeInput)
    .mutation(({ ctx, input }): Promise<{ separated: true }> => ctx.org.resources.separate(input)),
});

export const historyRouter = router({
  range: viewerProcedure
    .input(HistoryRangeInput)
    .query(async ({ ctx, input, signal }) => ctx.ready.put(await historyRange(ctx, input, signal))),
  latest: viewerProcedure.input(HistoryLatestInput).query(({ ctx, input }) => historyLatest(ctx, input)),
  top: viewerProcedure
    .input(HistoryTopInput)
    .query(({ ctx, input, signal }) => historyTop(ctx, input, signal)),

  /** With an input: as it would be. */
  retention: viewerProcedure
    .input(RetentionInput.optional())
    .query(
      ({ ctx, input = {} }): Promise<HistoryRetention> =>
        ctx.org.history.retention({ input, quotaBytes: quotaOf(ctx) }),
    ),

  /** What is not kept any more goes, and cannot be had back. */
  setRetention: adminProcedure
    .input(SetRetentionInput)
    .mutation(async ({ ctx, input }): Promise<HistoryRetention> => {
      const { edge, orgId, org, by } = ctx;
      const quotaBytes = quotaOf(ctx);
      const details = { ...(await org.history.setRetention({ input, quotaBytes })) };
      await edge.shards.instance.audit.note({ by, orgId, action: "history.retention_set", details });
      return org.history.retention({ input: {}, quotaBytes });
    }),

  /** Where this browser may download what it asks for. Scripts ask the export itself, with their token. */
  exportTicket: viewerPersonProcedure
    .input(ExportInput)
    .mutation(async ({ ctx, input }): Promise<ExportTicket> => {
      await getResource(ctx, input.resourceId);
      return ctx.edge.exports.issue(ctx.admitted, input);
    }),
});

function quotaOf({ edge, orgId }: { edge: Edge; orgId: OrgId }): number {
  return storedBytesLimitOf(edge.directory.findOrg(orgId)?.limits);
}
