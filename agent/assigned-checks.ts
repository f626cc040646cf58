/** What the server has for this agent to check: follows the name it gives to it, and holds the results. */
import type { Collector } from "../server/collectors/collector.ts";
import type { ReportedResource } from "../server/contract/report.ts";
import type { Log } from "../server/lib/log.ts";
import type { RunningChecks } from "./run-checks.ts";
import { type Answer, read } from "./verdict.ts";

/** After one that failed; the name of what there is to check comes with every answer to a report. */
const ASK_AGAIN_AFTER_MS = 60_000;

export interface AssignedChecksOptions {
  ask: () => Promise<Answer>;
  /** Addresses and networks that may be reached besides the local one. */
  allow: readonly string[];
  log: Log;
}

export class AssignedChecks implements Collector {
  readonly name = "checks";
  readonly #options: AssignedChecksOptions;
  #running: RunningChecks | undefined;
  #hash: string | undefined;
  #asking = false;
  #notBefore = 0;
  #closed = false;

  constructor(options: AssignedChecksOptions) {
    this.#options = options;
  }

  /** Undefined: there is nothing to check. */
  async follow(hash: string | undefined): Promise<void> {
    if (hash === this.#hash || this.#asking || this.#closed) return;
    if (hash === undefined) {
      this.#hash = undefined;
      this.#running?.stop();
      this.#running = undefined;
      return;
    }
    if (performance.now() < this.#notBefore) return;
    this.#asking = true;
    try {
      await this.#fetch();
    } finally {
      this.#asking = false;
    }
  }

  async collect(): Promise<ReportedResource[]> {
    return this.#running?.results ?? [];
  }

  close(): void {
    this.#closed = true;
    this.#running?.stop();
  }

  async #fetch(): Promise<void> {
    const { ask, allow, log } = this.#options;
    const answer = await ask();
    const said = "body" in answer && answer.status === 200 ? read(answer.body) : undefined;
    if (typeof said?.hash !== "string" || !Array.isArray(said.checks)) {
      this.#notBefore = performance.now() + ASK_AGAIN_AFTER_MS;
      const reason = "failure" in answer ? answer.failure : `the server answers ${answer.status}`;
      log.warn("what there is to check cannot be fetched", { reason });
      return;
    }
    const { RunningChecks } = await import("./run-checks.ts");
    if (this.#closed) return;
    this.#running ??= new RunningChecks(allow, log);
    this.#running.replace(said.checks);
    this.#hash = said.hash;
    log.info("checks are set", { checks: said.checks.length });
  }
}
