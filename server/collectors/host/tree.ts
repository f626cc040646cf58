import { closeSync, existsSync, openSync, readdirSync, readlinkSync, readSync } from "node:fs";
import { readFile } from "node:fs/promises";

/**
 * Reads /proc, /sys and a few files of /etc, under a prefix so that tests can lay out a machine of
 * their own. Kernel files are made in memory while they are read, so reading them synchronously waits
 * for no disk, and costs a tenth of a promise. What cannot be read is undefined: on one kernel or
 * another, inside one container or another, every single file here may be missing.
 */
export class Tree {
  constructor(private readonly root = "") {}

  /** The whole file, or undefined when it is missing, not readable, or larger than `TEXT_LIMIT`. */
  text(path: string): string | undefined {
    const length = this.fill(path);
    return length === undefined ? undefined : buffer.toString("utf8", 0, length);
  }

  /** The content without the line end; undefined when there is none. */
  value(path: string): string | undefined {
    return this.text(path)?.trim() || undefined;
  }

  number(path: string): number | undefined {
    const value = Number(this.value(path) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  }

  bytes(path: string): Uint8Array | undefined {
    const length = this.fill(path);
    return length === undefined ? undefined : new Uint8Array(buffer.subarray(0, length));
  }

  /** For the few kernel files behind which stands a device that may not answer. */
  async textLater(path: string): Promise<string | undefined> {
    try {
      return await readFile(this.root + path, "utf8");
    } catch {
      return undefined;
    }
  }

  /** Names in a folder, in the order of their numbers (`hwmon2` before `hwmon10`). */
  list(path: string): string[] {
    return this.names(path).sort(byNumber.compare);
  }

  /** Names in a folder as the kernel gives them. */
  names(path: string): string[] {
    try {
      return readdirSync(this.root + path);
    } catch {
      return [];
    }
  }

  /** Last part of what a symbolic link points to. */
  linkName(path: string): string | undefined {
    try {
      return readlinkSync(this.root + path)
        .split("/")
        .at(-1);
    } catch {
      return undefined;
    }
  }

  has(path: string): boolean {
    return existsSync(this.root + path);
  }

  /** Where a path of the machine is, for a system call that takes one. */
  at(path: string): string {
    return this.root + path;
  }

  /** Kernel files say nothing of their size and come in pieces: read until nothing more comes. */
  private fill(path: string): number | undefined {
    let file: number | undefined;
    try {
      file = openSync(this.root + path, "r");
      let length = 0;
      while (length < TEXT_LIMIT) {
        const read = readSync(file, buffer, length, TEXT_LIMIT - length, null);
        if (read === 0) return length;
        length += read;
      }
      return undefined;
    } catch {
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }
}

/** Bytes of one file at most: /proc/stat of a machine with 512 cores and 4,000 interrupts is 60 KB. */
const TEXT_LIMIT = 1_048_576;

/** One for all: reading is synchronous, so no two reads are ever under way. */
const buffer = Buffer.allocUnsafe(TEXT_LIMIT);

const byNumber = new Intl.Collator("en", { numeric: true });
