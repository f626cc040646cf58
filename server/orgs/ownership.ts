import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { membership } from "../../db/instance/orgs.ts";
import { user } from "../../db/instance/people.ts";
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import type { OrgId, UserId } from "../contract/ids.ts";
import type { Role } from "../contract/roles.ts";
import type { Instance } from "../instance/instance.ts";
import { DomainError } from "../lib/domain-error.ts";
import { announced, isMember, requireRole } from "./members.ts";

/** The old owner becomes admin. Of two transfers at once the second one's `from` owns nothing any more. */
export function transfer(
  instance: Instance,
  input: { by: By; orgId: OrgId; from: UserId; to: UserId },
): { transferred: true } {
  const { by, orgId, from, to } = input;
  const { db } = instance;
  return instance.write(() => {
    requireRole(db, by, orgId, "viewer");
    const old = findMember(db, orgId, from);
    if (old?.role !== "owner") {
      throw new DomainError("conflict", "The ownership was just transferred from somewhere else.");
    }
    if (from === to) throw refused("is the owner already");
    const next = findMember(db, orgId, to);
    if (!next) throw refused("is not a member");
    if (next.disabledAt !== null) throw refused("cannot sign in");
    const set = (userId: UserId, role: Role) =>
      db.orm.update(membership).set({ role }).where(isMember(orgId, userId)).run();
    /* In this order: at no time are there two owners. */
    set(from, "admin");
    set(to, "owner");
    const details = { from, to };
    record(db, instance.clock(), { by, action: "ownership.transferred", orgId, subject: to, details });
    instance.announce([
      announced({ orgId, userId: from, role: "admin", since: old.since }),
      announced({ orgId, userId: to, role: "owner", since: next.since }),
    ]);
    return { transferred: true };
  });
}

function findMember(db: Database, orgId: OrgId, userId: UserId) {
  return db.orm
    .select({ role: membership.role, since: membership.createdAt, disabledAt: user.disabledAt })
    .from(membership)
    .innerJoin(user, eq(user.id, membership.userId))
    .where(isMember(orgId, userId))
    .get();
}

function refused(why: string): DomainError {
  return new DomainError("invalid_request", `This person ${why}.`, { fields: { userId: why } });
}
