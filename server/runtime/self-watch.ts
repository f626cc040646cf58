/** The machine Pulse runs on, watched without any agent. Enters through the pipeline like every report. */
import { LOCAL_SOURCE } from "../agents/watching.ts";
import type { Collector } from "../collectors/collector.ts";
import type { ReportedResource } from "../contract/report.ts";
import { errorText, type Log } from "../lib/log.ts";
import { randomBase32 } from "../lib/random-id.ts";
import { ReportPace } from "../lib/report-pace.ts";
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
  readonly #pace = new ReportPace(INTERVAL_MS, 0);
  #seq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(org: OrgRuntime, collector: Collector, log: Log) {
    this.#org = org;
    this.#collector = collector;
    this.#log = log;
    org.watching.onChange = (source) => {
      if (source === LOCAL_SOURCE && this.#timer !== undefined) this.#plan();
    };
    this.#after(FIRST_READING_AFTER_MS, async () => {
      await this.#look();
      this.#after(SECOND_READING_AFTER_MS, () => this.#look());
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#collector.close?.();
  }

  /** Nobody has to be told of a new pace: it is asked for each time. */
  #plan(): void {
    this.#pace.ask(this.#org.watching.intervalOf(LOCAL_SOURCE, INTERVAL_MS));
    const { delayMs, isWhole } = this.#pace.next(Date.now());
    this.#after(delayMs, () => (isWhole ? this.#look() : this.#glance()));
  }

  #after(delayMs: number, act: () => Promise<void>): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(async () => {
      this.#timer = undefined;
      await act();
      if (this.#timer === undefined) this.#plan();
    }, delayMs);
  }

  #look(): Promise<void> {
    this.#pace.looked(Date.now());
    return this.#report(() => this.#collector.collect());
  }

  async #glance(): Promise<void> {
    const beganAt = performance.now();
    await this.#report(async () => (await this.#collector.glance?.()) ?? []);
    this.#pace.glanced(performance.now() - beganAt);
  }

  async #report(read: () => Promise<ReportedResource[]>): Promise<void> {
    try {
      const resources = await read();
      if (this.#stopped || resources.length === 0) return;
      const report = {
        v: 1,
        boot: this.#boot,
        seq: this.#seq++,
        at: this.#org.clock(),
        intervalMs: INTERVAL_MS,
        resources,
      } as const;
      ingest(this.#org, { source: LOCAL_SOURCE, report });
      this.#org.commit.request(COMMIT_WITHIN_MS);
    } catch (error) {
      this.#log.error("could not read this machine", { error: errorText(error) });
    }
  }
}
