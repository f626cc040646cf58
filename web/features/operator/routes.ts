import type { PageRoute } from "../../routes.ts";
import { features, type SettingsLink } from "../../state/extension.ts";
import { operates } from "../settings/links.ts";

export const OPERATOR_ROUTES: readonly PageRoute[] = [
  {
    path: "/settings/organizations",
    need: "operator",
    title: "Organizations",
    page: async () => (await import("./organizations-page.tsx")).OrganizationsPage,
  },
  {
    path: "/settings/licence",
    need: "operator",
    title: "Licence",
    page: async () => (await import("./licence-page.tsx")).LicencePage,
  },
];

export const OPERATOR_SETTINGS: readonly SettingsLink[] = [
  { href: "/settings/organizations", label: "Organizations", group: "server", shown: operates },
  { href: "/settings/licence", label: "Licence", group: "server", shown: operates },
];

/** Whether it is switched on at all: it may not be any more. */
export function isThere(): boolean {
  return features()["multi_tenant"] !== undefined;
}

/** Whether what is here by the flag is also covered by a licence. */
export function isLicensed(): boolean {
  return features()["multi_tenant"] === true;
}
