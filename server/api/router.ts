import { router } from "./procedures.ts";
import { liveRouter } from "./routers/live.ts";
import { sessionRouter } from "./routers/session.ts";
import { featuresRouter, systemRouter } from "./routers/system.ts";
import { historyRouter, resourcesRouter } from "./routers/watching.ts";

export const appRouter = router({
  session: sessionRouter,
  features: featuresRouter,
  resources: resourcesRouter,
  history: historyRouter,
  live: liveRouter,
  system: systemRouter,
});

export type AppRouter = typeof appRouter;
