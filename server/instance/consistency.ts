/**
 * Whether what `instance.db` says holds together, and fits the folders that are there. Reading finds;
 * `repair` mends what can be mended without losing anything that means something, and says what it did.
 */
import { and, eq, inArray, notExists } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { membership, org as orgTable } from "../../db/instance/orgs.ts";
import { token, tokenOrg } from "../../db/instance/tokens.ts";
import { firstBrokenLink, record } from "../audit/record.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";

/** Names of folders: of orgs in use, and of orgs in the trash. */
export interface FoundFolders {
  orgs: OrgId[];
  trashed: OrgId[];
}

/** What `pulse doctor --repair` can do about a flaw. */
export type Repair = "delete_dangling_rows" | "delete_unbound_tokens" | "move_stray_folder";

export interface Flaw {
  subject: string;
  ok: boolean;
  /** What was found and, for something wrong, what to do. */
  words: string;
  repair?: Repair;
}

export function flaws(db: Database, folders: FoundFolders): Flaw[] {
  return [auditChain(db), ...danglingRows(db), ...unboundTokens(db), ...owners(db), ...strays(db, folders)];
}

/** Inside one transaction; the caller has made a copy. Says what was done. */
export function repair(db: Database, what: Repair, now: number): string | undefined {
  if (what === "move_stray_folder") return undefined;
  return db.transaction(() => {
    const deleted = what === "delete_dangling_rows" ? deleteDangling(db) : deleteUnbound(db);
    record(db, now, { by: { kind: "command" }, action: `instance.repaired`, details: { what, deleted } });
    return `${deleted} rows deleted`;
  });
}

function auditChain(db: Database): Flaw {
  const subject = "audit";
  const broken = firstBrokenLink(db);
  return broken === undefined
    ? { subject, ok: true, words: "every entry follows from the one before it" }
    : {
        subject,
        ok: false,
        words: `entry ${broken} does not follow from the one before it: it was changed or removed from outside`,
      };
}

interface Dangling {
  table: string;
  rowid: number;
}

function dangling(db: Database): Dangling[] {
  return db.rows("pragma foreign_key_check") as Dangling[];
}

function danglingRows(db: Database): Flaw[] {
  const tables = new Map<string, number>();
  for (const { table } of dangling(db)) tables.set(table, (tables.get(table) ?? 0) + 1);
  return [...tables].map(([table, count]) => ({
    subject: "instance.db",
    ok: false,
    words: `${count} rows of ${table} belong to nothing; \`pulse doctor --repair\` deletes them`,
    repair: "delete_dangling_rows",
  }));
}

/** A deletion may leave others dangling: until none is. */
function deleteDangling(db: Database): number {
  let deleted = 0;
  for (let found = dangling(db); found.length > 0; found = dangling(db)) {
    for (const { table, rowid } of found) {
      /* Both come from SQLite itself: a table of ours and a number. */
      db.execute(`delete from "${table}" where rowid = ${Number(rowid)}`);
      deleted++;
    }
  }
  return deleted;
}

function unboundTokens(db: Database): Flaw[] {
  const { length } = findUnbound(db);
  if (length === 0) return [];
  return [
    {
      subject: "tokens",
      ok: false,
      words: `${length} are bound to nothing and can do nothing; \`pulse doctor --repair\` deletes them`,
      repair: "delete_unbound_tokens",
    },
  ];
}

function findUnbound(db: Database): string[] {
  const bound = db.orm.select().from(tokenOrg).where(eq(tokenOrg.tokenId, token.id));
  return db.orm
    .select({ id: token.id })
    .from(token)
    .where(notExists(bound))
    .all()
    .map(({ id }) => id);
}

function deleteUnbound(db: Database): number {
  return db.orm
    .delete(token)
    .where(inArray(token.id, findUnbound(db)))
    .run().changes;
}

/** Somebody answers for everything that is there. A new instance has nobody yet. */
function owners(db: Database): Flaw[] {
  const owner = db.orm
    .select()
    .from(membership)
    .where(and(eq(membership.orgId, orgTable.id), eq(membership.role, "owner")));
  const ownerless = db.orm.select({ id: orgTable.id }).from(orgTable).where(notExists(owner)).all();
  return ownerless
    .filter(({ id }) => id !== DEFAULT_ORG)
    .map(({ id }) => ({ subject: `orgs/${id}`, ok: false, words: "has no owner; restore a backup" }));
}

function strays(db: Database, { orgs, trashed }: FoundFolders): Flaw[] {
  const rows = new Map(
    db.orm
      .select()
      .from(orgTable)
      .all()
      .map((row) => [row.id, row.state]),
  );
  const here = new Set<string>(orgs);
  const inTrash = new Set<string>(trashed);
  const found: Flaw[] = [];
  for (const [id, state] of rows) {
    const subject = `orgs/${id}`;
    if (state !== "deleted" && !here.has(id)) {
      const words = inTrash.has(id)
        ? "is in the trash although it is not deleted; the next start of the server moves it back"
        : "is missing; restore it from a backup";
      found.push({ subject, ok: false, words });
    }
    if (state === "deleted" && !here.has(id) && !inTrash.has(id))
      found.push({ subject, ok: false, words: "is deleted, and gone from the trash: it cannot be restored" });
    if (state === "deleted" && here.has(id))
      found.push({
        subject,
        ok: true,
        words: "is deleted; the next start of the server moves it to the trash",
      });
  }
  for (const id of here) {
    if (rows.has(id)) continue;
    found.push({
      subject: `orgs/${id}`,
      ok: false,
      words: "belongs to nothing that is known; `pulse doctor --repair` moves it to the trash",
      repair: "move_stray_folder",
    });
  }
  for (const id of inTrash) {
    if (!rows.has(id))
      found.push({
        subject: `trash/${id}`,
        ok: true,
        words: "belongs to nothing; delete it when nobody misses it",
      });
  }
  return found;
}
