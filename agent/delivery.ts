/**
 * Gets every report to the server exactly once, in order, and keeps it until then.
 *
 * A fresh report waits in memory and is sent at once. Only when that fails does it go to the spool,
 * and so does every other until the spool, oldest first, has been delivered. The server knows a report
 * that it is sent twice by boot and sequence, so whenever an answer is lost the same is sent again.
 *
 * One request at a time. What an answer means is decided by `judge`; here it is done.
 */
import type { Log } from "../server/lib/log.ts";
import { BATCH_LIMITS, bodyOf } from "./batch.ts";
import { findIdentity, type Identity, isEnrolmentToken, keepIdentity, parseEnrolment } from "./identity.ts";
import type { ReportClock } from "./report-clock.ts";
import { type RetryPace, retryDelayMs } from "./retry-delay.ts";
import type { Reply, ServerConnection } from "./server-connection.ts";
import type { Spool } from "./spool.ts";
import type { SpooledReport } from "./spool-segment.ts";
import { type Answer, judge, type Verdict } from "./verdict.ts";

/** Reports that wait in memory while older ones are on their way; past it they wait in the spool. */
const FRESH_LIMIT = 100;

/** How long a stop waits for an answer that may be on its way. */
const FINISH_WITHIN_MS = 2_000;

type Failure = Extract<Verdict, { kind: "later" | "not-now" }>;

export interface DeliveryOptions {
  connection: ServerConnection;
  spool: Spool;
  stateDir: string;
  server: string;
  token: string;
  /** What the machine is called when it enrols. */
  name: () => string;
  clock: ReportClock;
  pace: RetryPace;
  log: Log;
  intervalMs: () => number;
  /** After each answer that says a report is stored. */
  onStored: (answer: Extract<Verdict, { kind: "stored" }>) => void;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #stopping = new AbortController();
  readonly #fresh: SpooledReport[] = [];
  #identity: Identity | undefined;
  #underWay: Promise<void> | undefined;
  #sendsFresh = false;
  #ending = false;
  /** Reports left of a batch that was refused: sent one by one, so that only the bad one is lost. */
  #oneByOne = 0;
  #failures = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #trouble: string | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const { token, server, stateDir } = options;
    const identity = isEnrolmentToken(token) ? findIdentity(stateDir, server, token) : { agentId: "", token };
    if (identity) this.#become(identity);
  }

  /** What reports are sent with; undefined until the machine is enrolled. */
  get credential(): string | undefined {
    return this.#identity?.token;
  }

  /** Reports that are not acknowledged. */
  get waiting(): number {
    return this.#fresh.length + this.#options.spool.count;
  }

  offer(report: SpooledReport): void {
    if (this.#retryTimer !== undefined) {
      this.#options.spool.append(report);
      return;
    }
    this.#fresh.push(report);
    if (this.#fresh.length > FRESH_LIMIT && !this.#sendsFresh) this.#spoolFresh();
    this.#start();
  }

  /** Asks the server something with this machine's identity. */
  async ask(path: string): Promise<Answer> {
    const { connection, intervalMs } = this.#options;
    const token = this.#identity?.token;
    if (token === undefined) return { failure: "this machine is not enrolled" };
    return (await connection.ask({ path, token, nextInMs: intervalMs(), signal: this.#stopping.signal }))
      .answer;
  }

  /** Whatever is not acknowledged is in the spool when this resolves. */
  async stop(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#ending = true;
    const abort = setTimeout(() => this.#stopping.abort(), FINISH_WITHIN_MS);
    await this.#underWay;
    clearTimeout(abort);
    this.#stopping.abort();
    this.#spoolFresh();
  }

  #start(): void {
    if (this.#ending) return;
    this.#underWay ??= this.#work()
      .catch((error: unknown) => this.#waitFor({ kind: "later", words: String(error) }))
      .finally(() => {
        this.#underWay = undefined;
      });
  }

  async #work(): Promise<void> {
    while (this.waiting > 0 && !this.#ending) {
      const failure = this.#identity ? await this.#deliver(this.#identity) : await this.#enrol();
      if (failure && !this.#ending) {
        this.#waitFor(failure);
        return;
      }
    }
  }

  async #deliver({ token }: Identity): Promise<Failure | undefined> {
    const { spool } = this.#options;
    const gap = spool.gap;
    const limits = this.#oneByOne > 0 ? { ...BATCH_LIMITS, reports: 1 } : BATCH_LIMITS;
    const spooled = spool.count > 0 ? spool.peek(limits) : undefined;
    const reports = spooled?.reports ?? this.#fresh.slice(0, limits.reports);
    if (reports.length === 0) return undefined;
    this.#sendsFresh = spooled === undefined;
    const verdict = judge(await this.#send("/api/agent/report", token, bodyOf(reports, gap), true));
    this.#sendsFresh = false;
    if (verdict.kind === "later" || verdict.kind === "not-now") return verdict;
    if (verdict.kind === "refused" && verdict.isTooMuch && reports.length > 1) {
      this.#oneByOne = reports.length;
      return undefined;
    }
    if (spooled) spool.removeUpTo(spooled.upTo);
    else this.#fresh.splice(0, reports.length);
    this.#oneByOne = Math.max(0, this.#oneByOne - reports.length);
    if (verdict.kind === "stored") this.#stored(verdict, gap !== undefined && gap === spool.gap);
    else
      this.#options.log.error("the server refuses a report for good; it is dropped", {
        reason: verdict.words,
      });
    return undefined;
  }

  #stored(verdict: Extract<Verdict, { kind: "stored" }>, toldOfGap: boolean): void {
    if (toldOfGap) this.#options.spool.closeGap();
    if (this.#trouble !== undefined)
      this.#options.log.info("reports are delivered again", { waiting: this.waiting });
    this.#trouble = undefined;
    this.#failures = 0;
    this.#options.onStored(verdict);
  }

  async #enrol(): Promise<Failure | undefined> {
    const { token, server, stateDir, name, log } = this.#options;
    const body = Buffer.from(JSON.stringify({ v: 1, name: name() }));
    const answer = await this.#send("/api/agent/enroll", token, body, false);
    const identity = "status" in answer && answer.status === 200 ? parseEnrolment(answer.body) : undefined;
    if (identity) {
      try {
        keepIdentity(stateDir, server, token, identity);
      } catch (error) {
        log.error("the identity cannot be kept: at its next start this machine will be a new agent", {
          problem: error instanceof Error ? error.message : String(error),
        });
      }
      log.info("enrolled", { agent_id: identity.agentId });
      this.#become(identity);
      this.#failures = 0;
      return undefined;
    }
    const verdict = judge(answer);
    if (verdict.kind === "later" || verdict.kind === "not-now") return verdict;
    const words = verdict.kind === "refused" ? verdict.words : "the answer to an enrolment is none";
    return { kind: "not-now", words, hint: "look at the enrolment token and the server's version" };
  }

  /** Reports that wait for another identity are not this one's to deliver. */
  #become(identity: Identity): void {
    const { spool, log } = this.#options;
    if (spool.owner !== undefined && spool.owner !== identity.agentId) {
      log.warn("reports of another identity are dropped", { reports: spool.count });
      spool.clear();
    }
    spool.own(identity.agentId);
    this.#identity = identity;
  }

  async #send(path: string, token: string, content: Uint8Array, packed: boolean): Promise<Answer> {
    const { connection, intervalMs } = this.#options;
    const reply = await connection.ask({
      path,
      token,
      body: { content, packed },
      nextInMs: intervalMs(),
      signal: this.#stopping.signal,
    });
    this.#learnTime(reply);
    return reply.answer;
  }

  /** Only of a Pulse server: whoever else answers may have any clock. */
  #learnTime({ answer, timing }: Reply): void {
    const { clock, log } = this.#options;
    const isPulse = "body" in answer && /^\s*\{"(?:ok|agentId|error)":/.test(answer.body);
    if (!timing || !isPulse || !clock.learn(timing)) return;
    if (clock.offsetMs === 0) log.info("this machine's clock is right again");
    else {
      log.warn("this machine's clock is wrong; reports carry the server's time", {
        off_by_seconds: Math.round(-clock.offsetMs / 1_000),
      });
    }
  }

  #waitFor(failure: Failure): void {
    const { pace, log } = this.#options;
    this.#spoolFresh();
    const delayMs = retryDelayMs(failure, this.#failures, Math.random(), pace);
    this.#failures++;
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#start();
    }, delayMs);
    const trouble = `${failure.kind} ${failure.words}`;
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    log.warn("reports are not delivered; they are kept", {
      reason: failure.words,
      ...(failure.kind === "not-now" && { to_do: failure.hint }),
      again_in_seconds: Math.round(delayMs / 1_000),
    });
  }

  #spoolFresh(): void {
    for (const report of this.#fresh.splice(0)) this.#options.spool.append(report);
  }
}
