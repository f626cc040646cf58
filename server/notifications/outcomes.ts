/** What became of an attempt, written in one transaction with what follows from it. */
import type { Database } from "../../db/driver.ts";
import type { DeliveryFailed, DeliveryFailure } from "../contract/notifications.ts";
import type { ChannelBook, StoredChannel, StoredTrouble } from "./channel-book.ts";
import type { Decider } from "./decide.ts";
import { changeDelivery, type DeliveryRow, messageOf, noteTold } from "./deliveries.ts";
import type { Failed, Outcome, Taken } from "./failures.ts";
import { nextTryAt } from "./retry.ts";

export interface OutcomesOptions {
  book: ChannelBook;
  decider: Decider;
  clock: () => number;
  onFailed: (failed: DeliveryFailed) => void;
  random?: () => number;
}

export class Outcomes {
  readonly #options: OutcomesOptions;

  constructor(options: OutcomesOptions) {
    this.#options = options;
  }

  /** Undefined: the channel is gone or off by now, and nobody waits for it. */
  write(
    db: Database,
    channel: StoredChannel,
    row: DeliveryRow,
    outcome: Outcome,
  ): "sent" | "failed" | "dead" | undefined {
    const { book, clock } = this.#options;
    const now = clock();
    if (outcome.ok) {
      db.transaction(() => this.#arrived(db, channel, row, outcome, now));
      return "sent";
    }
    if (!book.get(channel.id)?.enabled) {
      changeDelivery(db, row.seq, { state: "cancelled", doneAt: now, failure: outcome.failure });
      return undefined;
    }
    return this.#failed(db, channel, row, outcome, now);
  }

  #arrived(
    db: Database,
    { id }: StoredChannel,
    row: DeliveryRow,
    outcome: Taken & { tookMs: number },
    now: number,
  ): void {
    const { book, decider } = this.#options;
    const { status = null, tookMs, exceptFor } = outcome;
    const failure: DeliveryFailure | null = exceptFor === undefined ? null : "configuration";
    const answered = { failure, problem: exceptFor ?? null, status, tookMs };
    changeDelivery(db, row.seq, { state: "sent", doneAt: now, ...answered });
    const channel = book.get(id);
    if (!channel) return;
    noteTold(db, id, messageOf(row), now);
    decider.tellNoTrouble(db, channel, "They arrive again.", now);
    book.note(id, { lastSentAt: now, problem: undefined });
  }

  #failed(
    db: Database,
    channel: StoredChannel,
    row: DeliveryRow,
    outcome: Failed & { tookMs: number },
    now: number,
  ): "failed" | "dead" {
    const { book, decider, random = Math.random } = this.#options;
    const { failure, message: problem, status = null, tookMs } = outcome;
    const dueAt = nextTryAt(outcome, row, now, random);
    const state = dueAt === undefined ? "dead" : "waiting";
    const isUncertain = row.isUncertain || outcome.isUncertain;
    db.transaction(() => {
      changeDelivery(db, row.seq, {
        state,
        ...(dueAt === undefined ? { doneAt: now } : { dueAt }),
        ...{ isUncertain, failure, problem, status, tookMs },
      });
      const known = book.get(channel.id);
      book.note(channel.id, {
        lastSentAt: known?.lastSentAt,
        problem: troubleAfter(known?.problem, outcome, now),
      });
      if (state === "dead") decider.tellTrouble(db, channel, now);
    });
    if (state === "dead" || row.attempts === 1) this.#say(channel, row, state, failure);
    return state === "dead" ? "dead" : "failed";
  }

  #say(
    { id, name }: StoredChannel,
    row: DeliveryRow,
    state: "waiting" | "dead",
    failure: DeliveryFailure,
  ): void {
    this.#options.onFailed({ channel: { id, name }, delivery: { id: row.id, state }, failure });
  }
}

function troubleAfter(
  before: StoredTrouble | undefined,
  { failure, message }: Failed,
  at: number,
): StoredTrouble {
  const { since = at, isTold = false } = before ?? {};
  return { at, since, failure, message, isTold };
}
