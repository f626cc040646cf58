import type { SettingsLink } from "../../state/extension.ts";
import { isLicensed } from "./standing.ts";

const shown = isLicensed;

export const PLACE_SETTINGS: readonly SettingsLink[] = [
  { href: "/settings/organization", label: "Organization", group: "own", shown },
  { href: "/settings/access", label: "Access", group: "own", shown },
  { href: "/settings/sharing", label: "Sharing", group: "own", shown },
  { href: "/settings/plan", label: "Billing and plan", group: "own", shown },
];
