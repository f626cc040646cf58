import type { Role } from "../../../server/contract/roles.ts";
import { extension, type SettingsLink } from "../../state/extension.ts";
import { me } from "../../state/session.ts";

/** What concerns this server as a whole is for people who operate it. */
export function operates(): boolean {
  return me()?.operator === true;
}

/** Whether the person may administer what is on the page. The server decides; this only spares dead ends. */
export function administers(): boolean {
  return extension()?.administers() ?? may("admin");
}

/** Whether the person may change what is on the page. The server decides here too. */
export function edits(): boolean {
  return extension()?.edits() ?? may("editor");
}

/** Weakest first. */
const ROLES: readonly Role[] = ["viewer", "editor", "admin", "owner"];

function may(needed: Role): boolean {
  const role = me()?.role;
  return role !== undefined && ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

const BASIC: readonly SettingsLink[] = [
  { href: "/settings", label: "Account", group: "own", shown: () => true },
  { href: "/settings#appearance", label: "Appearance", group: "own", shown: () => true },
  { href: "/settings/agents", label: "Agents", group: "own", shown: () => true },
  { href: "/settings/sources", label: "Sources", group: "own", shown: () => true },
  { href: "/settings/notifications", label: "Notifications", group: "own", shown: administers },
  { href: "/settings/history", label: "History", group: "own", shown: () => true },
  { href: "/settings/tokens", label: "Tokens", group: "own", shown: administers },
  { href: "/settings/audit", label: "Audit", group: "own", shown: administers },
  { href: "/settings/people", label: "People", group: "server", shown: operates },
];

const LAST: SettingsLink = { href: "/settings#about", label: "About", group: "server", shown: operates };

/** Those with a page of their own. */
export function settingsPages(): SettingsLink[] {
  return [...settingsLinks("own"), ...settingsLinks("server")].filter(
    ({ href }) => !/^\/settings(?:#|$)/.test(href),
  );
}

/** What the settings of this person on this server are made of, in the order of their navigation. */
export function settingsLinks(group: SettingsLink["group"]): SettingsLink[] {
  return [...BASIC, ...(extension()?.settings ?? []), LAST].filter(
    (link) => link.group === group && link.shown(),
  );
}
