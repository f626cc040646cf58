import type { FeatureList } from "../../contract/features.ts";
import type { SystemStatus } from "../../contract/system.ts";
import { operatorProcedure, publicProcedure, router } from "../procedures.ts";

export const featuresRouter = router({
  list: publicProcedure.query(
    ({ ctx }): FeatureList => ctx.edge.features.list(ctx.edge.directory.setupNeeded),
  ),
});

export const systemRouter = router({
  status: operatorProcedure.query(async ({ ctx }): Promise<SystemStatus> => {
    const { sqlite } = await ctx.edge.shards.instance.system.facts();
    return { ...ctx.edge.build, sqlite, startedAt: ctx.edge.startedAt };
  }),
});
