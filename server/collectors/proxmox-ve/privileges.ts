/** What the token should be able to do, and what is not seen without it. All of it is only looking. */
import { isAllowed, type Permissions } from "../proxmox/answers.ts";

interface Wanted {
  /** One of these is enough. */
  privileges: string[];
  path: string;
  for: string;
}

const ALWAYS: Wanted[] = [
  { privileges: ["Sys.Audit"], path: "/", for: "nodes, disks, pools, tasks and backups" },
  { privileges: ["VM.Audit"], path: "/vms", for: "guests" },
  { privileges: ["Datastore.Audit"], path: "/storage", for: "storages" },
];

/** Until VE 8 the agent was part of VM.Monitor; since VE 9 it has privileges of its own. */
const AGENT_OLD = ["VM.Monitor"];
const AGENT_NEW = ["VM.GuestAgent.Audit", "VM.GuestAgent.Unrestricted"];

export function majorOf(version: string | undefined): number | undefined {
  const major = Number.parseInt(version ?? "", 10);
  return Number.isNaN(major) ? undefined : major;
}

function agentPrivileges(version: string | undefined): string[] {
  const major = majorOf(version);
  if (major === undefined) return [...AGENT_OLD, ...AGENT_NEW];
  return major < 9 ? AGENT_OLD : AGENT_NEW;
}

/** Sentences like "Sys.Audit on / (nodes, disks, pools, tasks and backups)". */
export function missingPrivileges(permissions: Permissions, version: string | undefined): string[] {
  const agent = { privileges: agentPrivileges(version), path: "/vms", for: "what the guest agents tell" };
  // On VE 8 the only privilege for it also lets commands be run in the guests: it is not asked for.
  const wanted = (majorOf(version) ?? 9) < 9 ? ALWAYS : [...ALWAYS, agent];
  return wanted
    .filter(({ privileges, path }) => !privileges.some((one) => isAllowedAtOrBelow(permissions, path, one)))
    .map(({ privileges, path, for: what }) => `${privileges[0]} on ${path} (${what})`);
}

export function mayAskAgents(permissions: Permissions, version: string | undefined): boolean {
  return agentPrivileges(version).some((one) => isAllowedAtOrBelow(permissions, "/vms", one));
}

/** Proxmox lists the backups on a storage only to those who could also make and delete them. */
export function mayListBackups(permissions: Permissions, storage: string): boolean {
  const path = `/storage/${storage}`;
  if (isAllowed(permissions, path, "Datastore.Allocate")) return true;
  return (
    isAllowed(permissions, path, "Datastore.AllocateSpace") &&
    isAllowedAtOrBelow(permissions, "/vms", "VM.Backup")
  );
}

/** A token may have been given some guests only, and then should not be told it lacks the others. */
function isAllowedAtOrBelow(permissions: Permissions, path: string, privilege: string): boolean {
  const below = path === "/" ? "/" : `${path}/`;
  return (
    isAllowed(permissions, path, privilege) ||
    Object.entries(permissions).some(([at, held]) => at.startsWith(below) && privilege in held)
  );
}
