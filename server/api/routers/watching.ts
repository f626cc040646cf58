/** What is watched: the picture, its history. Input, call, nothing else. */
import { HistoryLatestInput, HistoryRangeInput } from "../../contract/history.ts";
import { ResourceGetInput, ResourceListInput } from "../../contract/resource.ts";
import { getResource, historyLatest, historyRange, listResources } from "../org-view.ts";
import { router, viewerProcedure } from "../procedures.ts";

export const resourcesRouter = router({
  list: viewerProcedure
    .input(ResourceListInput.optional())
    .query(({ ctx, input }) => listResources(ctx, input ?? {})),
  get: viewerProcedure.input(ResourceGetInput).query(({ ctx, input }) => getResource(ctx, input.id)),
});

export const historyRouter = router({
  range: viewerProcedure.input(HistoryRangeInput).query(({ ctx, input }) => historyRange(ctx, input)),
  latest: viewerProcedure.input(HistoryLatestInput).query(({ ctx, input }) => historyLatest(ctx, input)),
});
