/** What is watched: the picture, its history. Input, call, nothing else. */
import { HistoryLatestInput, HistoryRangeInput } from "../../contract/history.ts";
import { ResourceGetInput, ResourceListInput } from "../../contract/resource.ts";
import { router, viewerProcedure } from "../procedures.ts";

export const resourcesRouter = router({
  list: viewerProcedure
    .input(ResourceListInput.optional())
    .query(({ ctx, input }) => ctx.org.resources.list(input ?? {})),
  get: viewerProcedure.input(ResourceGetInput).query(({ ctx, input }) => ctx.org.resources.get(input)),
});

export const historyRouter = router({
  range: viewerProcedure.input(HistoryRangeInput).query(({ ctx, input }) => ctx.org.history.range(input)),
  latest: viewerProcedure.input(HistoryLatestInput).query(({ ctx, input }) => ctx.org.history.latest(input)),
});
