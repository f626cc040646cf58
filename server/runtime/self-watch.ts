/** The machine Pulse runs on, watched without any agent. Enters through the pipeline like every report. */
import type { Collector } from "../collectors/collector.ts";
import { errorText, type Log } from "../lib/log.ts";
import { randomBase32 } from "../lib/random-id.ts";
import type { OrgRuntime } from "./org-runtime.ts";
import { ingest } from "./pipeline.ts";

const INTERVAL_MS = 10_000;
/**
 * Nobody waits for an acknowledgement, so nine reports share a commit: one each would write several
 * times as much to the disk. A kill costs at most this much of this machine's own history.
 */
const COMMIT_WITHIN_MS = 90_000;
/** A reading takes some milliseconds that nobody who waits for the server's start should pay for. */
const FIRST_READING_AFTER_MS = 50;
/** Rates need two readings; the second comes early, so that a new installation shows them at once. */
const SECOND_READING_AFTER_MS = 1_000;

export class SelfWatch {
  readonly #org: OrgRuntime;
  readonly #collector: Collector;
  readonly #log: Log;
  readonly #boot = randomBase32(20);
  #seq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(org: OrgRuntime, collector: Collector, log: Log) {
    this.#org = org;
    this.#collector = collector;
    this.#log = log;
    this.#after(FIRST_READING_AFTER_MS, async () => {
      await this.#report();
      this.#after(SECOND_READING_AFTER_MS);
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#collector.close?.();
  }

  async #tick(): Promise<void> {
    await this.#report();
    const now = Date.now();
    /* In the middle of a step of every chart, so that no sample drifts over the edge of one. */
    const next = Math.floor(now / INTERVAL_MS) * INTERVAL_MS + INTERVAL_MS / 2;
    this.#after(next - now > INTERVAL_MS / 4 ? next - now : next + INTERVAL_MS - now);
  }

  #after(delayMs: number, next: () => Promise<void> = () => this.#tick()): void {
    if (!this.#stopped) this.#timer = setTimeout(() => void next(), delayMs);
  }

  async #report(): Promise<void> {
    try {
      const resources = await this.#collector.collect();
      if (this.#stopped) return;
      const report = {
        v: 1,
        boot: this.#boot,
        seq: this.#seq++,
        at: this.#org.clock(),
        intervalMs: INTERVAL_MS,
        resources,
      } as const;
      ingest(this.#org, { source: "local", report });
      this.#org.commit.request(COMMIT_WITHIN_MS);
    } catch (error) {
      this.#log.error("could not read this machine", { error: errorText(error) });
    }
  }
}
