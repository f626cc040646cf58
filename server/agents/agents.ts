/**
 * Who may report, and for which org. An agent is its token: made for it when it was added, or given to
 * it when it enrolled with a token for many. What a machine says about itself (its name, its id) never
 * decides who it is. Only the SHA-256 of a token is kept.
 */
import { and, asc, count, eq, lt } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { agent as agentTable, enrolment as enrolmentTable } from "../../db/instance/agents.ts";
import { org as orgTable } from "../../db/instance/orgs.ts";
import { record } from "../audit/record.ts";
import { AGENT_TOKEN_PREFIX, ENROLMENT_TOKEN_PREFIX } from "../contract/agent-tokens.ts";
import { AGENT_LIMITS, type EnrolAnswer, type Enrolled, type EnrolmentInfo } from "../contract/agents.ts";
import type { By } from "../contract/audit.ts";
import type { AgentEntry, DirectoryChange, EnrolmentEntry } from "../contract/directory.ts";
import { AgentId, EnrolmentId, OrgId } from "../contract/ids.ts";
import { limitOf } from "../contract/limits.ts";
import type { Instance } from "../instance/instance.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId, randomBase32, sha256Hex } from "../lib/random-id.ts";

/** 40 characters of 5 bits: 200 random bits. */
const SECRET_LENGTH = 40;

type AgentRow = typeof agentTable.$inferSelect;
type EnrolmentRow = typeof enrolmentTable.$inferSelect;

export function enroll(
  instance: Instance,
  input: {
    by: By;
    orgId: OrgId;
    name?: string | undefined;
    expiresAt?: number | undefined;
    universal?: boolean | undefined;
  },
): Omit<Enrolled, "command"> {
  const { orgId, by } = input;
  const now = instance.clock();
  const lasts = input.universal ? AGENT_LIMITS.enrolmentForMs : AGENT_LIMITS.unusedForMs;
  const expiresAt = input.expiresAt ?? now + lasts;
  requireFuture(expiresAt, now);
  return instance.write(() => {
    requireActive(instance.db, orgId);
    if (!input.universal) {
      const name = input.name ?? "a new machine";
      const { id, token } = insertAgent(instance, { orgId, name, beginBefore: expiresAt, enrolmentId: null });
      record(instance.db, now, { by, action: "agent.added", orgId, subject: id, details: { name } });
      return { id, token, expiresAt };
    }
    const name = input.name ?? "any machine";
    const { id, token } = insertEnrolment(instance, { orgId, name, expiresAt });
    const details = { name, expiresAt };
    record(instance.db, now, { by, action: "enrolment.created", orgId, subject: id, details });
    return { id, token, expiresAt };
  });
}

/** A machine comes with a token for many and gets one of its own. */
export function enrolWith(
  instance: Instance,
  { enrolmentId, name }: { enrolmentId: EnrolmentId; name: string },
): EnrolAnswer & { orgId: OrgId } {
  const { db } = instance;
  return instance.write(() => {
    const now = instance.clock();
    const row = db.orm.select().from(enrolmentTable).where(eq(enrolmentTable.id, enrolmentId)).get();
    if (!row || row.expiresAt <= now) throw ended();
    const orgId = OrgId.parse(row.orgId);
    requireActive(db, orgId);
    const made = insertAgent(instance, { orgId, name, beginBefore: null, enrolmentId });
    db.orm
      .update(enrolmentTable)
      .set({ used: row.used + 1 })
      .where(eq(enrolmentTable.id, enrolmentId))
      .run();
    const by = { kind: "pulse" } as const;
    const details = { name, enrolment: enrolmentId };
    record(db, now, { by, action: "agent.enrolled", orgId, subject: made.id, details });
    return { orgId, agentId: made.id, token: made.token };
  });
}

/** It has reported: from now on its token does not run out. */
export function begun(instance: Instance, { id }: { id: AgentId }): void {
  const { db } = instance;
  instance.write(() => {
    const row = db.orm.select().from(agentTable).where(eq(agentTable.id, id)).get();
    if (row?.beginBefore == null) return;
    const next = { ...row, beginBefore: null };
    db.orm.update(agentTable).set({ beginBefore: null }).where(eq(agentTable.id, id)).run();
    const by = { kind: "pulse" } as const;
    const orgId = OrgId.parse(row.orgId);
    record(db, instance.clock(), {
      by,
      action: "agent.enrolled",
      orgId,
      subject: id,
      details: { name: row.name },
    });
    instance.announce([{ kind: "agent", agent: entryOf(next) }]);
  });
}

/** Its token is worth nothing from the answer on. What it reported stays. */
export function revoke(
  instance: Instance,
  { by, orgId, id }: { by: By; orgId: OrgId; id: AgentId | EnrolmentId },
): { revoked: true } {
  const { db } = instance;
  return instance.write(() => {
    const now = instance.clock();
    const ofAgent = and(eq(agentTable.id, id), eq(agentTable.orgId, orgId));
    const agent = db.orm.select().from(agentTable).where(ofAgent).get();
    if (agent) {
      db.orm.delete(agentTable).where(ofAgent).run();
      record(db, now, { by, action: "agent.revoked", orgId, subject: id, details: { name: agent.name } });
      instance.announce([{ kind: "agent_gone", id: AgentId.parse(id) }]);
      return { revoked: true };
    }
    const ofEnrolment = and(eq(enrolmentTable.id, id), eq(enrolmentTable.orgId, orgId));
    const enrolment = db.orm.select().from(enrolmentTable).where(ofEnrolment).get();
    if (!enrolment) throw new DomainError("not_found", "There is no such agent.");
    db.orm.delete(enrolmentTable).where(ofEnrolment).run();
    const details = { name: enrolment.name };
    record(db, now, { by, action: "enrolment.revoked", orgId, subject: id, details });
    instance.announce([{ kind: "enrolment_gone", id: EnrolmentId.parse(id) }]);
    return { revoked: true };
  });
}

/** In the order in which they were added. */
export function list(
  { db, clock }: Instance,
  { orgId }: { orgId: OrgId },
): {
  agents: { id: AgentId; name: string; createdAt: number; expiresAt?: number }[];
  enrolments: EnrolmentInfo[];
} {
  const agents = db.orm
    .select()
    .from(agentTable)
    .where(eq(agentTable.orgId, orgId))
    .orderBy(asc(agentTable.createdAt), asc(agentTable.id))
    .all();
  const enrolments = db.orm
    .select()
    .from(enrolmentTable)
    .where(eq(enrolmentTable.orgId, orgId))
    .orderBy(asc(enrolmentTable.createdAt))
    .all();
  return {
    agents: agents.map(({ id, name, createdAt, beginBefore }) => ({
      id: AgentId.parse(id),
      name,
      createdAt,
      ...(beginBefore !== null && { expiresAt: beginBefore }),
    })),
    enrolments: enrolments
      .filter(({ expiresAt }) => expiresAt > clock())
      .map(({ id, name, createdAt, expiresAt, used }) => ({
        id: EnrolmentId.parse(id),
        name,
        createdAt,
        expiresAt,
        used,
      })),
  };
}

/** Tokens that were never used in time, and those for many whose time is over. */
export function dropUnused(instance: Instance): void {
  const { db } = instance;
  const now = instance.clock();
  instance.write(() => {
    const unused = lt(agentTable.beginBefore, now);
    for (const { id } of db.orm.select({ id: agentTable.id }).from(agentTable).where(unused).all())
      instance.announce([{ kind: "agent_gone", id: AgentId.parse(id) }]);
    db.orm.delete(agentTable).where(unused).run();
    const over = lt(enrolmentTable.expiresAt, now);
    for (const { id } of db.orm.select({ id: enrolmentTable.id }).from(enrolmentTable).where(over).all())
      instance.announce([{ kind: "enrolment_gone", id: EnrolmentId.parse(id) }]);
    db.orm.delete(enrolmentTable).where(over).run();
  });
}

/** Every token that may report or enrol, for the edge. */
export function entries({ db }: Instance): DirectoryChange[] {
  const agents = db.orm.select().from(agentTable).all();
  const enrolments = db.orm.select().from(enrolmentTable).all();
  return [
    ...agents.map((row): DirectoryChange => ({ kind: "agent", agent: entryOf(row) })),
    ...enrolments.map((row): DirectoryChange => ({ kind: "enrolment", enrolment: enrolmentEntryOf(row) })),
  ];
}

function insertAgent(
  instance: Instance,
  input: Pick<AgentRow, "name" | "beginBefore" | "enrolmentId"> & { orgId: OrgId },
): { id: AgentId; token: string } {
  const { db } = instance;
  requireRoom(db, input.orgId);
  const token = AGENT_TOKEN_PREFIX + randomBase32(SECRET_LENGTH);
  const id = AgentId.parse(mintId("a"));
  const row: AgentRow = { id, ...input, secretHash: sha256Hex(token), createdAt: instance.clock() };
  db.orm.insert(agentTable).values(row).run();
  instance.announce([{ kind: "agent", agent: entryOf(row) }]);
  return { id, token };
}

function insertEnrolment(
  instance: Instance,
  { orgId, name, expiresAt }: { orgId: OrgId; name: string; expiresAt: number },
): { id: EnrolmentId; token: string } {
  const { db } = instance;
  const found = db.orm
    .select({ total: count() })
    .from(enrolmentTable)
    .where(eq(enrolmentTable.orgId, orgId))
    .get();
  if ((found?.total ?? 0) >= AGENT_LIMITS.enrolments) {
    throw new DomainError(
      "limit_reached",
      `${AGENT_LIMITS.enrolments} tokens for any machine are open, and no more may be. Revoke one.`,
    );
  }
  const token = ENROLMENT_TOKEN_PREFIX + randomBase32(SECRET_LENGTH);
  const id = EnrolmentId.parse(mintId("e"));
  const createdAt = instance.clock();
  const row: EnrolmentRow = {
    id,
    orgId,
    name,
    secretHash: sha256Hex(token),
    createdAt,
    expiresAt,
    used: 0,
  };
  db.orm.insert(enrolmentTable).values(row).run();
  instance.announce([{ kind: "enrolment", enrolment: enrolmentEntryOf(row) }]);
  return { id, token };
}

function requireRoom(db: Database, orgId: OrgId): void {
  const org = db.orm.select({ limits: orgTable.limits }).from(orgTable).where(eq(orgTable.id, orgId)).get();
  const limit = limitOf(org?.limits ?? undefined, "agents");
  const found = db.orm.select({ total: count() }).from(agentTable).where(eq(agentTable.orgId, orgId)).get();
  const used = found?.total ?? 0;
  if (used < limit) return;
  throw new DomainError(
    "limit_reached",
    `${used} of at most ${limit} agents are there. Revoke one that is not needed any more.`,
  );
}

function requireActive(db: Database, orgId: OrgId): void {
  const org = db.orm.select({ state: orgTable.state }).from(orgTable).where(eq(orgTable.id, orgId)).get();
  if (org?.state !== "active") throw new DomainError("access_denied", "You have no access here.");
}

function requireFuture(expiresAt: number, now: number): void {
  const wrong =
    expiresAt <= now
      ? "must be in the future"
      : expiresAt > now + AGENT_LIMITS.longestForMs
        ? "must be within a year"
        : undefined;
  if (!wrong) return;
  throw new DomainError("invalid_request", `The end of a token ${wrong}.`, { fields: { expiresAt: wrong } });
}

function entryOf(row: AgentRow): AgentEntry {
  const { id, orgId, secretHash, name, beginBefore } = row;
  return {
    id: AgentId.parse(id),
    orgId: OrgId.parse(orgId),
    secretHash,
    name,
    ...(beginBefore !== null && { beginBefore }),
  };
}

function enrolmentEntryOf({ id, orgId, secretHash, expiresAt }: EnrolmentRow): EnrolmentEntry {
  return { id: EnrolmentId.parse(id), orgId: OrgId.parse(orgId), secretHash, expiresAt };
}

function ended(): DomainError {
  return new DomainError("token_invalid", "This token is not valid any more. Make a new one.");
}
