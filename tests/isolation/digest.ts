/**
 * What stands in the files, in one line each: two that are equal hold the same values. They are read with the
 * server's own SQLite: a second one in this process would undo the locks of the first.
 */
import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type Database, openDatabase } from "../../db/driver.ts";
import { ORGS, type OrgTag } from "./principals.ts";
import type { World } from "./world.ts";

/** Written now and then, whoever calls and whatever comes of it. */
const VOLATILE = new Set(["session.last_seen_at", "session.idle_ends_at", "token.last_used_at"]);

export type Digests = Record<OrgTag | "instance", string>;

/** Of each file, as long as it is the same one; closed when its world is no more. */
const readers = new WeakMap<World, Map<string, Reader>>();

export function digests(world: World): Digests {
  const { server, orgs } = world;
  const files = ORGS.map((org) => [org, join(server.dataDir, "orgs", orgs[org].id, "org.db")] as const);
  const all = [...files, ["instance", join(server.dataDir, "instance.db")] as const];
  return Object.fromEntries(
    all.map(([name, path]) => [name, readerOf(world, path)?.digest() ?? "gone"]),
  ) as Digests;
}

function readerOf(world: World, path: string): Reader | undefined {
  const known = readers.get(world) ?? new Map<string, Reader>();
  readers.set(world, known);
  const inode = statSync(path, { throwIfNoEntry: false })?.ino;
  const reader = known.get(path);
  if (reader?.inode === inode) return reader;
  reader?.close();
  known.delete(path);
  if (inode === undefined) return undefined;
  const anew = new Reader(path, inode);
  known.set(path, anew);
  return anew;
}

class Reader {
  readonly inode: number;
  readonly #db: Database;
  /** SQLite's own count of what others have committed. */
  #version: unknown;
  #digest = "";

  constructor(path: string, inode: number) {
    this.inode = inode;
    this.#db = openDatabase(path, "readonly");
  }

  digest(): string {
    const version = this.#db.pragma("data_version");
    if (version !== this.#version) this.#digest = digestOf(this.#db);
    this.#version = version;
    return this.#digest;
  }

  close(): void {
    this.#db.close();
  }
}

function digestOf(db: Database): string {
  const all = <Row>(sql: string) => db.rows(sql) as Row[];
  const hash = createHash("sha256");
  const tables = all<{ name: string }>("select name from sqlite_master where type = 'table' order by name");
  for (const { name } of tables) {
    const columns = all<{ name: string }>(`pragma table_info("${name}")`);
    const kept = columns.filter((column) => !VOLATILE.has(`${name}.${column.name}`));
    const list = kept.map((column) => `"${column.name}"`).join(", ");
    const rows = all<Record<string, unknown>>(`select ${list} from "${name}" order by 1, 2`);
    hash.update(name).update(JSON.stringify(rows.map((row) => Object.values(row).map(plain))));
  }
  return hash.digest("hex");
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
