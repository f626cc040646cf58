import { parseFailedUnits } from "../proc/systemd.ts";
import type { Tree } from "./tree.ts";

/** systemctl starts a process and talks to systemd: once a minute is often enough. */
const INTERVAL_MS = 60_000;
const TIMEOUT_MS = 2_000;
const OUTPUT_LIMIT_BYTES = 262_144;

/** Failed units that are named; all are counted. */
export const NAMED_UNITS = 20;

export type ListFailedUnits = () => Promise<string>;

/**
 * Units of systemd that failed. A collection never waits for the answer: it takes the last one. When
 * systemctl fails or takes too long, nothing is known until the next time.
 */
export class FailedUnits {
  private known: string[] | undefined;
  private asking = false;
  private nextMs = Number.NEGATIVE_INFINITY;
  private readonly hasSystemd: boolean;

  constructor(
    tree: Tree,
    private readonly list: ListFailedUnits = systemctl,
  ) {
    this.hasSystemd = tree.has("/run/systemd/system");
  }

  /** Undefined where there is no systemd, and until its first answer. */
  read(nowMs: number): string[] | undefined {
    if (this.hasSystemd && !this.asking && nowMs >= this.nextMs) {
      this.nextMs = nowMs + INTERVAL_MS;
      this.asking = true;
      void this.ask();
    }
    return this.known;
  }

  private async ask(): Promise<void> {
    try {
      this.known = parseFailedUnits(await this.list());
    } catch {
      this.known = undefined;
    } finally {
      this.asking = false;
    }
  }
}

async function systemctl(): Promise<string> {
  /* Loaded where there is a systemd to ask: it brings streams along that an agent has no other use for. */
  const { execFile } = await import("node:child_process");
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(
    "systemctl",
    ["list-units", "--failed", "--plain", "--no-legend", "--no-pager"],
    { timeout: TIMEOUT_MS, killSignal: "SIGKILL", maxBuffer: OUTPUT_LIMIT_BYTES, encoding: "utf8" },
    (error, output) => (error ? reject(error) : resolve(output)),
  );
  return promise;
}
