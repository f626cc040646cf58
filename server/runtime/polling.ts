/**
 * Asks the sources of one org, each at its interval, and takes what they say through the pipeline. A
 * source that hangs, or of which there are many, delays its own org's only, and of those only as many
 * as are asked at a time.
 */
import type { Collector } from "../collectors/collector.ts";
import type { SourceId } from "../contract/ids.ts";
import type { SourceState } from "../contract/sources.ts";
import { errorText, type Log } from "../lib/log.ts";
import { randomBase32 } from "../lib/random-id.ts";
import type { SourceBook, StoredSource } from "../sources/source-book.ts";
import { reporterOf } from "../sources/sources.ts";
import type { Ask } from "./ask.ts";
import type { OrgRuntime } from "./org-runtime.ts";
import { ingest } from "./pipeline.ts";

/** Sources of one org that are asked at a time. */
const AT_ONCE = 8;
/** One that has not answered by then is given up, whatever it was told itself. */
const GIVEN_UP_MS = 60_000;
/** Nobody waits for an acknowledgement, so many share a commit. */
const COMMIT_WITHIN_MS = 90_000;
/** After a start, or a change, the first is asked almost at once and the others spread out a little. */
const FIRST_WITHIN_MS = 5_000;
const SOON_MS = 200;
const MAX_ERROR_LENGTH = 500;

interface Asked {
  collector: Collector;
  dueAt: number;
  seq: number;
  isUnderWay: boolean;
}

export class Polling {
  readonly #org: OrgRuntime;
  readonly #book: SourceBook;
  readonly #ask: Ask;
  readonly #log: Log;
  readonly #boot = randomBase32(20);
  readonly #asked = new Map<SourceId, Asked>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #underWay = 0;
  #stopped = false;

  constructor(org: OrgRuntime, book: SourceBook, ask: Ask, log: Log) {
    this.#org = org;
    this.#book = book;
    this.#ask = ask;
    this.#log = log;
    for (const { id } of book.all()) this.#begin(id, FIRST_WITHIN_MS);
    this.#schedule();
  }

  /** Whether anything is asked from here. */
  get isBusy(): boolean {
    return this.#asked.size > 0;
  }

  /** A source is new, changed or gone. */
  changed(id: SourceId): void {
    this.#asked.get(id)?.collector.close?.();
    this.#asked.delete(id);
    this.#begin(id, SOON_MS);
    this.#schedule();
  }

  /** Asks it as soon as there is room. */
  soon(id: SourceId): void {
    const asked = this.#asked.get(id);
    if (!asked) return;
    asked.dueAt = performance.now();
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const { collector } of this.#asked.values()) collector.close?.();
    this.#asked.clear();
  }

  #begin(id: SourceId, withinMs: number): void {
    const source = this.#book.get(id);
    if (!source?.enabled || source.agentId) return;
    try {
      const secrets = source.secretsSet.length > 0 ? this.#book.secretsOf(id) : {};
      const collector = this.#ask.collectorFor(source, secrets, () => this.#book.get(id)?.lastBeatAt);
      const dueAt = performance.now() + Math.random() * withinMs;
      this.#asked.set(id, { collector, dueAt, seq: 0, isUnderWay: false });
    } catch (error) {
      this.#log.error("a source cannot be asked", { source_id: id, error: errorText(error) });
      this.#note(source, performance.now(), "Its credentials cannot be opened: enter them again.");
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#stopped || this.#underWay >= AT_ONCE) return;
    let dueAt = Number.POSITIVE_INFINITY;
    for (const asked of this.#asked.values()) if (!asked.isUnderWay) dueAt = Math.min(dueAt, asked.dueAt);
    if (dueAt === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#run(), Math.max(0, dueAt - performance.now()));
  }

  #run(): void {
    const now = performance.now();
    const due = [...this.#asked].filter(([, asked]) => !asked.isUnderWay && asked.dueAt <= now);
    due.sort(([, a], [, b]) => a.dueAt - b.dueAt);
    for (const [id, asked] of due.slice(0, AT_ONCE - this.#underWay)) void this.#askOne(id, asked);
    this.#schedule();
  }

  async #askOne(id: SourceId, asked: Asked): Promise<void> {
    const source = this.#book.get(id);
    if (!source) return;
    asked.isUnderWay = true;
    this.#underWay++;
    const startedAt = performance.now();
    let failure: string | undefined;
    try {
      const resources = await within(
        this.#ask.turn(() => asked.collector.collect()),
        GIVEN_UP_MS,
      );
      if (this.#isCurrent(id, asked)) this.#take(source, asked, resources);
    } catch (error) {
      failure = sentenceOf(error);
    } finally {
      this.#underWay--;
      asked.isUnderWay = false;
      /* What was missed is not made up for. */
      const waitMs = asked.collector.nextTryMs?.() ?? source.intervalMs;
      asked.dueAt = Math.max(asked.dueAt + waitMs, performance.now() + SOON_MS);
    }
    if (this.#isCurrent(id, asked)) this.#note(source, startedAt, failure);
    this.#schedule();
  }

  #isCurrent(id: SourceId, asked: Asked): boolean {
    return !this.#stopped && this.#asked.get(id) === asked;
  }

  #take(source: StoredSource, asked: Asked, resources: Awaited<ReturnType<Collector["collect"]>>): void {
    const report = {
      v: 1,
      boot: `${this.#boot}${source.updatedAt}`,
      seq: asked.seq++,
      at: this.#org.clock(),
      intervalMs: source.intervalMs,
      resources,
    } as const;
    ingest(this.#org, { source: reporterOf(source), report });
    this.#org.commit.request(COMMIT_WITHIN_MS);
  }

  #note(source: StoredSource, startedAt: number, error: string | undefined): void {
    const before = this.#book.stateOf(source);
    const now = this.#org.clock();
    const status = error === undefined ? "ok" : "failing";
    const lastOkAt = error === undefined ? now : before.lastOkAt;
    const state: SourceState = {
      status,
      since: before.status === status ? before.since : now,
      lastTriedAt: now,
      tookMs: Math.round(performance.now() - startedAt),
      ...(lastOkAt !== undefined && { lastOkAt }),
      ...(error !== undefined && { error }),
    };
    this.#book.setState(source.id, state);
  }
}

/** What a collector throws is one sentence for whoever set it up. */
export function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MAX_ERROR_LENGTH);
}

async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`No answer in ${limitMs / 1_000} seconds.`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
