/** What the token should be able to do, and what is not seen without it. All of it is only looking. */
import { isAllowed, type Permissions } from "../proxmox/answers.ts";

const WANTED = [
  { privilege: "Sys.Audit", path: "/system", for: "the machine and its tasks" },
  { privilege: "Datastore.Audit", path: "/datastore", for: "datastores, backups and jobs" },
];

/** Sentences like "Sys.Audit on /system (the machine and its tasks)". */
export function missingPrivileges(permissions: Permissions): string[] {
  return WANTED.filter(({ privilege, path }) => !isAllowedAtOrBelow(permissions, path, privilege)).map(
    ({ privilege, path, for: what }) => `${privilege} on ${path} (${what})`,
  );
}

/** A token may have been given some datastores only, and then should not be told it lacks the others. */
function isAllowedAtOrBelow(permissions: Permissions, path: string, privilege: string): boolean {
  return (
    isAllowed(permissions, path, privilege) ||
    Object.entries(permissions).some(([at, held]) => at.startsWith(`${path}/`) && privilege in held)
  );
}
