/**
 * The one place that opens SQLite. Every connection gets the same pragmas:
 *
 * - `synchronous=FULL`, set explicitly, because better-sqlite3 is compiled with NORMAL for WAL, and
 *   with that a power cut loses every commit since the last checkpoint;
 * - WAL, so that a reader never waits for the writer;
 * - foreign keys on, which a migration switches off for its own duration (see `tenancy/migrate`);
 * - a new file can give free pages back a few at a time, which cannot be changed later without rewriting it;
 * - `trusted_schema=OFF` and a bounded journal, because a file may have come from elsewhere.
 *
 * Transactions are synchronous: nothing else can happen between BEGIN and COMMIT, and a function
 * that returns a promise is refused.
 */
import BetterSqlite3 from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import type { BaseSQLiteDatabase } from "drizzle-orm/sqlite-core";

export type Orm = BaseSQLiteDatabase<"sync", BetterSqlite3.RunResult>;

export interface Database {
  readonly orm: Orm;
  /** Runs `write` in one immediate transaction; all of it is on disk when this returns. */
  transaction<T>(write: () => T): T;
  /** Runs statements as they are. For migrations and pragmas: never with anything from outside. */
  execute(sql: string): void;
  /** The single value of a one-row pragma. */
  pragma(source: string): unknown;
  /** All rows of a pragma or a checking statement. */
  rows(sql: string): unknown[];
  close(): void;
}

export type OpenMode = "create" | "existing" | "readonly";

/** How long a statement waits for a lock: only an operator's own tool could hold one. */
const BUSY_TIMEOUT_MS = 5_000;
/** A write-ahead log longer than this is cut back at the next checkpoint. */
const JOURNAL_SIZE_LIMIT_BYTES = 4 * 1024 * 1024;

export function openDatabase(path: string, mode: OpenMode): Database {
  const connection = new BetterSqlite3(path, {
    readonly: mode === "readonly",
    fileMustExist: mode !== "create",
    timeout: BUSY_TIMEOUT_MS,
  });
  try {
    if (mode === "create") connection.pragma("auto_vacuum = INCREMENTAL");
    if (mode !== "readonly") {
      connection.pragma("journal_mode = WAL");
      connection.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT_BYTES}`);
    }
    connection.pragma("synchronous = FULL");
    connection.pragma("foreign_keys = ON");
    connection.pragma("trusted_schema = OFF");
  } catch (error) {
    connection.close();
    throw error;
  }
  const run = connection.transaction((write: () => unknown) => write());
  return {
    orm: drizzle(connection),
    transaction: <T>(write: () => T) => run.immediate(write) as T,
    execute: (sql) => void connection.exec(sql),
    pragma: (source) => connection.pragma(source, { simple: true }),
    rows: (sql) => connection.prepare(sql).all(),
    close: () => void connection.close(),
  };
}

/** A connection that nothing refers to is closed by the garbage collector, and its lock with it. */
const heldLocks = new Set<BetterSqlite3.Database>();

/**
 * Takes a lock that lasts until it is released or the process ends, however it ends: an exclusive
 * transaction on a file of its own. Throws when another process holds it.
 */
export function lockFile(path: string): { release(): void } {
  const connection = new BetterSqlite3(path, { timeout: 0 });
  try {
    connection.pragma("journal_mode = DELETE");
    connection.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    connection.close();
    throw error;
  }
  heldLocks.add(connection);
  return {
    release() {
      heldLocks.delete(connection);
      connection.close();
    },
  };
}

/** The result code of SQLite behind an error (`SQLITE_FULL`, `SQLITE_CORRUPT`, …), if it is one. */
export function sqliteCode(error: unknown): string | undefined {
  return error instanceof BetterSqlite3.SqliteError ? error.code : undefined;
}

export function sqliteVersion(): string {
  const connection = new BetterSqlite3(":memory:");
  const version = connection.prepare("select sqlite_version()").pluck().get() as string;
  connection.close();
  return version;
}
