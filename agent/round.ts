/**
 * One look at everything. The collectors look side by side, and none is waited for longer than the
 * others can afford: what a late one knew last stays in the report with the status `unknown`, so that
 * its things neither vanish nor seem to be well. Its late answer is thrown away; the next round asks.
 */
import type { Collector } from "../server/collectors/collector.ts";
import { Patience } from "../server/collectors/host/patience.ts";
import type { ReportedResource } from "../server/contract/report.ts";
import { errorText, type Log } from "../server/lib/log.ts";

export class Round {
  readonly #watched: Watched[];

  constructor(collectors: readonly Collector[], withinMs: number, log: Log) {
    this.#watched = collectors.map((collector) => new Watched(collector, withinMs, log));
  }

  get canGlance(): boolean {
    return this.#watched.some(({ canGlance }) => canGlance);
  }

  async look(): Promise<ReportedResource[]> {
    return (await Promise.all(this.#watched.map((watched) => watched.look()))).flat();
  }

  /** What changes by the second; undefined where it did not come in time. */
  async glance(): Promise<ReportedResource[] | undefined> {
    const found = await Promise.all(this.#watched.map((watched) => watched.glance()));
    return found.every((part) => part !== undefined) ? found.flat() : undefined;
  }

  close(): void {
    for (const watched of this.#watched) watched.close();
  }
}

class Watched {
  readonly #collector: Collector;
  readonly #patience: Patience;
  readonly #log: Log;
  #last: ReportedResource[] = [];
  #trouble = false;

  constructor(collector: Collector, withinMs: number, log: Log) {
    this.#collector = collector;
    this.#patience = new Patience(withinMs);
    this.#log = log;
  }

  get canGlance(): boolean {
    return this.#collector.glance !== undefined;
  }

  async look(): Promise<ReportedResource[]> {
    let problem = "it takes too long";
    const found = await this.#patience.ask(async () => {
      try {
        return await this.#collector.collect();
      } catch (error) {
        problem = errorText(error);
        throw error;
      }
    });
    if (found) {
      this.#last = found;
      this.#trouble = false;
      return found;
    }
    if (!this.#trouble)
      this.#log.warn("a collector does not answer", { collector: this.#collector.name, problem });
    this.#trouble = true;
    return this.#last.map((resource) => ({ ...resource, status: "unknown", metrics: {} }));
  }

  /** Late or failed it is as if nobody had looked: the next whole look says what is wrong. */
  async glance(): Promise<ReportedResource[] | undefined> {
    const { glance } = this.#collector;
    return glance ? this.#patience.ask(glance) : [];
  }

  close(): void {
    this.#collector.close?.();
  }
}
