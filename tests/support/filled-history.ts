/**
 * An org's history with a past: a real file, sealed day by day as upkeep does it, of machines that report noise every
 * minute.
 */
import type { Database } from "../../db/driver.ts";
import type { HistoryRetention, RetentionInput, SetRetentionInput } from "../../server/contract/history.ts";
import { ResourceId } from "../../server/contract/ids.ts";
import type { Metrics } from "../../server/contract/resource.ts";
import { DAY, HOUR } from "../../server/history/chunk-table.ts";
import { retention, setRetention } from "../../server/history/keep.ts";
import { HistoryStore } from "../../server/history/store.ts";
import { Upkeep } from "../../server/history/upkeep.ts";
import { mintId } from "../../server/lib/random-id.ts";
import { loadMigrations } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";
import { seeded } from "./seeded.ts";

export const START = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;
const QUOTA_BYTES = 50e9;

export class FilledHistory {
  readonly db: Database;
  readonly history: HistoryStore;
  readonly ids: Record<string, ResourceId> = {};
  readonly failures: unknown[] = [];
  readonly isClosed = false;
  now = START;
  upkeep: Upkeep;
  readonly #random = seeded(7);

  constructor(
    readonly path: string,
    readonly series = 6,
  ) {
    this.db = openMigrated(path, "create", loadMigrations("org"));
    this.history = new HistoryStore(() => this.db);
    this.upkeep = this.#newUpkeep();
  }

  clock = () => this.now;
  historyFile = () => this.db;

  /** Reports of each machine in `[from, to)`, on disk as rows. */
  report(from: number, to: number, machines = ["s"], everyMs = MINUTE): void {
    for (const source of machines) {
      this.ids[source] ??= ResourceId.parse(mintId("r"));
      const id = this.ids[source];
      for (let at = from; at < to; at += everyMs) {
        const metrics: Metrics = {};
        for (let n = 0; n < this.series; n++)
          metrics[`m${n}_percent`] = Math.round(this.#random() * 1_000) / 10;
        this.history.stage(source, at, [{ id, metrics }]);
      }
    }
    this.db.transaction(() => this.history.write());
    this.history.written();
  }

  /** Days from `from` on, each sealed when it is over. */
  live(from: number, days: number, machines = ["s"]): void {
    for (let day = 0; day < days; day++) {
      const startAt = from + day * DAY;
      this.now = startAt;
      this.report(startAt, startAt + DAY, machines);
      this.now = startAt + DAY + 2 * HOUR;
      this.upkeep.finish();
    }
  }

  /** As after a start: what came late is not waited for any more. */
  startAgain(): void {
    const before = this.upkeep;
    this.upkeep = this.#newUpkeep();
    this.upkeep.limitBytes = before.limitBytes;
    before.stop();
    this.upkeep.finish();
  }

  asked(input: RetentionInput = {}, quotaBytes = QUOTA_BYTES): HistoryRetention {
    return retention(this, { input, quotaBytes });
  }

  set(input: SetRetentionInput, quotaBytes = QUOTA_BYTES) {
    return setRetention(this, { input, quotaBytes });
  }

  /** What chunks really take: whole pages of the file. */
  get chunkBytes(): number {
    const rows = this.db.rows(
      "select sum(pgsize) as bytes from dbstat where aggregate = 1 and name in ('chunk', 'chunk_part')",
    ) as { bytes: number }[];
    return rows[0]?.bytes ?? 0;
  }

  [Symbol.dispose](): void {
    this.upkeep.stop();
    this.db.close();
  }

  #newUpkeep(): Upkeep {
    return new Upkeep({
      db: () => this.db,
      history: this.history,
      clock: () => this.now,
      onFailure: (error) => this.failures.push(error),
    });
  }
}
