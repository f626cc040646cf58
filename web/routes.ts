import type { Component } from "solid-js";

/** Who a page is for: anyone, anyone signed in, or people who operate this instance. */
export type Need = "public" | "member" | "operator";

export interface PageRoute {
  path: string;
  need: Need;
  /** Stands in the browser's title, before "Pulse". */
  title: string;
  page: () => Promise<Component>;
}

export const ROUTES: readonly PageRoute[] = [
  {
    path: "/",
    need: "member",
    title: "Overview",
    page: async () => (await import("./features/overview/page.tsx")).OverviewPage,
  },
  {
    path: "/machines/:id",
    need: "member",
    title: "Machine",
    page: async () => (await import("./features/machine/page.tsx")).MachinePage,
  },
  {
    path: "/settings",
    need: "member",
    title: "Settings",
    page: async () => (await import("./features/settings/page.tsx")).SettingsPage,
  },
  {
    path: "/sign-in",
    need: "public",
    title: "Sign in",
    page: async () => (await import("./features/sign-in/sign-in-page.tsx")).SignInPage,
  },
  {
    path: "/setup",
    need: "public",
    title: "Set up",
    page: async () => (await import("./features/sign-in/setup-page.tsx")).SetupPage,
  },
  {
    path: "*",
    need: "public",
    title: "Not found",
    page: async () => (await import("./features/trouble/not-found-page.tsx")).NotFoundPage,
  },
];
