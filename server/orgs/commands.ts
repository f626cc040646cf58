/** What `pulse org` does: the verbs of orgs for whoever sits at the server, who names things in words. */
import { eq } from "drizzle-orm";
import { user } from "../../db/instance/people.ts";
import type { OrgEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, type OrgId, UserId } from "../contract/ids.ts";
import { storedBytesLimitOf } from "../contract/limits.ts";
import { OrgName, OrgSlug } from "../contract/orgs.ts";
import type { Instance } from "../instance/instance.ts";
import { multiTenantStatus } from "../instance/switch.ts";
import { DomainError } from "../lib/domain-error.ts";
import { limitsOf } from "./directory.ts";
import * as lifecycle from "./lifecycle.ts";

const BY = { kind: "command" } as const;

export interface NamesOrg {
  /** Id or slug. */
  org: string;
}

export function list(instance: Instance): { orgs: lifecycle.ListedOrg[] } {
  requireEnabled(instance);
  return lifecycle.list(instance);
}

export function create(
  instance: Instance,
  input: { slug: string; name?: string; owner: string; maxOrgs?: number | undefined },
): { org: OrgEntry } {
  requireEnabled(instance);
  const slug = parse(OrgSlug, input.slug, "short name");
  const name = parse(OrgName, input.name ?? input.slug, "name");
  const owner = personOf(instance, input.owner);
  return lifecycle.create(instance, { by: BY, owner, slug, name, maxOrgs: input.maxOrgs });
}

export function rename(
  instance: Instance,
  input: NamesOrg & { slug?: string; name?: string },
): { org: OrgEntry } {
  const orgId = orgOf(instance, input);
  const change = {
    ...(input.slug !== undefined && { slug: parse(OrgSlug, input.slug, "short name") }),
    ...(input.name !== undefined && { name: parse(OrgName, input.name, "name") }),
  };
  return lifecycle.update(instance, { by: BY, orgId, change });
}

export function suspend(instance: Instance, input: NamesOrg): Promise<{ org: OrgEntry }> {
  return lifecycle.suspend(instance, { by: BY, orgId: orgOf(instance, input) });
}

export function resume(instance: Instance, input: NamesOrg): Promise<{ org: OrgEntry }> {
  return lifecycle.resume(instance, { by: BY, orgId: orgOf(instance, input) });
}

export function remove(instance: Instance, input: NamesOrg): Promise<{ deletedAt: number }> {
  return lifecycle.remove(instance, { by: BY, orgId: orgOf(instance, input) });
}

export function restore(instance: Instance, input: NamesOrg): Promise<{ org: OrgEntry }> {
  return lifecycle.restore(instance, { by: BY, orgId: orgOf(instance, input) });
}

export function purge(instance: Instance, input: NamesOrg): Promise<{ purged: true }> {
  return lifecycle.purge(instance, { by: BY, orgId: orgOf(instance, input) });
}

/** Which org is meant, and what its file may take; none named: `default`. For commands about what is inside one. */
export function place(instance: Instance, { org }: Partial<NamesOrg>): { orgId: OrgId; quotaBytes: number } {
  const orgId = org === undefined ? DEFAULT_ORG : orgOf(instance, { org });
  const state = lifecycle.list(instance).orgs.find(({ id }) => id === orgId)?.state;
  if (state === "suspended") throw new DomainError("org_suspended", "It is suspended: resume it first.");
  if (state === "deleted") throw new DomainError("conflict", "It is deleted: restore it first.");
  return { orgId, quotaBytes: storedBytesLimitOf(limitsOf(instance.db, orgId)) };
}

function requireEnabled(instance: Instance): void {
  if (!multiTenantStatus(instance).enabled)
    throw new DomainError("feature_disabled", "This feature is not available.");
}

function orgOf(instance: Instance, { org }: NamesOrg): OrgId {
  requireEnabled(instance);
  const found = lifecycle.list(instance).orgs.find(({ id, slug }) => id === org || slug === org);
  if (!found) throw new DomainError("not_found", `There is no organization "${org}".`);
  return found.id;
}

function personOf({ db }: Instance, email: string): UserId {
  const found = db.orm.select({ id: user.id }).from(user).where(eq(user.email, email.toLowerCase())).get();
  if (!found) throw new DomainError("not_found", "There is nobody with this e-mail address.");
  return UserId.parse(found.id);
}

interface Schema<T> {
  safeParse(
    text: string,
  ): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } };
}

function parse<T>(schema: Schema<T>, text: string, what: string): T {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new DomainError("invalid_request", `The ${what} ${parsed.error.issues[0]?.message}.`);
}
