/** The last report taken from each source, in memory and, a commit later, on disk. */
import type { Database } from "../../db/driver.ts";
import { reportCursor } from "../../db/org/inventory.ts";

export interface Cursor {
  boot: string;
  seq: number;
  at: number;
  intervalMs: number;
}

export class Cursors {
  readonly #db: Database;
  readonly #cursors = new Map<string, Cursor>();
  readonly #moved = new Set<string>();

  constructor(db: Database) {
    this.#db = db;
    for (const { source, ...cursor } of db.orm.select().from(reportCursor).all()) {
      this.#cursors.set(source, cursor);
    }
  }

  get(source: string): Cursor | undefined {
    return this.#cursors.get(source);
  }

  entries(): IterableIterator<[source: string, cursor: Cursor]> {
    return this.#cursors.entries();
  }

  move(source: string, cursor: Cursor): void {
    this.#cursors.set(source, cursor);
    this.#moved.add(source);
  }

  get hasUnwritten(): boolean {
    return this.#moved.size > 0;
  }

  /** Writes what moved; inside the caller's transaction. Call `written` once that is committed. */
  write(): void {
    for (const source of this.#moved) {
      const cursor = this.#cursors.get(source);
      if (!cursor) continue;
      const values = { source, ...cursor };
      this.#db.orm
        .insert(reportCursor)
        .values(values)
        .onConflictDoUpdate({ target: reportCursor.source, set: values })
        .run();
    }
  }

  written(): void {
    this.#moved.clear();
  }
}
