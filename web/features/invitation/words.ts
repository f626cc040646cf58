import type { Role } from "../../../server/contract/roles.ts";

const MAY: Record<Role, string> = {
  viewer: "see everything that is watched",
  editor: "see everything that is watched, and handle its alerts",
  admin: "see, set up and manage everything, and invite others",
  owner: "do everything",
};

/** "an editor" */
export function roleWords(role: Role): string {
  return `${/^[aeio]/.test(role) ? "an" : "a"} ${role}`;
}

export function mayWords(role: Role): string {
  return MAY[role];
}
