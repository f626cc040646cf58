import type { PageRoute } from "../../routes.ts";

export const INVITATION_ROUTES: readonly PageRoute[] = [
  {
    path: "/invitation",
    need: "public",
    title: "Invitation",
    outside: true,
    page: async () => (await import("./page.tsx")).InvitationPage,
  },
];
