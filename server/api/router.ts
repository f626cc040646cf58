import { router } from "./procedures.ts";
import { agentsRouter } from "./routers/agents.ts";
import { alertsRouter } from "./routers/alerts.ts";
import { liveRouter } from "./routers/live.ts";
import { membersRouter } from "./routers/members.ts";
import { notificationsRouter } from "./routers/notifications.ts";
import { orgsRouter } from "./routers/orgs.ts";
import { sessionRouter } from "./routers/session.ts";
import { sharesRouter } from "./routers/shares.ts";
import { sourcesRouter } from "./routers/sources.ts";
import { featuresRouter, systemRouter } from "./routers/system.ts";
import { auditRouter, tokensRouter } from "./routers/tokens.ts";
import { historyRouter, resourcesRouter } from "./routers/watching.ts";

export const appRouter = router({
  session: sessionRouter,
  features: featuresRouter,
  resources: resourcesRouter,
  history: historyRouter,
  agents: agentsRouter,
  sources: sourcesRouter,
  notifications: notificationsRouter,
  alerts: alertsRouter,
  live: liveRouter,
  orgs: orgsRouter,
  members: membersRouter,
  shares: sharesRouter,
  tokens: tokensRouter,
  audit: auditRouter,
  system: systemRouter,
});

export type AppRouter = typeof appRouter;
