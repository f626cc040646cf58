import type { PageRoute } from "../../routes.ts";
import type { Places } from "../../state/places.ts";
import { Frame } from "./frame.tsx";
import { arrive, lost } from "./moving.ts";
import { DEFAULT_SLUG } from "./names.ts";
import { paletteEntries } from "./palette.tsx";
import { ResourceMark } from "./resource-mark.tsx";
import { here, standing } from "./standing.ts";
import { Switcher } from "./switcher.tsx";

export const PLACES: Places = {
  arrive,
  isWatched: () => standing() === "fine",
  emptyWords,
  lost,
  Frame,
  Switcher,
  ResourceMark,
  paletteEntries,
};

/** The machine the server runs on belongs to the default one. */
function emptyWords(): string | undefined {
  const org = here();
  if (!org || org.slug === DEFAULT_SLUG) return undefined;
  return `Another organization can share a machine with this one, under its address ${org.slug}.`;
}

export const PLACE_ROUTES: readonly PageRoute[] = [
  {
    path: "/o/:slug/*rest",
    need: "person",
    title: "Pulse",
    anywhere: true,
    page: async () => (await import("./arrival.tsx")).Arrival,
  },
  {
    path: "/organizations/new",
    need: "person",
    title: "Create organization",
    anywhere: true,
    page: async () => (await import("./create-page.tsx")).CreatePage,
  },
  {
    path: "/organizations/invitations",
    need: "person",
    title: "Invitations",
    anywhere: true,
    page: async () => (await import("./invitations-page.tsx")).InvitationsPage,
  },
  {
    path: "/settings/organization",
    need: "person",
    title: "Organization",
    page: async () => (await import("./overview-panel.tsx")).OverviewPanel,
  },
  {
    path: "/settings/access",
    need: "person",
    title: "Access",
    page: async () => (await import("./access-panel.tsx")).AccessPanel,
  },
  {
    path: "/settings/sharing",
    need: "person",
    title: "Sharing",
    page: async () => (await import("./sharing-panel.tsx")).SharingPanel,
  },
  {
    path: "/settings/plan",
    need: "person",
    title: "Billing and plan",
    page: async () => (await import("./plan-panel.tsx")).PlanPanel,
  },
];
