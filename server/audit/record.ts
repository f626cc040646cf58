/**
 * The audit: who changed what, when. A row is written in the transaction of the change itself, so
 * there is never one without the other.
 *
 * Rows form a chain: the hash of each is the SHA-256 of the hash before it and everything the row
 * says. Whoever changes or removes a row from outside has to compute every later one anew, and a copy
 * of the newest hash, kept anywhere else, gives even that away. `firstBrokenLink` walks it.
 */
import { createHash } from "node:crypto";
import { asc, desc, eq, gt } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { audit } from "../../db/instance/audit.ts";
import type { By } from "../contract/audit.ts";
import type { OrgId } from "../contract/ids.ts";

export interface Deed {
  by: By;
  /** `member.role_changed`: what it was done to, and what was done. */
  action: string;
  /** The org it concerns; absent: the instance. */
  orgId?: OrgId | undefined;
  /** Id of what it was done to. */
  subject?: string | undefined;
  /** What is worth knowing besides. Never a secret. */
  details?: Record<string, unknown>;
}

const FIRST = "";
const ROWS_AT_ONCE = 1_000;

type Row = typeof audit.$inferSelect;

/** Inside the caller's transaction. */
export function record(db: Database, at: number, deed: Deed): void {
  const last = db.orm
    .select({ seq: audit.seq, hash: audit.hash })
    .from(audit)
    .orderBy(desc(audit.seq))
    .limit(1)
    .get();
  const row = {
    seq: (last?.seq ?? 0) + 1,
    at,
    orgId: deed.orgId ?? null,
    orgSeq: deed.orgId === undefined ? null : lastIn(db, deed.orgId) + 1,
    actorKind: deed.by.kind,
    actorId: "id" in deed.by ? deed.by.id : null,
    action: deed.action,
    subject: deed.subject ?? null,
    details: deed.details ?? {},
  };
  db.orm
    .insert(audit)
    .values({ ...row, hash: hashOf(last?.hash ?? FIRST, row) })
    .run();
}

/** The `seq` of the first row that does not follow from the one before it; undefined when all do. */
export function firstBrokenLink(db: Database): number | undefined {
  let seq = 0;
  let hash = FIRST;
  for (;;) {
    const rows = db.orm
      .select()
      .from(audit)
      .where(gt(audit.seq, seq))
      .orderBy(asc(audit.seq))
      .limit(ROWS_AT_ONCE)
      .all();
    for (const row of rows) {
      if (row.seq !== seq + 1 || row.hash !== hashOf(hash, row)) return seq + 1;
      seq = row.seq;
      hash = row.hash;
    }
    if (rows.length < ROWS_AT_ONCE) return undefined;
  }
}

function lastIn(db: Database, orgId: OrgId): number {
  const last = db.orm
    .select({ orgSeq: audit.orgSeq })
    .from(audit)
    .where(eq(audit.orgId, orgId))
    .orderBy(desc(audit.orgSeq))
    .limit(1)
    .get();
  return last?.orgSeq ?? 0;
}

function hashOf(previous: string, row: Omit<Row, "hash">): string {
  const { seq, at, orgId, orgSeq, actorKind, actorId, action, subject, details } = row;
  const said = JSON.stringify([seq, at, orgId, orgSeq, actorKind, actorId, action, subject, details]);
  return createHash("sha256").update(previous).update("\n").update(said).digest("hex");
}
