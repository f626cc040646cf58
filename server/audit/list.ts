/** Reading the audit: of one org for its admins, of the instance for who operates it. Newest first. */
import { and, desc, eq, gte, inArray, isNull, like, lt, notLike, or, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { audit } from "../../db/instance/audit.ts";
import { membership } from "../../db/instance/orgs.ts";
import { user } from "../../db/instance/people.ts";
import { token, tokenOrg } from "../../db/instance/tokens.ts";
import { AUDIT_PER_PAGE, type AuditEntry, type AuditList, type AuditListInput } from "../contract/audit.ts";
import { OrgId } from "../contract/ids.ts";

interface WithAudit {
  db: Database;
}

/** `orgId: null`: what concerns the instance, and what became of whole orgs; never what happened inside one. */
export function list(
  { db }: WithAudit,
  input: AuditListInput & { orgId: OrgId | null; multiTenant?: boolean },
): AuditList {
  const { multiTenant = true } = input;
  const { orgId, action, actor, subject, from, to, cursor } = input;
  const limit = input.limit ?? AUDIT_PER_PAGE;
  /* How much is written for others must not be read off one's own. */
  const place = orgId === null ? audit.seq : audit.orgSeq;
  const conditions: (SQL | undefined)[] = [
    orgId === null ? or(isNull(audit.orgId), like(audit.action, "org.%")) : eq(audit.orgId, orgId),
    /* Compared as text: a pattern in what was asked for has no meaning. */
    action === undefined ? undefined : sql`substr(${audit.action}, 1, length(${action})) = ${action}`,
    actor === undefined ? undefined : eq(audit.actorId, actor),
    subject === undefined ? undefined : eq(audit.subject, subject),
    from === undefined ? undefined : gte(audit.at, from),
    to === undefined ? undefined : lt(audit.at, to),
    cursor === undefined ? undefined : lt(place, cursor),
    ...(multiTenant ? [] : AMONG_ORGS.map((kind) => notLike(audit.action, `${kind}.%`))),
  ];
  const rows = db.orm
    .select()
    .from(audit)
    .where(and(...conditions))
    .orderBy(desc(place))
    .limit(limit + 1)
    .all();
  const page = rows.slice(0, limit);
  const placeOf = ({ seq, orgSeq }: Row) => (orgId === null ? seq : (orgSeq ?? seq));
  const names = namesOf(db, page);
  for (const id of strangers(db, page, orgId)) names.delete(id);
  const last = page.at(-1);
  return {
    entries: page.map((row) => ({
      seq: placeOf(row),
      ...entryOf(multiTenant ? row : { ...row, orgId: null }, names),
    })),
    ...(rows.length > limit && last && { nextCursor: placeOf(last) }),
  };
}

/** What is done to orgs and between them: where there is only one, nobody ever hears of it. */
const AMONG_ORGS = ["org", "member", "invitation", "ownership", "share", "multi_tenant", "instance"];

type Row = typeof audit.$inferSelect;

function entryOf(row: Row, names: Map<string, string>): Omit<AuditEntry, "seq"> {
  const { at, actorKind: kind, actorId, action, subject, details, orgId } = row;
  const name = actorId === null ? undefined : names.get(actorId);
  return {
    at,
    actor: { kind, ...(actorId !== null && { id: actorId }), ...(name !== undefined && { name }) },
    action,
    details,
    ...(subject !== null && { subject }),
    ...(orgId !== null && { orgId: OrgId.parse(orgId) }),
  };
}

/** Names as they are now; who or what is gone has only its id left. */
function namesOf(db: Database, rows: Row[]): Map<string, string> {
  const ids = [...new Set(rows.flatMap(({ actorId }) => actorId ?? []))];
  const people = db.orm
    .select({ id: user.id, name: user.name })
    .from(user)
    .where(inArray(user.id, ids))
    .all();
  const tokens = db.orm
    .select({ id: token.id, name: token.name })
    .from(token)
    .where(inArray(token.id, ids))
    .all();
  return new Map([...people, ...tokens].map(({ id, name }) => [id, name]));
}

/**
 * What the other side of a share did stands in both audits, but who its people are is its own
 * affair: of them only the id is told.
 */
function strangers(db: Database, rows: Row[], orgId: OrgId | null): string[] {
  if (orgId === null) return [];
  const ids = new Set(
    rows.flatMap(({ action, actorId }) => (action.startsWith("share.") && actorId ? actorId : [])),
  );
  const members = db.orm
    .select({ id: membership.userId })
    .from(membership)
    .where(and(eq(membership.orgId, orgId), inArray(membership.userId, [...ids])))
    .all();
  const tokens = db.orm
    .select({ id: tokenOrg.tokenId })
    .from(tokenOrg)
    .where(and(eq(tokenOrg.orgId, orgId), inArray(tokenOrg.tokenId, [...ids])))
    .all();
  for (const { id } of [...members, ...tokens]) ids.delete(id);
  return [...ids];
}
