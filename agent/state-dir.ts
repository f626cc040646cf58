/** The folder an agent keeps its identity and its spool in. One agent at a time. */
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "../server/lib/domain-error.ts";
import { randomBase32 } from "../server/lib/random-id.ts";

const ATTEMPTS = 5;

export interface StateDir {
  path: string;
  release(): void;
}

/**
 * Takes the folder, or throws when a running agent has it. Who has it is written by process id and the
 * time that process was started, so that what a killed agent left, or one before a reboot, holds nobody
 * up. A folder that cannot be written to is nobody's: the agent then works from memory.
 */
export function takeStateDir(path: string): StateDir {
  const lock = join(path, "lock");
  const own = join(path, `lock.${randomBase32(8)}`);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    writeFileSync(own, describe(process.pid) ?? String(process.pid), { mode: 0o600 });
  } catch {
    return { path, release: () => {} };
  }
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (place(own, lock)) return { path, release: () => rmSync(lock, { force: true }) };
      const holder = holderOf(lock);
      if (holder !== undefined)
        throw new DomainError("conflict", `Another agent (process ${holder}) uses ${path}.`);
      rmSync(lock, { force: true });
    }
    throw new DomainError("conflict", `Another agent uses ${path}.`);
  } finally {
    rmSync(own, { force: true });
  }
}

/** A file system that knows no links holds no lock either. */
function place(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "EEXIST";
  }
}

/** Undefined when whoever wrote it no longer runs. */
function holderOf(lock: string): number | undefined {
  try {
    const text = readFileSync(lock, "utf8");
    const pid = Number(text.split(" ")[0]);
    return pid > 0 && describe(pid) === text ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Process id and, where the kernel tells, when it was started in ticks since the boot, and which boot that was. */
function describe(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const startedAt = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${pid} ${startedAt} ${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}`;
  } catch {
    return isAlive(pid) ? `${pid}` : undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
