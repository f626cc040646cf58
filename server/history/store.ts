/**
 * Samples of one org. A report's values are packed into one row (see `sample-codec`); which series
 * they belong to stands once in a layout that is shared by all rows until a series appears.
 *
 * A staged sample is visible to readers at once and on disk after the commit that `write` is part of.
 */
import { and, asc, eq, gte, lt, lte, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { sampleLayout, sample as sampleTable } from "../../db/org/history.ts";
import { ResourceId } from "../contract/ids.ts";
import type { Metrics } from "../contract/resource.ts";
import { packValues, tidy, valueAt } from "./sample-codec.ts";

type Column = [resourceId: ResourceId, metric: string];

/** Where the series of a sample are; the same object for all samples of one layout. */
export interface Columns {
  /** Position of a series in `packed`; undefined when the sample does not have it. */
  of(resourceId: ResourceId, metric: string): number | undefined;
}

interface Layout extends Columns {
  /** Undefined until it is on disk. */
  id: number | undefined;
  columns: Column[];
}

export interface StoredSample {
  at: number;
  columns: Columns;
  packed: Buffer;
}

interface StagedSample {
  source: string;
  at: number;
  layout: Layout;
  packed: Buffer;
}

/** Rows read at a time, so that a long range never holds the actor for more than a few milliseconds. */
const ROWS_PER_READ = 2_000;
/** Rows deleted at a time: some hours of one source, so that a commit stays short and a clock that is wrong does little. */
const ROWS_PER_PRUNE = 2_000;
/** Layouts kept in memory; past it all are read again when needed. */
const MAX_LAYOUTS = 256;

export class HistoryStore {
  readonly #db: () => Database;
  readonly #layouts = new Map<number, Layout>();
  readonly #current = new Map<string, Layout>();
  #staged: StagedSample[] = [];

  constructor(db: () => Database) {
    this.#db = db;
  }

  get stagedCount(): number {
    return this.#staged.length;
  }

  /** The values of one report, in whatever order its resources and their metrics come. */
  stage(source: string, at: number, seen: readonly { id: ResourceId; metrics: Metrics }[]): void {
    const current = this.#current.get(source);
    /* A reporter says the same things in the same order every time, so mostly there is nothing to look up. */
    const inOrder = current && valuesInOrder(current.columns, seen);
    if (inOrder) {
      this.#staged.push({ source, at, layout: current, packed: packValues(inOrder) });
      return;
    }
    const values = new Map<string, number>();
    const columns: Column[] = [];
    for (const { id, metrics } of seen) {
      for (const [metric, value] of Object.entries(metrics)) {
        columns.push([id, metric]);
        values.set(seriesKey(id, metric), value);
      }
    }
    const layout = this.#layoutWith(source, columns);
    const packed = packValues(
      layout.columns.map(([id, metric]) => values.get(seriesKey(id, metric)) ?? Number.NaN),
    );
    this.#staged.push({ source, at, layout, packed });
  }

  /** Writes what is staged; inside the caller's transaction. Call `written` once that is committed. */
  write(): void {
    if (this.#staged.length === 0) return;
    const insert = insertInto(this.#db());
    for (const { source, at, layout, packed } of this.#staged)
      insert.run({ source, at, layoutId: this.#layoutId(layout), packed });
  }

  written(): void {
    for (const { layout } of this.#staged) {
      if (layout.id !== undefined) this.#keep(layout.id, layout);
    }
    this.#staged = [];
  }

  /** The transaction that `write` was part of did not happen: layouts it made are not there. */
  notWritten(): void {
    for (const { layout } of this.#staged) {
      if (layout.id !== undefined && !this.#layouts.has(layout.id)) layout.id = undefined;
    }
  }

  /**
   * Samples of `[from, to)` in the order of time, in batches. What is staged is looked at in the same
   * turn as the rows it stands between: a commit between two batches would hide it from both.
   */
  *samples(source: string, from: number, to: number): Generator<StoredSample[]> {
    for (let next = from; next < to; ) {
      const rows = this.#db()
        .orm.select({ at: sampleTable.at, layoutId: sampleTable.layoutId, packed: sampleTable.packed })
        .from(sampleTable)
        .where(and(eq(sampleTable.source, source), gte(sampleTable.at, next), lt(sampleTable.at, to)))
        .orderBy(asc(sampleTable.at))
        .limit(ROWS_PER_READ)
        .all();
      const last = rows.length < ROWS_PER_READ ? undefined : rows.at(-1);
      const end = last ? last.at + 1 : to;
      const staged = this.#staged.filter((one) => one.source === source && one.at >= next && one.at < end);
      const batch = new Map<number, StoredSample>();
      for (const { at, layoutId, packed } of rows)
        batch.set(at, this.#read(at, this.#layout(layoutId), packed));
      for (const { at, layout, packed } of staged) batch.set(at, this.#read(at, layout, packed));
      if (batch.size > 0) yield [...batch.values()].sort((a, b) => a.at - b.at);
      next = end;
    }
  }

  /** Whether there is a sample of exactly this time, on disk or on its way. */
  has(source: string, at: number): boolean {
    if (this.#staged.some((one) => one.source === source && one.at === at)) return true;
    const row = this.#db()
      .orm.select({ at: sampleTable.at })
      .from(sampleTable)
      .where(and(eq(sampleTable.source, source), eq(sampleTable.at, at)))
      .get();
    return row !== undefined;
  }

  /** The values of one sample that is on disk. */
  valuesAt(source: string, at: number): Map<ResourceId, Metrics> {
    const values = new Map<ResourceId, Metrics>();
    const row = this.#db()
      .orm.select({ layoutId: sampleTable.layoutId, packed: sampleTable.packed })
      .from(sampleTable)
      .where(and(eq(sampleTable.source, source), eq(sampleTable.at, at)))
      .get();
    if (!row) return values;
    const layout = this.#layout(row.layoutId);
    this.#current.set(source, layout);
    for (const [index, [id, metric]] of layout.columns.entries()) {
      const value = valueAt(row.packed, index);
      if (Number.isNaN(value)) continue;
      const metrics = values.get(id) ?? {};
      metrics[metric] = tidy(value);
      values.set(id, metrics);
    }
    return values;
  }

  /** Deletes the oldest of what is older, a bounded number; how many rows went. */
  prune(source: string, olderThan: number): number {
    const oldest = this.#db()
      .orm.select({ at: sampleTable.at })
      .from(sampleTable)
      .where(and(eq(sampleTable.source, source), lt(sampleTable.at, olderThan)))
      .orderBy(asc(sampleTable.at))
      .limit(ROWS_PER_PRUNE)
      .all();
    const last = oldest.at(-1);
    if (!last) return 0;
    return this.#db()
      .orm.delete(sampleTable)
      .where(and(eq(sampleTable.source, source), lte(sampleTable.at, last.at)))
      .run().changes;
  }

  /**
   * The layout of the source, extended when a series is new. Where most of its columns have become
   * empty (machines and parts come and go) a fresh one begins.
   */
  #layoutWith(source: string, columns: Column[]): Layout {
    const current = this.#current.get(source);
    const fits = current && columns.every(([id, metric]) => current.of(id, metric) !== undefined);
    if (fits && columns.length * 2 >= current.columns.length) return current;
    const kept = current && columns.length * 2 >= current.columns.length ? current.columns : [];
    const layout = makeLayout(undefined, union(kept, columns));
    this.#current.set(source, layout);
    return layout;
  }

  #layoutId(layout: Layout): number {
    if (layout.id !== undefined) return layout.id;
    const columns = JSON.stringify(layout.columns);
    this.#db().orm.insert(sampleLayout).values({ columns }).onConflictDoNothing().run();
    const row = this.#db()
      .orm.select({ id: sampleLayout.id })
      .from(sampleLayout)
      .where(eq(sampleLayout.columns, columns))
      .get();
    if (!row) throw new Error("a layout just written cannot be read");
    layout.id = row.id;
    return row.id;
  }

  #layout(id: number): Layout {
    let layout = this.#layouts.get(id);
    if (!layout) {
      const row = this.#db()
        .orm.select({ columns: sampleLayout.columns })
        .from(sampleLayout)
        .where(eq(sampleLayout.id, id))
        .get();
      layout = makeLayout(id, row ? (JSON.parse(row.columns) as Column[]) : []);
      this.#keep(id, layout);
    }
    return layout;
  }

  #keep(id: number, layout: Layout): void {
    if (this.#layouts.size >= MAX_LAYOUTS) this.#layouts.clear();
    this.#layouts.set(id, layout);
  }

  #read(at: number, layout: Layout, packed: Buffer): StoredSample {
    return { at, packed, columns: layout };
  }
}

/** The values, when the report has exactly these columns in this order. */
function valuesInOrder(
  columns: readonly Column[],
  seen: readonly { id: ResourceId; metrics: Metrics }[],
): number[] | undefined {
  const values: number[] = [];
  for (const { id, metrics } of seen) {
    for (const metric in metrics) {
      const column = columns[values.length];
      if (column?.[1] !== metric || column[0] !== id) return undefined;
      values.push(metrics[metric] as number);
    }
  }
  return values.length === columns.length ? values : undefined;
}

/** One statement per open file: building one anew for every row costs twenty times the row. */
function insertInto(db: Database) {
  let insert = inserts.get(db);
  if (!insert) {
    const { placeholder } = sql;
    insert = db.orm
      .insert(sampleTable)
      .values({
        source: placeholder("source"),
        at: placeholder("at"),
        layoutId: placeholder("layoutId"),
        packed: placeholder("packed"),
      })
      .onConflictDoUpdate({
        target: [sampleTable.source, sampleTable.at],
        set: { layoutId: sql`excluded.layout_id`, packed: sql`excluded.packed` },
      })
      .prepare();
    inserts.set(db, insert);
  }
  return insert;
}

const inserts = new WeakMap<Database, { run(values: Record<string, unknown>): unknown }>();

function makeLayout(id: number | undefined, columns: Column[]): Layout {
  const position = new Map<string, number>();
  for (const [index, [resourceId, metric]] of columns.entries()) {
    position.set(seriesKey(ResourceId.parse(resourceId), metric), index);
  }
  return { id, columns, of: (resourceId, metric) => position.get(seriesKey(resourceId, metric)) };
}

function union(first: Column[], second: Column[]): Column[] {
  const joined = new Map<string, Column>();
  for (const column of [...first, ...second]) joined.set(seriesKey(column[0], column[1]), column);
  return [...joined.values()];
}

function seriesKey(resourceId: ResourceId, metric: string): string {
  return `${resourceId}/${metric}`;
}
