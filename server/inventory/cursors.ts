/** How far each source has reported, in memory and, a commit later, on disk. */
import { sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { reportCursor } from "../../db/org/inventory.ts";
import { preparedOn } from "../../db/prepared.ts";
import { type Cursor, newMemory, remember, type SourceMemory } from "./arrival.ts";

const DEFAULT_INTERVAL_MS = 10_000;

export class Cursors {
  readonly #db: () => Database;
  readonly #sources = new Map<string, SourceMemory>();
  readonly #moved = new Set<string>();
  /** By how much the clock of a source is behind ours, as its last single report showed. */
  readonly #behindMs = new Map<string, number>();

  constructor(db: () => Database) {
    this.#db = db;
    for (const { source, missing, ...cursor } of db().orm.select().from(reportCursor).all()) {
      this.#sources.set(source, newMemory({ ...cursor, ...(missing && { missing }) }));
    }
  }

  /** Of a source that never reported it is empty. */
  of(source: string): SourceMemory {
    let memory = this.#sources.get(source);
    if (!memory) {
      memory = newMemory();
      this.#sources.set(source, memory);
    }
    return memory;
  }

  find(source: string): Cursor | undefined {
    return this.#sources.get(source)?.cursor;
  }

  *entries(): Generator<[source: string, cursor: Cursor]> {
    for (const [source, { cursor }] of this.#sources) if (cursor) yield [source, cursor];
  }

  move(
    source: string,
    report: { boot: string; seq: number; at: number; intervalMs: number },
    now: number,
    behindMs: number | undefined,
  ): void {
    remember(this.of(source), report, now);
    this.#moved.add(source);
    if (behindMs !== undefined) this.#behindMs.set(source, behindMs);
  }

  /** How often it reports, when by its own clock it last did, and by how much that clock is behind ours. */
  rhythmOf(source: string): { intervalMs: number; heardAt: number; behindMs: number } {
    const cursor = this.find(source);
    return {
      intervalMs: cursor?.intervalMs ?? DEFAULT_INTERVAL_MS,
      heardAt: cursor?.at ?? 0,
      behindMs: this.#behindMs.get(source) ?? 0,
    };
  }

  /** It is not a source any more; what it said stays. */
  forget(source: string): void {
    this.#sources.delete(source);
    this.#behindMs.delete(source);
  }

  get hasUnwritten(): boolean {
    return this.#moved.size > 0;
  }

  /** Writes what moved; inside the caller's transaction. Call `written` once that is committed. */
  write(): void {
    for (const source of this.#moved) {
      const cursor = this.find(source);
      if (!cursor) continue;
      upsertCursor(this.#db()).run({
        source,
        ...cursor,
        missing: cursor.missing ? JSON.stringify(cursor.missing) : null,
      });
    }
  }

  written(): void {
    this.#moved.clear();
  }
}

const upsertCursor = preparedOn((db) => {
  const { placeholder } = sql;
  return db.orm
    .insert(reportCursor)
    .values({
      source: placeholder("source"),
      boot: placeholder("boot"),
      seq: placeholder("seq"),
      at: placeholder("at"),
      intervalMs: placeholder("intervalMs"),
      missing: sql`${placeholder("missing")}`,
    })
    .onConflictDoUpdate({
      target: reportCursor.source,
      set: {
        boot: sql`excluded.boot`,
        seq: sql`excluded.seq`,
        at: sql`excluded.at`,
        intervalMs: sql`excluded.interval_ms`,
        missing: sql`excluded.missing`,
      },
    })
    .prepare();
});
