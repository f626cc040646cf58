/**
 * Who is who and who belongs where, in the memory of the edge, so that a check costs microseconds
 * and no disk. The instance keeps it fresh: a change arrives here before its verb is answered.
 */

import type { DirectoryChange, OrgEntry, PersonEntry, SessionEntry } from "../contract/directory.ts";
import type { OrgId, UserId } from "../contract/ids.ts";
import type { Role } from "../contract/roles.ts";

export class Directory {
  readonly #people = new Map<UserId, PersonEntry>();
  readonly #sessions = new Map<string, SessionEntry>();
  readonly #sessionsOf = new Map<UserId, Set<string>>();
  readonly #orgs = new Map<OrgId, OrgEntry>();
  readonly #orgBySlug = new Map<string, OrgId>();
  readonly #members = new Map<OrgId, Map<UserId, Role>>();
  readonly #listeners = new Set<() => void>();
  #setupNeeded = false;

  get setupNeeded(): boolean {
    return this.#setupNeeded;
  }

  person(id: UserId): PersonEntry | undefined {
    return this.#people.get(id);
  }

  session(idHash: string): SessionEntry | undefined {
    return this.#sessions.get(idHash);
  }

  sessionsOf(userId: UserId): SessionEntry[] {
    const hashes = this.#sessionsOf.get(userId) ?? [];
    return [...hashes].flatMap((idHash) => this.#sessions.get(idHash) ?? []);
  }

  /** By id or slug. */
  findOrg(reference: string): OrgEntry | undefined {
    return this.#orgs.get(reference as OrgId) ?? this.#orgs.get(this.#orgBySlug.get(reference) as OrgId);
  }

  roleIn(orgId: OrgId, userId: UserId): Role | undefined {
    return this.#members.get(orgId)?.get(userId);
  }

  /** Called after every batch of changes, when all of them are visible. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  apply(changes: readonly DirectoryChange[]): void {
    for (const change of changes) this.#apply(change);
    for (const listener of this.#listeners) listener();
  }

  #apply(change: DirectoryChange): void {
    switch (change.kind) {
      case "person":
        this.#people.set(change.person.id, change.person);
        break;
      case "session":
        this.#sessions.set(change.session.idHash, change.session);
        this.#hashesOf(change.session.userId).add(change.session.idHash);
        break;
      case "session_ended":
        this.#dropSession(change.idHash);
        break;
      case "org":
        this.#orgs.set(change.org.id, change.org);
        this.#orgBySlug.set(change.org.slug, change.org.id);
        break;
      case "member":
        this.#membersOf(change.orgId).set(change.userId, change.role);
        break;
      case "setup":
        this.#setupNeeded = change.needed;
        break;
    }
  }

  #dropSession(idHash: string): void {
    const session = this.#sessions.get(idHash);
    if (!session) return;
    this.#sessions.delete(idHash);
    const rest = this.#hashesOf(session.userId);
    rest.delete(idHash);
    if (rest.size === 0) this.#sessionsOf.delete(session.userId);
  }

  #hashesOf(userId: UserId): Set<string> {
    return valueAt(this.#sessionsOf, userId, () => new Set());
  }

  #membersOf(orgId: OrgId): Map<UserId, Role> {
    return valueAt(this.#members, orgId, () => new Map());
  }
}

function valueAt<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
