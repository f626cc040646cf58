import type { Component } from "solid-js";

/** Who a page is for: anyone, anyone signed in, or people who operate this instance. */
export type Need = "public" | "person" | "operator";

export interface PageRoute {
  path: string;
  need: Need;
  /** Stands in the browser's title, before "Pulse". */
  title: string;
  /** Stands alone, without the shell, also for someone signed in. */
  outside?: true;
  /** Not about what is watched in one place: shown wherever the tab stands. What operators need always is. */
  anywhere?: true;
  page: () => Promise<Component>;
}

export const ROUTES: readonly PageRoute[] = [
  {
    path: "/",
    need: "person",
    title: "Overview",
    page: async () => (await import("./features/overview/page.tsx")).OverviewPage,
  },
  {
    path: "/machines/:id",
    need: "person",
    title: "Machine",
    page: async () => (await import("./features/machine/page.tsx")).MachinePage,
  },
  {
    path: "/resources",
    need: "person",
    title: "Resources",
    page: async () => (await import("./features/resources/page.tsx")).ResourcesPage,
  },
  {
    path: "/resources/:id",
    need: "person",
    title: "Resource",
    page: async () => (await import("./features/resource/page.tsx")).ResourcePage,
  },
  {
    path: "/alerts",
    need: "person",
    title: "Alerts",
    page: async () => (await import("./features/alerts/page.tsx")).AlertsPage,
  },
  {
    path: "/alerts/rules",
    need: "person",
    title: "Alert rules",
    page: async () => (await import("./features/rules/page.tsx")).RulesPage,
  },
  {
    path: "/alerts/silences",
    need: "person",
    title: "Silences",
    page: async () => (await import("./features/silences/page.tsx")).SilencesPage,
  },
  {
    path: "/alerts/silences/new",
    need: "person",
    title: "New silence",
    page: async () => (await import("./features/silences/new-page.tsx")).NewSilencePage,
  },
  {
    path: "/alerts/silences/:id",
    need: "person",
    title: "Silence",
    page: async () => (await import("./features/silences/edit-page.tsx")).EditSilencePage,
  },
  {
    path: "/alerts/:id",
    need: "person",
    title: "Incident",
    page: async () => (await import("./features/alerts/incident-page.tsx")).IncidentPage,
  },
  {
    path: "/compare",
    need: "person",
    title: "Compare",
    page: async () => (await import("./features/compare/page.tsx")).ComparePage,
  },
  {
    path: "/checks",
    need: "person",
    title: "Checks",
    page: async () => (await import("./features/checks/page.tsx")).ChecksPage,
  },
  {
    path: "/checks/new",
    need: "person",
    title: "New check",
    page: async () => (await import("./features/checks/new-page.tsx")).NewCheckPage,
  },
  {
    path: "/checks/:id",
    need: "person",
    title: "Check",
    page: async () => (await import("./features/checks/edit-page.tsx")).EditCheckPage,
  },
  {
    path: "/add",
    need: "person",
    title: "Add a machine",
    page: async () => (await import("./features/add-machine/page.tsx")).AddMachinePage,
  },
  {
    path: "/settings",
    need: "person",
    title: "Settings",
    anywhere: true,
    page: async () => (await import("./features/settings/page.tsx")).SettingsPage,
  },
  {
    path: "/settings/tokens",
    need: "person",
    title: "Tokens",
    page: async () => (await import("./features/tokens/page.tsx")).TokensPage,
  },
  {
    path: "/settings/agents",
    need: "person",
    title: "Agents",
    page: async () => (await import("./features/agents/page.tsx")).AgentsPage,
  },
  {
    path: "/settings/sources",
    need: "person",
    title: "Sources",
    page: async () => (await import("./features/sources/page.tsx")).SourcesPage,
  },
  {
    path: "/settings/sources/new",
    need: "person",
    title: "New source",
    page: async () => (await import("./features/sources/new-page.tsx")).NewSourcePage,
  },
  {
    path: "/settings/sources/:id",
    need: "person",
    title: "Source",
    page: async () => (await import("./features/sources/edit-page.tsx")).EditSourcePage,
  },
  {
    path: "/settings/history",
    need: "person",
    title: "History",
    page: async () => (await import("./features/retention/page.tsx")).RetentionPage,
  },
  {
    path: "/settings/notifications",
    need: "person",
    title: "Notifications",
    page: async () => (await import("./features/notifications/page.tsx")).NotificationsPage,
  },
  {
    path: "/settings/notifications/new",
    need: "person",
    title: "Add a channel",
    page: async () => (await import("./features/notifications/new-page.tsx")).NewChannelPage,
  },
  {
    path: "/settings/notifications/routes/:at",
    need: "person",
    title: "Route",
    page: async () => (await import("./features/routes/edit-page.tsx")).RoutePage,
  },
  {
    path: "/settings/notifications/:id",
    need: "person",
    title: "Channel",
    page: async () => (await import("./features/notifications/edit-page.tsx")).EditChannelPage,
  },
  {
    path: "/settings/audit",
    need: "person",
    title: "Audit",
    page: async () => (await import("./features/audit/page.tsx")).AuditPage,
  },
  {
    path: "/settings/people",
    need: "operator",
    title: "People",
    page: async () => (await import("./features/people/page.tsx")).PeoplePage,
  },
  {
    path: "/sign-in",
    need: "public",
    title: "Sign in",
    outside: true,
    page: async () => (await import("./features/sign-in/sign-in-page.tsx")).SignInPage,
  },
  {
    path: "/setup",
    need: "public",
    title: "Set up",
    outside: true,
    page: async () => (await import("./features/sign-in/setup-page.tsx")).SetupPage,
  },
  {
    path: "*",
    need: "public",
    title: "Not found",
    page: async () => (await import("./features/trouble/not-found-page.tsx")).NotFoundPage,
  },
];
