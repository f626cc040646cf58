/**
 * Chunks in the org's file. Their ids are computed: the number of the source, the tier, and the hour since the epoch
 * in which the chunk begins. So all chunks of one kind lie next to each other in the order of time, and
 * the parts of a chunk likewise, without an index. A table with a key of its own would put blobs of this size on
 * overflow pages twice.
 */
import { and, asc, eq, gte, lt, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { chunkPart, chunk as chunkRows, historySource } from "../../db/org/history.ts";
import { DamagedBytesError } from "./codec/bytes.ts";
import { bytesAt, type ChunkHead, readHead, readSummaries } from "./codec/chunk.ts";
import { addUse, takeUse } from "./use.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/**
 * `hour` and `day` hold what was sampled: an hour first, and when the day is over all its hours together, which
 * is a quarter smaller. The others hold steps of time.
 */
export const TIERS = {
  hour: { number: 0, spanMs: HOUR, stepMs: 0 },
  day: { number: 1, spanMs: DAY, stepMs: 0 },
  fiveMinutes: { number: 2, spanMs: DAY, stepMs: 300_000 },
  hours: { number: 3, spanMs: 8 * DAY, stepMs: HOUR },
  days: { number: 4, spanMs: 64 * DAY, stepMs: DAY },
} as const;
export type Tier = keyof typeof TIERS;

/** Hours since the epoch fit until the year 2089. */
const HOURS = 2 ** 20;
const TIER_NUMBERS = 8;
const PARTS = 512;
/** Heads kept decoded: a chart of many series reads the same ones over and over. */
const MAX_HEADS = 16;

export interface Chunk {
  id: number;
  tier: Tier;
  startAt: number;
  endAt: number;
  layoutId: number;
  head: ChunkHead;
}

/** What is to be written; `parts` in their order. */
export interface NewChunk {
  rows: number;
  layoutId: number;
  head: Buffer;
  parts: Buffer[];
}

export type OnDamage = (what: { source: string; tier: Tier; startAt: number; words: string }) => void;

export class ChunkTable {
  readonly #db: () => Database;
  readonly #onDamage: OnDamage;
  readonly #numbers = new Map<string, number>();
  readonly #heads = new Map<number, ChunkHead>();
  /** How often chunks of a source were written or deleted since the start. */
  readonly #revisions = new Map<string, number>();
  /** Chunks, and series of chunks, that turned out to be damaged; each is told of once. */
  readonly #damaged = new Set<string>();

  constructor(db: () => Database, onDamage: OnDamage) {
    this.#db = db;
    this.#onDamage = onDamage;
  }

  /** How many chunks, or series of one, could not be read since the start. */
  get damageCount(): number {
    return this.#damaged.size;
  }

  /** The first chunk that ends after `from` and begins before `to`, passing over those that cannot be read. */
  next(source: string, tier: Tier, from: number, to: number): Chunk | undefined {
    const number = this.#numberOf(source);
    if (number === undefined) return undefined;
    const { spanMs } = TIERS[tier];
    let startAt = Math.max(0, Math.floor(from / spanMs) * spanMs);
    for (;;) {
      const bounds = { from: idOf(number, tier, startAt), to: idOf(number, tier, to + HOUR - 1) };
      const row = statements(this.#db()).next.get(bounds);
      if (!row) return undefined;
      startAt = startOf(row.id);
      const found = { id: row.id, tier, startAt, endAt: startAt + spanMs, layoutId: row.layoutId };
      const head = this.#readHead(source, found, row);
      if (head) return { ...found, head };
      startAt += spanMs;
    }
  }

  /** When the first chunk begins that ends after `from` and begins before `to`, readable or not; reads no head. */
  nextAt(source: string, tier: Tier, from: number, to: number): number | undefined {
    const number = this.#numberOf(source);
    if (number === undefined) return undefined;
    const { spanMs } = TIERS[tier];
    const startAt = Math.max(0, Math.floor(from / spanMs) * spanMs);
    const bounds = { from: idOf(number, tier, startAt), to: idOf(number, tier, to + HOUR - 1) };
    const row = statements(this.#db()).first.get(bounds);
    return row && startOf(row.id);
  }

  /**
   * What the head of the chunk that begins then says of some series (see `readSummaries`), which are told by its
   * layout; undefined when there is none that can be read.
   */
  summariesAt(
    source: string,
    { tier, startAt }: { tier: Tier; startAt: number },
    positionsIn: (layoutId: number) => ArrayLike<number>,
  ): Float64Array | undefined {
    const number = this.#numberOf(source);
    if (number === undefined) return undefined;
    const id = idOf(number, tier, startAt);
    const row = statements(this.#db()).next.get({ from: id, to: id + 1 });
    if (!row) return undefined;
    try {
      return readSummaries(row.head, positionsIn(row.layoutId));
    } catch (error) {
      if (!(error instanceof DamagedBytesError)) throw error;
      this.damaged(source, { id, tier, startAt }, error.message);
      return undefined;
    }
  }

  /** Changes whenever what is kept of a source becomes other chunks. */
  revisionOf(source: string): number {
    return this.#revisions.get(source) ?? 0;
  }

  /** When the first chunk of a tier begins, readable or not; of those from some time on. */
  firstAt(source: string, tier: Tier, from = 0): number | undefined {
    const number = this.#numberOf(source);
    if (number === undefined) return undefined;
    const bounds = { from: idOf(number, tier, from), to: idOf(number, tier, 0) + HOURS };
    const row = statements(this.#db()).first.get(bounds);
    return row && startOf(row.id);
  }

  /**
   * The layouts of all chunks that hold something of `[from, to)`. Those of hours and days span so much that most of
   * what is in them was at another time: they are looked at where there is nothing finer any more.
   */
  layoutIds(source: string, from: number, to: number): Set<number> {
    const ids = new Set<number>();
    const number = this.#numberOf(source);
    if (number === undefined) return ids;
    const finest = Math.min(
      ...(["day", "fiveMinutes"] as const).map((tier) => this.firstAt(source, tier) ?? to),
    );
    for (const tier of Object.keys(TIERS) as Tier[]) {
      const { spanMs } = TIERS[tier];
      const until = spanMs > DAY ? Math.min(to, finest) : to;
      if (until <= from) continue;
      const startAt = Math.max(0, Math.floor(from / spanMs) * spanMs);
      const bounds = { from: idOf(number, tier, startAt), to: idOf(number, tier, until + HOUR - 1) };
      for (const { layoutId } of statements(this.#db()).layouts.all(bounds)) ids.add(layoutId);
    }
    return ids;
  }

  part(chunkId: number, part: number): Buffer | undefined {
    return statements(this.#db()).part.get({ id: chunkId * PARTS + part })?.bytes;
  }

  /** In place of whatever chunk is there; inside the caller's transaction. */
  write(source: string, tier: Tier, startAt: number, made: NewChunk): void {
    const id = idOf(this.#makeNumber(source), tier, startAt);
    this.#revise(source);
    this.#deleteId(id);
    const size = made.parts.reduce((sum, part) => sum + part.length, made.head.length);
    addUse(this.#db(), TIERS[tier].number, startOf(id), size);
    const { insert, insertPart } = statements(this.#db());
    insert.run({ id, rows: made.rows, layoutId: made.layoutId, head: made.head });
    for (const [part, bytes] of made.parts.entries()) insertPart.run({ id: id * PARTS + part, bytes });
  }

  /** Inside the caller's transaction. */
  delete(source: string, tier: Tier, startAt: number): void {
    const number = this.#numberOf(source);
    this.#revise(source);
    if (number !== undefined) this.#deleteId(idOf(number, tier, startAt));
  }

  #revise(source: string): void {
    this.#revisions.set(source, this.revisionOf(source) + 1);
  }

  /** The transaction of a write did not happen: numbers it gave are nobody's. */
  notWritten(): void {
    this.#numbers.clear();
  }

  sources(): string[] {
    const rows = this.#db().orm.select({ source: historySource.source }).from(historySource).all();
    return rows.map(({ source }) => source);
  }

  /** Tells of every series of a chunk that is not what was written. */
  check(source: string, chunk: Chunk): void {
    for (const [position, place] of chunk.head.places.entries()) {
      try {
        bytesAt(place, this.part(chunk.id, place.part));
      } catch (error) {
        if (!(error instanceof DamagedBytesError)) throw error;
        this.damaged(source, chunk, `series ${position}: ${error.message}`);
      }
    }
  }

  /** Series of a chunk that are not what was written are told of, and are not there. */
  damaged(
    source: string,
    { id, tier, startAt }: Omit<Chunk, "head" | "layoutId" | "endAt">,
    what: string,
  ): void {
    const key = `${id} ${what}`;
    if (this.#damaged.has(key) || this.#damaged.size >= MAX_DAMAGED) return;
    this.#damaged.add(key);
    this.#onDamage({ source, tier, startAt, words: what });
  }

  #readHead(source: string, found: Omit<Chunk, "head">, row: ChunkRow): ChunkHead | undefined {
    const known = this.#heads.get(found.id);
    if (known) return known;
    try {
      const head = readHead(row.head, row.rows);
      if (this.#heads.size >= MAX_HEADS) this.#heads.delete(this.#heads.keys().next().value as number);
      this.#heads.set(found.id, head);
      return head;
    } catch (error) {
      if (!(error instanceof DamagedBytesError)) throw error;
      this.damaged(source, found, error.message);
      return undefined;
    }
  }

  #deleteId(id: number): void {
    this.#heads.delete(id);
    const { size, remove, removeParts } = statements(this.#db());
    const held = size.get({ id, from: id * PARTS, to: (id + 1) * PARTS });
    if (held) takeUse(this.#db(), Math.floor(id / HOURS) % TIER_NUMBERS, startOf(id), held.bytes);
    remove.run({ id });
    removeParts.run({ from: id * PARTS, to: (id + 1) * PARTS });
  }

  /** A number once given is never another source's, so it can be remembered; one that was not is looked for again. */
  #numberOf(source: string): number | undefined {
    const known = this.#numbers.get(source);
    if (known !== undefined) return known;
    const row = this.#db()
      .orm.select({ id: historySource.id })
      .from(historySource)
      .where(eq(historySource.source, source))
      .get();
    if (row) this.#numbers.set(source, row.id);
    return row?.id;
  }

  #makeNumber(source: string): number {
    const known = this.#numberOf(source);
    if (known !== undefined) return known;
    this.#db().orm.insert(historySource).values({ source }).onConflictDoNothing().run();
    const number = this.#numberOf(source);
    if (number === undefined) throw new Error("a source just written cannot be read");
    return number;
  }
}

/** Damages told of; whoever has more has to restore a backup anyway. */
const MAX_DAMAGED = 10_000;

function idOf(number: number, tier: Tier, at: number): number {
  const hour = Math.min(HOURS - 1, Math.max(0, Math.floor(at / HOUR)));
  return (number * TIER_NUMBERS + TIERS[tier].number) * HOURS + hour;
}

function startOf(id: number): number {
  return (id % HOURS) * HOUR;
}

interface ChunkRow {
  id: number;
  rows: number;
  layoutId: number;
  head: Buffer;
}

interface Writes {
  run(values: Record<string, unknown>): unknown;
}

interface Statements {
  insert: Writes;
  insertPart: Writes;
  remove: Writes;
  removeParts: Writes;
  next: { get(values: Record<string, unknown>): ChunkRow | undefined };
  first: { get(values: Record<string, unknown>): { id: number } | undefined };
  part: { get(values: Record<string, unknown>): { bytes: Buffer } | undefined };
  size: { get(values: Record<string, unknown>): { bytes: number } | undefined };
  layouts: { all(values: Record<string, unknown>): { layoutId: number }[] };
}

/** Prepared once per open file: building a statement anew costs more than the row, and a day that is sealed has a hundred. */
function statements(db: Database): Statements {
  let prepared = known.get(db);
  if (!prepared) {
    const { placeholder } = sql;
    const between = and(gte(chunkRows.id, placeholder("from")), lt(chunkRows.id, placeholder("to")));
    const { orm } = db;
    prepared = {
      insert: orm
        .insert(chunkRows)
        .values({
          id: placeholder("id"),
          rows: placeholder("rows"),
          layoutId: placeholder("layoutId"),
          head: placeholder("head"),
        })
        .prepare(),
      insertPart: orm
        .insert(chunkPart)
        .values({ id: placeholder("id"), bytes: placeholder("bytes") })
        .prepare(),
      remove: orm
        .delete(chunkRows)
        .where(eq(chunkRows.id, placeholder("id")))
        .prepare(),
      removeParts: orm
        .delete(chunkPart)
        .where(and(gte(chunkPart.id, placeholder("from")), lt(chunkPart.id, placeholder("to"))))
        .prepare(),
      next: orm.select().from(chunkRows).where(between).orderBy(asc(chunkRows.id)).limit(1).prepare(),
      first: orm
        .select({ id: chunkRows.id })
        .from(chunkRows)
        .where(between)
        .orderBy(asc(chunkRows.id))
        .limit(1)
        .prepare(),
      part: orm
        .select({ bytes: chunkPart.bytes })
        .from(chunkPart)
        .where(eq(chunkPart.id, placeholder("id")))
        .prepare(),
      /* The length of a blob is in its row: nothing of what it holds is read. */
      size: orm
        .select({
          bytes: sql<number>`length(${chunkRows.head}) + coalesce((select sum(length(bytes)) from chunk_part where id >= ${placeholder("from")} and id < ${placeholder("to")}), 0)`,
        })
        .from(chunkRows)
        .where(eq(chunkRows.id, placeholder("id")))
        .prepare(),
      layouts: orm.selectDistinct({ layoutId: chunkRows.layoutId }).from(chunkRows).where(between).prepare(),
    };
    known.set(db, prepared);
  }
  return prepared;
}

const known = new WeakMap<Database, Statements>();
