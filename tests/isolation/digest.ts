/**
 * What stands in the files, in one line each: two that are equal hold the same values. They are read with the
 * server's own SQLite: a second one in this process would undo the locks of the first.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "../../db/driver.ts";
import { ORGS, type OrgTag } from "./principals.ts";
import type { World } from "./world.ts";

/** Written now and then, whoever calls and whatever comes of it. */
const VOLATILE = new Set(["session.last_seen_at", "session.idle_ends_at", "token.last_used_at"]);

export type Digests = Record<OrgTag | "instance", string>;

export function digests({ server, orgs }: World): Digests {
  const files = ORGS.map((org) => [org, join(server.dataDir, "orgs", orgs[org].id, "org.db")] as const);
  const all = [...files, ["instance", join(server.dataDir, "instance.db")] as const];
  return Object.fromEntries(all.map(([name, path]) => [name, digestOf(path)])) as Digests;
}

function digestOf(path: string): string {
  if (!existsSync(path)) return "gone";
  const db = openDatabase(path, "readonly");
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
  db.close();
  return hash.digest("hex");
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
