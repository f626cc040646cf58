/**
 * Keeps the history of one org in shape: seals hours and days that are over, lets go of what is too old, gives room
 * back. In slices of a few milliseconds with pauses between them, so that a report never waits longer
 * than a slice. Whatever happens to be half done when the org is closed is begun anew the next time.
 */
import type { Database } from "../../db/driver.ts";
import { DAY, HOUR } from "./chunk-table.ts";
import { limitOfFile } from "./forecast.ts";
import { readKept } from "./kept.ts";
import { giveBack, pruneByAge, pruneBySize } from "./retention.ts";
import { sealSpan, spanOf } from "./seal-span.ts";
import type { HistoryStore } from "./store.ts";

export interface UpkeepOptions {
  db: () => Database;
  history: HistoryStore;
  clock: () => number;
  onFailure: (error: unknown) => void;
}

/** Not at once: a machine that has just started may not have the time yet, and has enough to do. */
const FIRST_AFTER_MS = 90_000;
const EVERY_MS = 60_000;
const SLICE_MS = 2;
const PAUSE_MS = 10;
/** What is on its way to the file may take ten minutes. */
const HOUR_SETTLES_MS = 15 * 60_000;
const DAY_SETTLES_MS = 90 * 60_000;
/** What comes late seldom comes alone. */
const LATE_SETTLES_MS = 2 * 60_000;
const PRUNE_EVERY_MS = HOUR;
/** Days of sources into which something came late and that wait for more. */
const MAX_LATE = 10_000;

export class Upkeep {
  /** Bytes the org's file may have, by its operator; undefined while nobody has said. */
  limitBytes: number | undefined;
  readonly #options: UpkeepOptions;
  readonly #late = new Map<string, number>();
  readonly #stopWatching: () => void;
  #timer: ReturnType<typeof setTimeout>;
  #work: Generator<void> | undefined;
  #prunedAt: number;
  /** Which settings have been carried out, by the time at which they were made. */
  #prunedFor: number | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#prunedAt = options.clock();
    this.#timer = setTimeout(() => this.#begin(), FIRST_AFTER_MS);
    this.#stopWatching = options.history.watchWrites((source, at) => this.#noteLate(source, at));
  }

  /** Something is begun and not finished. */
  get isBusy(): boolean {
    return this.#work !== undefined;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#stopWatching();
    this.#work?.return(undefined);
    this.#work = undefined;
  }

  /** What is kept has been changed by somebody who waits to see it. */
  pruneNow(): void {
    if (this.#work) return;
    clearTimeout(this.#timer);
    this.#begin();
  }

  /** What is begun, and everything that is due then, at once: nobody waits, so there is no stop between. */
  finish(): void {
    const begun = this.#work;
    this.#work = undefined;
    while (begun && !begun.next().done);
    const due = this.#due();
    while (!due.next().done);
  }

  #begin(): void {
    this.#work = this.#due();
    this.#slice();
  }

  #slice(): void {
    const startedAt = performance.now();
    try {
      while (this.#work && performance.now() - startedAt < SLICE_MS) {
        if (this.#work.next().done) this.#work = undefined;
      }
    } catch (error) {
      this.#work = undefined;
      this.#options.onFailure(error);
    }
    this.#timer = this.#work
      ? setTimeout(() => this.#slice(), PAUSE_MS)
      : setTimeout(() => this.#begin(), EVERY_MS);
  }

  *#due(): Generator<void> {
    const { db, history, clock } = this.#options;
    const now = clock();
    const kept = readKept(db());
    for (const source of history.rowSources())
      yield* this.#sealRows(source, now, kept.keepDays.samples * DAY);
    for (const source of history.chunks.sources()) yield* this.#sealDays(source, now);
    /* What somebody asked for is not a question of what the clock says now, nor of how long it has run. */
    const isTime = now - this.#prunedAt > PRUNE_EVERY_MS;
    if (isTime || kept.changedAt !== this.#prunedFor) {
      if (isTime) this.#prunedAt = now;
      const isWaiting = (source: string, at: number) => !this.#isSettled(source, at);
      const options = { now, unasked: isTime, isWaiting };
      if (yield* pruneByAge(db, history, kept, options)) this.#prunedFor = kept.changedAt;
    }
    const { limitBytes } = limitOfFile(kept.maxBytes, this.limitBytes ?? Number.POSITIVE_INFINITY);
    yield* pruneBySize(db, history, limitBytes);
    yield* giveBack(db);
  }

  *#sealRows(source: string, now: number, samplesKeptMs: number): Generator<void> {
    const { db, history } = this.#options;
    const newestAt = history.rowsBetween(source)?.newestAt ?? 0;
    let at = history.firstRowAt(source, 0);
    while (at !== undefined && at < newestAt) {
      const day = spanOf(source, "day", at);
      const isSealedDay = history.chunks.next(source, "day", day.startAt, day.startAt + 1) !== undefined;
      const isOver = day.startAt + DAY + DAY_SETTLES_MS <= now;
      const span = isSealedDay || isOver ? day : spanOf(source, "hour", at);
      const endAt = span.startAt + (span.tier === "day" ? DAY : HOUR);
      if (span.startAt + HOUR + HOUR_SETTLES_MS > now) return;
      const keepsSamples = span.startAt + DAY > now - samplesKeptMs;
      if (this.#isSettled(source, at)) yield* sealSpan(db, history, span, { keepsSamples });
      at = history.firstRowAt(source, endAt);
      yield;
    }
  }

  /** Hours of a day that is over become a day. */
  *#sealDays(source: string, now: number): Generator<void> {
    const { db, history } = this.#options;
    let next = 0;
    for (;;) {
      const hour = history.chunks.next(source, "hour", next, now);
      if (!hour) return;
      const day = spanOf(source, "day", hour.startAt);
      next = day.startAt + DAY;
      if (next + DAY_SETTLES_MS > now) return;
      if (this.#isSettled(source, hour.startAt)) yield* sealSpan(db, history, day);
      yield;
    }
  }

  #noteLate(source: string, at: number): void {
    if (at > this.#options.clock() - HOUR) return;
    if (this.#late.size >= MAX_LATE) this.#late.clear();
    this.#late.set(lateKey(source, at), performance.now());
  }

  #isSettled(source: string, at: number): boolean {
    const key = lateKey(source, at);
    const lateAt = this.#late.get(key);
    if (lateAt !== undefined && performance.now() - lateAt < LATE_SETTLES_MS) return false;
    this.#late.delete(key);
    return true;
  }
}

function lateKey(source: string, at: number): string {
  return `${source} ${Math.floor(at / DAY)}`;
}
