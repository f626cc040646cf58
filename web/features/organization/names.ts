import type { Role } from "../../../server/contract/roles.ts";

export const DEFAULT_SLUG = "default";

export const ROLE_WORDS: Record<Role, string> = {
  owner: "Owner",
  admin: "Admin",
  editor: "Editor",
  viewer: "Viewer",
};

/** Roles that are given; ownership is handed over instead. */
export const GIVEN_ROLES = ["viewer", "editor", "admin"] as const;
export type GivenRole = (typeof GIVEN_ROLES)[number];

export const ROLE_OPTIONS = GIVEN_ROLES.map((value) => ({ value, label: ROLE_WORDS[value] }));
