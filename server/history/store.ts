/**
 * Samples of one org. A report's values are packed into one row (see `sample-codec`); which series
 * they belong to stands once in a layout that is shared by all rows until a series appears.
 *
 * A staged sample is visible to readers at once and on disk after the commit that `write` is part of.
 */
import { and, asc, eq, gt, gte, lt, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { sample as sampleTable } from "../../db/org/history.ts";
import type { ResourceId } from "../contract/ids.ts";
import type { Metrics } from "../contract/resource.ts";
import { type Chunk, ChunkTable, type OnDamage } from "./chunk-table.ts";
import { type Column, type Layout, Layouts, makeLayout, seriesKey, union } from "./layouts.ts";
import { columnsOf } from "./read-series.ts";
import { packValues, tidy, valueAt } from "./sample-codec.ts";

export interface SampleRow {
  at: number;
  layout: Layout;
  packed: Buffer;
}

interface StagedSample extends SampleRow {
  source: string;
}

/** Rows read at a time, so that a long range never holds the actor for more than a few milliseconds. */
const ROWS_PER_READ = 2_000;
/** Layouts in use by one source: of all it says, and of what it says while somebody looks closely. */
const LAYOUTS_PER_SOURCE = 2;

export class HistoryStore {
  readonly layouts: Layouts;
  readonly chunks: ChunkTable;
  readonly #db: () => Database;
  /** Of each source, newest first. */
  readonly #current = new Map<string, Layout[]>();
  readonly #watchers = new Set<(source: string, at: number) => void>();
  #staged: StagedSample[] = [];

  constructor(db: () => Database, onDamage: OnDamage = () => {}) {
    this.#db = db;
    this.layouts = new Layouts(db);
    this.chunks = new ChunkTable(db, onDamage);
  }

  get stagedCount(): number {
    return this.#staged.length;
  }

  /** The values of one report, in whatever order its resources and their metrics come. */
  stage(source: string, at: number, seen: readonly { id: ResourceId; metrics: Metrics }[]): void {
    /* A reporter says the same things in the same order every time, so mostly there is nothing to look up. */
    for (const layout of this.#current.get(source) ?? []) {
      const inOrder = valuesInOrder(layout.columns, seen);
      if (!inOrder) continue;
      this.#staged.push({ source, at, layout, packed: packValues(inOrder) });
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
    const { insert } = statements(this.#db());
    for (const { source, at, layout, packed } of this.#staged)
      insert.run({ source, at, layoutId: this.layouts.idOf(layout), packed });
  }

  written(): void {
    for (const { source, at, layout } of this.#staged) {
      for (const watcher of this.#watchers) watcher(source, at);
      if (layout.id !== undefined) this.layouts.keep(layout.id, layout);
    }
    this.#staged = [];
  }

  /** The transaction that `write` was part of did not happen: layouts it made are not there. */
  notWritten(): void {
    for (const { layout } of this.#staged) {
      if (layout.id !== undefined && !this.layouts.isKept(layout.id)) layout.id = undefined;
    }
  }

  /**
   * Rows of `[from, to)` in the order of time, as many as are read at a time, and up to where that is all. What is
   * staged is looked at in the same turn as the rows it stands between: a commit between two turns would
   * hide it from both.
   */
  rows(source: string, from: number, to: number, most?: number): { rows: SampleRow[]; endAt: number } {
    const { rows: onDisk, endAt } = this.writtenRows(source, from, to, most);
    const staged = this.#staged.filter((one) => one.source === source && one.at >= from && one.at < endAt);
    if (staged.length === 0) return { rows: onDisk, endAt };
    const rows = new Map<number, SampleRow>();
    for (const row of [...onDisk, ...staged]) rows.set(row.at, row);
    return { rows: [...rows.values()].sort((a, b) => a.at - b.at), endAt };
  }

  /** Those on disk only. */
  writtenRows(
    source: string,
    from: number,
    to: number,
    most: number = ROWS_PER_READ,
  ): { rows: SampleRow[]; endAt: number } {
    const found = statements(this.#db()).rows.all({ source, from, to, limit: most });
    const last = found.length < most ? undefined : found.at(-1);
    const rows = found.map(({ at, layoutId, packed }) => ({
      at,
      layout: this.layouts.get(layoutId),
      packed,
    }));
    return { rows, endAt: last ? last.at + 1 : to };
  }

  /** What was measured in `[from, to)`, as layouts: some of their series may have had no value then. */
  layoutsOf(source: string, from: number, to: number): Set<Layout> {
    const ids = this.chunks.layoutIds(source, from, to);
    for (const { layoutId } of statements(this.#db()).layouts.all({ source, from, to })) ids.add(layoutId);
    const layouts = new Set([...ids].map((id) => this.layouts.get(id)));
    for (const one of this.#staged)
      if (one.source === source && one.at >= from && one.at < to) layouts.add(one.layout);
    return layouts;
  }

  /** When the first row on disk from then on was. */
  firstRowAt(source: string, from: number): number | undefined {
    return statements(this.#db()).rows.all({ source, from, to: Number.MAX_SAFE_INTEGER, limit: 1 })[0]?.at;
  }

  /** Whether there is a sample of exactly this time, on disk or on its way. */
  has(source: string, at: number): boolean {
    if (this.#staged.some((one) => one.source === source && one.at === at)) return true;
    if (statements(this.#db()).rows.all({ source, from: at, to: at + 1, limit: 1 }).length > 0) return true;
    return this.#chunkWith(source, at) !== undefined;
  }

  /** The values of one sample that is on disk. */
  valuesAt(source: string, at: number): Map<ResourceId, Metrics> {
    const [row] = statements(this.#db()).rows.all({ source, from: at, to: at + 1, limit: 1 });
    if (row) {
      const layout = this.layouts.get(row.layoutId);
      this.#current.set(source, [layout]);
      return valuesBy(layout, (position) => valueAt(row.packed, position));
    }
    const chunk = this.#chunkWith(source, at);
    if (!chunk) return new Map();
    const layout = this.layouts.get(chunk.layoutId);
    const index = chunk.head.times.indexOf(at);
    const columns = columnsOf(this.chunks, source, chunk);
    return valuesBy(layout, (position) => columns(position)[index] as number);
  }

  /** Deletes rows that are in a chunk now; inside the caller's transaction. */
  deleteRows(source: string, from: number, to: number): void {
    const isIn = and(eq(sampleTable.source, source), gte(sampleTable.at, from), lt(sampleTable.at, to));
    this.#db().orm.delete(sampleTable).where(isIn).run();
  }

  /** When the oldest and the newest row on disk were; undefined without any. */
  rowsBetween(source: string): { oldestAt: number; newestAt: number } | undefined {
    const ends = statements(this.#db()).ends.get({ source });
    if (!ends || ends.oldestAt === null || ends.newestAt === null) return undefined;
    return { oldestAt: ends.oldestAt, newestAt: ends.newestAt };
  }

  /** The sources that have rows on disk. */
  rowSources(): string[] {
    const sources: string[] = [];
    for (let after = ""; ; ) {
      const row = statements(this.#db()).sourceAfter.get({ after });
      if (!row) return sources;
      sources.push(row.source);
      after = row.source;
    }
  }

  /** Told of every sample that is written, until it is told to stop. */
  watchWrites(watcher: (source: string, at: number) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #chunkWith(source: string, at: number): Chunk | undefined {
    for (const tier of ["day", "hour"] as const) {
      const chunk = this.chunks.next(source, tier, at, at + 1);
      if (chunk && chunk.startAt <= at && chunk.head.times.includes(at)) return chunk;
    }
    return undefined;
  }

  /**
   * A layout of the source that most of these columns fill, extended when a series is new. Where most of its columns
   * have become empty (machines and parts come and go) a fresh one begins; the one before is kept for a while, because
   * a source that is looked at closely says little most times, and everything now and then.
   */
  #layoutWith(source: string, columns: Column[]): Layout {
    const current = this.#current.get(source) ?? [];
    const filled = current.filter((layout) => columns.length * 2 >= layout.columns.length);
    const fitting = filled.find((layout) =>
      columns.every(([id, metric]) => layout.of(id, metric) !== undefined),
    );
    if (fitting) return fitting;
    const [base] = filled.toSorted((one, other) => other.columns.length - one.columns.length);
    const layout = makeLayout(undefined, union(base?.columns ?? [], columns));
    const others = current.filter((other) => other !== base);
    this.#current.set(source, [layout, ...others].slice(0, LAYOUTS_PER_SOURCE));
    return layout;
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

function valuesBy(layout: Layout, valueOfSeries: (position: number) => number): Map<ResourceId, Metrics> {
  const values = new Map<ResourceId, Metrics>();
  for (const [position, [id, metric]] of layout.columns.entries()) {
    const value = valueOfSeries(position);
    if (Number.isNaN(value)) continue;
    const metrics = values.get(id) ?? {};
    metrics[metric] = tidy(value);
    values.set(id, metrics);
  }
  return values;
}

interface RawRow {
  at: number;
  layoutId: number;
  packed: Buffer;
}

interface Statements {
  insert: { run(values: Record<string, unknown>): unknown };
  rows: { all(values: Record<string, unknown>): RawRow[] };
  layouts: { all(values: Record<string, unknown>): { layoutId: number }[] };
  ends: {
    get(values: Record<string, unknown>): { oldestAt: number | null; newestAt: number | null } | undefined;
  };
  sourceAfter: { get(values: Record<string, unknown>): { source: string } | undefined };
}

/** Prepared once per open file: building a statement anew for every row costs twenty times the row. */
function statements(db: Database): Statements {
  let prepared = known.get(db);
  if (!prepared) {
    prepared = prepare(db.orm);
    known.set(db, prepared);
  }
  return prepared;
}

const known = new WeakMap<Database, Statements>();

function prepare(orm: Database["orm"]): Statements {
  const { placeholder } = sql;
  const { source, at, layoutId, packed } = sampleTable;
  const ofSource = eq(source, placeholder("source"));
  return {
    insert: orm
      .insert(sampleTable)
      .values({
        source: placeholder("source"),
        at: placeholder("at"),
        layoutId: placeholder("layoutId"),
        packed: placeholder("packed"),
      })
      .onConflictDoUpdate({
        target: [source, at],
        set: { layoutId: sql`excluded.layout_id`, packed: sql`excluded.packed` },
      })
      .prepare(),
    rows: orm
      .select({ at, layoutId, packed })
      .from(sampleTable)
      .where(and(ofSource, gte(at, placeholder("from")), lt(at, placeholder("to"))))
      .orderBy(asc(at))
      .limit(placeholder("limit"))
      .prepare(),
    layouts: orm
      .selectDistinct({ layoutId })
      .from(sampleTable)
      .where(and(ofSource, gte(at, placeholder("from")), lt(at, placeholder("to"))))
      .prepare(),
    ends: orm
      .select({
        /* Two look-ups in the key, where one statement with both would read every row between. */
        oldestAt: sql<number | null>`(select min(at) from sample where source = ${placeholder("source")})`,
        newestAt: sql<number | null>`(select max(at) from sample where source = ${placeholder("source")})`,
      })
      .from(sql`(select 1)`)
      .prepare(),
    sourceAfter: orm
      .select({ source })
      .from(sampleTable)
      .where(gt(source, placeholder("after")))
      .orderBy(asc(source))
      .limit(1)
      .prepare(),
  };
}
