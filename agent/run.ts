/**
 * The agent: looks at this machine at every interval and gets what it saw to one server.
 *
 * It is started by the command line, and in tests as often as they like in one process: everything it
 * stands on (time, folder, collectors) comes in, everything it began ends with `stop`.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Collector } from "../server/collectors/collector.ts";
import type { ReportedResource } from "../server/contract/report.ts";
import { REPORT_LIMITS } from "../server/contract/report-limits.ts";
import { type Clock, systemClock } from "../server/lib/clock.ts";
import { errorText, type Log } from "../server/lib/log.ts";
import { sha256Hex } from "../server/lib/random-id.ts";
import { type Next, ReportPace, shareOf } from "../server/lib/report-pace.ts";
import { AssignedChecks } from "./assigned-checks.ts";
import { pack } from "./batch.ts";
import { Delivery } from "./delivery.ts";
import { enrolmentName } from "./identity.ts";
import { ReportClock, Stamps } from "./report-clock.ts";
import { RETRY_PACE, type RetryPace } from "./retry-delay.ts";
import { Round } from "./round.ts";
import { describeAgent } from "./self-description.ts";
import { ServerConnection, type ServerTrust } from "./server-connection.ts";
import { Spool } from "./spool.ts";
import { takeStateDir } from "./state-dir.ts";
import { INTERVAL_MS, type Verdict } from "./verdict.ts";

/** Rates need two looks; the second comes early, so that a new machine shows them at once. */
const SECOND_REPORT_AFTER_MS = 1_000;
/** The longest a collector may hold up a report, and never more than half an interval. */
const LOOK_WITHIN_MS = 5_000;
/** With every report it would cost more than the report. */
const TIDY_EVERY_REPORTS = 6;
export const SPOOL_LIMIT_BYTES = 50_000_000;

export interface AgentOptions {
  /** Without a path. */
  server: string;
  token: string;
  /** Instead of the host's own name. */
  name?: string | undefined;
  /** Between two whole reports, until the server asks for more time. */
  intervalMs: number;
  stateDir: string;
  spoolLimitBytes?: number;
  collectors: readonly Collector[];
  log: Log;
  version: string;
  trust?: ServerTrust | undefined;
  /** The server may have it check things, which may reach these networks besides the local one. */
  checks?: { allow: readonly string[] } | undefined;
  /** This machine's time of day. */
  clock?: Clock;
  pace?: RetryPace;
}

export interface Agent {
  /** Reports that the server has not acknowledged yet. */
  readonly waiting: number;
  /** Looks and reports now, beside the schedule. */
  report(): Promise<void>;
  /** Nothing runs any more, and what was not acknowledged is on disk. */
  stop(): Promise<void>;
}

/** Throws when another agent uses the folder. */
export function startAgent(options: AgentOptions): Agent {
  return new RunningAgent(options);
}

class RunningAgent implements Agent {
  readonly #options: AgentOptions;
  readonly #clock: ReportClock;
  readonly #stamps = new Stamps();
  readonly #round: Round;
  readonly #spool: Spool;
  readonly #connection: ServerConnection;
  readonly #delivery: Delivery;
  readonly #checks: AssignedChecks | undefined;
  readonly #release: () => void;
  readonly #pace: ReportPace;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reporting: Promise<void> | undefined;
  #glancing: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #provedItself = false;
  #untidy = 0;

  constructor(options: AgentOptions) {
    const { server, token, stateDir, log, clock = systemClock } = options;
    this.#options = options;
    this.#pace = new ReportPace(options.intervalMs, shareOf(token));
    this.#release = takeStateDir(stateDir).release;
    this.#clock = new ReportClock(clock);
    const withinMs = Math.min(LOOK_WITHIN_MS, options.intervalMs / 2);
    this.#checks = options.checks && this.#assignedChecks(options.checks.allow);
    const { collectors } = options;
    this.#round = new Round(this.#checks ? [...collectors, this.#checks] : collectors, withinMs, log);
    this.#spool = new Spool({
      folder: join(stateDir, spoolName(server, token)),
      limitBytes: options.spoolLimitBytes ?? SPOOL_LIMIT_BYTES,
      log,
    });
    this.#connection = new ServerConnection({
      url: server,
      version: options.version,
      trust: options.trust,
      clock,
    });
    this.#delivery = new Delivery({
      connection: this.#connection,
      spool: this.#spool,
      stateDir,
      server,
      token,
      name: () => enrolmentName(options.name),
      clock: this.#clock,
      pace: options.pace ?? RETRY_PACE,
      log,
      intervalMs: () => this.#pace.nextMs,
      onStored: (verdict) => this.#onStored(verdict),
    });
    if (this.#spool.count > 0)
      log.info("reports of an earlier time are waiting", { reports: this.#spool.count });
    void this.report().then(() => this.#plan({ delayMs: SECOND_REPORT_AFTER_MS, isWhole: true }));
  }

  get waiting(): number {
    return this.#delivery.waiting;
  }

  report(): Promise<void> {
    this.#reporting ??= Promise.resolve(this.#glancing)
      .then(() => this.#report())
      .catch((error: unknown) => this.#options.log.error("no report", { error: errorText(error) }))
      .finally(() => {
        this.#reporting = undefined;
      });
    return this.#reporting;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#round.close();
    await this.#delivery.stop();
    await this.#spool.close();
    this.#connection.close();
    this.#release();
  }

  #plan({ delayMs, isWhole }: Next): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(async () => {
      this.#timer = undefined;
      await (isWhole ? this.report() : this.#glance());
      this.#tidy();
      this.#plan(this.#pace.next(this.#clock.now()));
    }, delayMs);
  }

  /** What is due goes by what was planned; while it is done there is nothing planned yet. */
  #planAnew(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#plan(this.#pace.next(this.#clock.now()));
  }

  /** An engine that has nearly nothing to do sees no reason to: garbage would pile up. */
  #tidy(): void {
    this.#untidy = (this.#untidy + 1) % TIDY_EVERY_REPORTS;
    if (this.#untidy === 0) Bun.gc(false);
  }

  async #report(): Promise<void> {
    const found = await this.#round.look();
    this.#pace.looked(this.#clock.now());
    this.#offer(found);
    this.#planAnew();
  }

  /** Not while anything waits: the way to the server is slow, or it is away, and there are whole reports alone. */
  #glance(): Promise<void> {
    if (this.#reporting || this.#delivery.waiting > 0) return Promise.resolve();
    const beganAt = performance.now();
    this.#glancing = this.#round
      .glance()
      .then((found = []) => {
        this.#offer(found);
        this.#pace.glanced(performance.now() - beganAt);
      })
      .catch((error: unknown) => this.#options.log.error("no report", { error: errorText(error) }))
      .finally(() => {
        this.#glancing = undefined;
      });
    return this.#glancing;
  }

  #offer(found: ReportedResource[]): void {
    if (this.#stopped || found.length === 0) return;
    const resources = describeAgent(this.#withinLimit(found), {
      name: this.#options.name,
      version: this.#options.version,
      spooledReports: this.#spool.count,
      spoolBytes: this.#spool.bytes,
      clockOffsetMs: -this.#clock.offsetMs,
      fastestIntervalMs: this.#round.canGlance ? INTERVAL_MS.least : undefined,
    });
    const stamp = this.#stamps.next(this.#clock.now());
    this.#delivery.offer(pack({ v: 1, ...stamp, intervalMs: this.#pace.wholeMs, resources }));
  }

  #withinLimit(found: ReportedResource[]): ReportedResource[] {
    if (found.length <= REPORT_LIMITS.resources) return found;
    this.#options.log.warn("there is more here than a report may hold; the rest is left out", {
      found: found.length,
    });
    return found.slice(0, REPORT_LIMITS.resources);
  }

  #assignedChecks(allow: readonly string[]): AssignedChecks {
    const ask = () => this.#delivery.ask("/api/agent/config");
    return new AssignedChecks({ ask, allow, log: this.#options.log });
  }

  #onStored({ intervalMs, configHash }: Extract<Verdict, { kind: "stored" }>): void {
    void this.#checks?.follow(configHash);
    if (intervalMs !== undefined) this.#adopt(intervalMs);
    if (this.#provedItself) return;
    this.#provedItself = true;
    this.#options.log.info("the server has the first report", { server: this.#options.server });
    this.#dropOtherSpools();
  }

  /** At once, both ways: what was planned by the old pace is planned anew. */
  #adopt(intervalMs: number): void {
    const { wholeMs } = this.#pace;
    if (!this.#pace.ask(intervalMs)) return;
    const seconds = this.#pace.nextMs / 1_000;
    if (this.#pace.wholeMs !== wholeMs)
      this.#options.log.info("the server asks for another interval", { seconds });
    else this.#options.log.debug("the server asks for another pace", { seconds });
    this.#planAnew();
  }

  /**
   * Reports that waited for another server or with another token are delivered to nobody: they may be
   * another organization's. They go once this token has proved itself, not before: it may be a slip.
   */
  #dropOtherSpools(): void {
    const { server, token, stateDir, log } = this.#options;
    try {
      const others = readdirSync(stateDir).filter(
        (name) => name.startsWith(SPOOL_PREFIX) && name !== spoolName(server, token),
      );
      for (const name of others) {
        rmSync(join(stateDir, name), { recursive: true, force: true });
        log.warn("reports that waited for another server or token are dropped", { folder: name });
      }
    } catch {
      /* The folder cannot be read: there is nothing of ours in it. */
    }
  }
}

const SPOOL_PREFIX = "spool-";

function spoolName(server: string, token: string): string {
  return SPOOL_PREFIX + sha256Hex(`${server}\n${token}`).slice(0, 12);
}
