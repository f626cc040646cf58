/**
 * Loads the SQLite addon that `build.ts` embeds in the binary.
 *
 * A shared library must come from a file the kernel will map as executable. Bun writes the embedded addon to the
 * temporary directory, which fails where that directory is read-only or mounted noexec: a hardened container, a
 * locked-down unit. Asking the operator for another directory would be one more thing to know before Pulse starts,
 * so on Linux the second way is a file that exists only in memory.
 *
 * All threads must end up on ONE copy of the library: SQLite's file locks belong to the process, and two copies
 * would not know of each other's. Bun's file has one path. The in-memory copy is shared by its name in
 * /proc/self/fd: a thread fills a private one, then publishes it by duplicating it to the lowest free descriptor
 * from PUBLISHED_FROM up. Of several threads that race, all take the lowest published one.
 */
import { dlopen } from "bun:ffi";
import { closeSync, readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";

const NAME = "pulse-sqlite";
const PUBLISHED_FROM = 200;
const MFD_CLOEXEC = 1;
const F_DUPFD_CLOEXEC = 1030;

/** `embeddedPath` is the addon's path inside the binary. */
export function loadEmbeddedAddon(embeddedPath: string): unknown {
  try {
    return load(embeddedPath);
  } catch (cause) {
    if (process.platform !== "linux") throw cause;
    try {
      return load(`/proc/self/fd/${findPublished() ?? publish(readFileSync(embeddedPath))}`);
    } catch {
      throw new Error(
        "SQLite cannot be loaded: set BUN_TMPDIR to a writable directory that allows programs",
        { cause },
      );
    }
  }
}

function load(path: string): unknown {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}

function findPublished(): number | undefined {
  const fds = readdirSync("/proc/self/fd").map(Number);
  return fds.sort((a, b) => a - b).find((fd) => fd >= PUBLISHED_FROM && isCopy(fd));
}

function isCopy(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`/memfd:${NAME}`);
  } catch {
    return false; // closed since it was listed
  }
}

function publish(addon: Uint8Array): number {
  const { memfd_create, fcntl } = openLibc();
  const draft = memfd_create(Buffer.from(`${NAME}\0`), MFD_CLOEXEC);
  if (draft < 0) throw new Error("memfd_create was refused");
  for (let written = 0; written < addon.length; ) written += writeSync(draft, addon, written);
  const mine = fcntl(draft, F_DUPFD_CLOEXEC, PUBLISHED_FROM);
  if (mine < 0) return draft; // a very low descriptor limit: better an unshared copy than no database
  closeSync(draft);
  const chosen = findPublished() ?? mine;
  if (chosen !== mine) closeSync(mine);
  return chosen;
}

function openLibc() {
  const symbols = {
    memfd_create: { args: ["ptr", "u32"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  } as const;
  try {
    return dlopen("libc.so.6", symbols).symbols;
  } catch {
    const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
    return dlopen(`libc.musl-${machine}.so.1`, symbols).symbols;
  }
}
