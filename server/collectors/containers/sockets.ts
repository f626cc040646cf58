import { readdirSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const OF_THE_MACHINE = ["/var/run/docker.sock", "/run/podman/podman.sock"];
/** In the runtime folder of a user whose engine needs no root. */
const OF_A_USER = ["docker.sock", "podman/podman.sock"];
const USERS = "/run/user";
/** Users of one machine whose engines are looked for. */
const USER_LIMIT = 32;

/** Where engines listen by themselves: the machine's, and those of users. Others' can be seen by root only. */
export function usualSockets(): string[] {
  return [...OF_THE_MACHINE, ...userSockets(), ...desktopSockets()];
}

function userSockets(): string[] {
  try {
    const users = readdirSync(USERS).filter((name) => /^\d+$/.test(name));
    return users.slice(0, USER_LIMIT).flatMap((user) => OF_A_USER.map((file) => join(USERS, user, file)));
  } catch {
    return [];
  }
}

/** On macOS and with Docker Desktop the engine is in a virtual machine, and its socket in the user's home. */
function desktopSockets(): string[] {
  return [join(homedir(), ".docker/run/docker.sock")];
}

/** Sockets that are there, each once: Podman's package for Docker's users links one to the other. */
export function presentSockets(files: readonly string[]): Map<string, string> {
  const present = new Map<string, string>();
  for (const file of files) {
    try {
      const real = realpathSync(file);
      if (!present.has(real)) present.set(real, file);
    } catch {
      // Not there, or in a folder that is closed to us.
    }
  }
  return present;
}

/** Whose engine it is: a user's number, or `desktop`; undefined for the machine's own. */
export function ownerOf(file: string): string | undefined {
  return /^\/run\/user\/(\d+)\//.exec(file)?.[1] ?? (file.includes("/.docker/") ? "desktop" : undefined);
}
