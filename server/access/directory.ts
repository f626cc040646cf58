/**
 * Who is who and who belongs where, in the memory of the edge, so that a check costs microseconds
 * and no disk. The instance keeps it fresh: a change arrives here before its verb is answered.
 */

import type {
  AgentEntry,
  DirectoryChange,
  EnrolmentEntry,
  MemberEntry,
  OrgEntry,
  PersonEntry,
  SessionEntry,
  TokenEntry,
} from "../contract/directory.ts";
import type { AgentId, EnrolmentId, OrgId, ShareId, TokenId, UserId } from "../contract/ids.ts";
import type { LicensePayload } from "../contract/license.ts";
import type { Role } from "../contract/roles.ts";
import type { ShareEntry } from "../contract/shares.ts";
import { MapOfSets } from "../lib/map-of-sets.ts";

export class Directory {
  readonly #people = new Map<UserId, PersonEntry>();
  readonly #sessions = new Map<string, SessionEntry>();
  readonly #sessionsOf = new MapOfSets<UserId, string>();
  readonly #orgs = new Map<OrgId, OrgEntry>();
  readonly #orgBySlug = new Map<string, OrgId>();
  readonly #orgByDomain = new Map<string, OrgId>();
  readonly #members = new Map<OrgId, Map<UserId, MemberEntry>>();
  readonly #orgsOf = new MapOfSets<UserId, OrgId>();
  readonly #tokens = new Map<TokenId, TokenEntry>();
  readonly #tokenBySecret = new Map<string, TokenId>();
  readonly #tokensOf = new MapOfSets<OrgId, TokenId>();
  readonly #agents = new Map<AgentId, AgentEntry>();
  readonly #agentBySecret = new Map<string, AgentId>();
  readonly #agentsOf = new MapOfSets<OrgId, AgentId>();
  readonly #enrolments = new Map<EnrolmentId, EnrolmentEntry>();
  readonly #enrolmentBySecret = new Map<string, EnrolmentId>();
  readonly #shares = new Map<ShareId, ShareEntry>();
  readonly #sharesInto = new MapOfSets<OrgId, ShareId>();
  readonly #sharesFrom = new MapOfSets<OrgId, ShareId>();
  readonly #listeners = new Set<(changes: readonly DirectoryChange[]) => void>();
  #setupNeeded = false;
  #license: LicensePayload | undefined;
  #switchedOn = true;
  #orgCreationOpen = false;

  get setupNeeded(): boolean {
    return this.#setupNeeded;
  }

  /** Its signature counts; whether its time has run out is not decided here. */
  get license(): LicensePayload | undefined {
    return this.#license;
  }

  /** False while the kill switch is thrown. */
  get switchedOn(): boolean {
    return this.#switchedOn;
  }

  /** Whether anybody signed in may create an org. */
  get orgCreationOpen(): boolean {
    return this.#orgCreationOpen;
  }

  person(id: UserId): PersonEntry | undefined {
    return this.#people.get(id);
  }

  session(idHash: string): SessionEntry | undefined {
    return this.#sessions.get(idHash);
  }

  sessionsOf(userId: UserId): SessionEntry[] {
    return this.#sessionsOf.get(userId).flatMap((idHash) => this.#sessions.get(idHash) ?? []);
  }

  orgs(): IterableIterator<OrgEntry> {
    return this.#orgs.values();
  }

  /** By id or slug. */
  findOrg(reference: string): OrgEntry | undefined {
    return this.#orgs.get(reference as OrgId) ?? this.#orgs.get(this.#orgBySlug.get(reference) as OrgId);
  }

  /** The name of a deleted org is nobody's. */
  orgOfDomain(host: string): OrgEntry | undefined {
    const org = this.#orgs.get(this.#orgByDomain.get(host) as OrgId);
    return org?.state === "deleted" ? undefined : org;
  }

  roleIn(orgId: OrgId, userId: UserId): Role | undefined {
    return this.#members.get(orgId)?.get(userId)?.role;
  }

  memberCount(orgId: OrgId): number {
    return this.#members.get(orgId)?.size ?? 0;
  }

  /** Every org the person belongs to, deleted ones too. */
  orgsOf(userId: UserId): OrgEntry[] {
    return this.#orgsOf.get(userId).flatMap((orgId) => this.#orgs.get(orgId) ?? []);
  }

  token(id: TokenId): TokenEntry | undefined {
    return this.#tokens.get(id);
  }

  /** By the SHA-256 of the token. */
  tokenOfSecret(secretHash: string): TokenEntry | undefined {
    return this.#tokens.get(this.#tokenBySecret.get(secretHash) as TokenId);
  }

  tokenCount(orgId: OrgId): number {
    return this.#tokensOf.get(orgId).length;
  }

  agent(id: AgentId): AgentEntry | undefined {
    return this.#agents.get(id);
  }

  /** By the SHA-256 of its token. */
  agentOfSecret(secretHash: string): AgentEntry | undefined {
    return this.#agents.get(this.#agentBySecret.get(secretHash) as AgentId);
  }

  agentsOf(orgId: OrgId): AgentEntry[] {
    return this.#agentsOf.get(orgId).flatMap((id) => this.#agents.get(id) ?? []);
  }

  agentCount(orgId: OrgId): number {
    return this.#agentsOf.get(orgId).length;
  }

  /** By the SHA-256 of the token. */
  enrolmentOfSecret(secretHash: string): EnrolmentEntry | undefined {
    return this.#enrolments.get(this.#enrolmentBySecret.get(secretHash) as EnrolmentId);
  }

  share(id: ShareId): ShareEntry | undefined {
    return this.#shares.get(id);
  }

  /** What other orgs show to this one, accepted or not. */
  sharesInto(orgId: OrgId): ShareEntry[] {
    return this.#sharesInto.get(orgId).flatMap((id) => this.#shares.get(id) ?? []);
  }

  /** What this org shows to others, accepted or not. */
  sharesFrom(orgId: OrgId): ShareEntry[] {
    return this.#sharesFrom.get(orgId).flatMap((id) => this.#shares.get(id) ?? []);
  }

  /** Every org that shows something to another, accepted or not. */
  sharingOrgs(): IterableIterator<OrgId> {
    return this.#sharesFrom.keys();
  }

  /** Called after every batch of changes, when all of them are visible. */
  onChange(listener: (changes: readonly DirectoryChange[]) => void): void {
    this.#listeners.add(listener);
  }

  apply(changes: readonly DirectoryChange[]): void {
    for (const change of changes) this.#apply(change);
    for (const listener of this.#listeners) listener(changes);
  }

  #apply(change: DirectoryChange): void {
    switch (change.kind) {
      case "person":
        this.#people.set(change.person.id, change.person);
        break;
      case "session":
        this.#sessions.set(change.session.idHash, change.session);
        this.#sessionsOf.add(change.session.userId, change.session.idHash);
        break;
      case "session_ended":
        this.#dropSession(change.idHash);
        break;
      case "org":
        this.#putOrg(change.org);
        break;
      case "org_purged":
        this.#dropOrg(change.orgId);
        break;
      case "member":
        this.#putMember(change.member);
        break;
      case "member_gone":
        this.#dropMember(change.orgId, change.userId);
        break;
      case "token":
        this.#dropToken(change.token.id);
        this.#putToken(change.token);
        break;
      case "token_gone":
        this.#dropToken(change.id);
        break;
      case "agent":
        this.#dropAgent(change.agent.id);
        this.#agents.set(change.agent.id, change.agent);
        this.#agentBySecret.set(change.agent.secretHash, change.agent.id);
        this.#agentsOf.add(change.agent.orgId, change.agent.id);
        break;
      case "agent_gone":
        this.#dropAgent(change.id);
        break;
      case "enrolment":
        this.#enrolments.set(change.enrolment.id, change.enrolment);
        this.#enrolmentBySecret.set(change.enrolment.secretHash, change.enrolment.id);
        break;
      case "enrolment_gone":
        this.#dropEnrolment(change.id);
        break;
      case "share":
        this.#shares.set(change.share.id, change.share);
        this.#sharesInto.add(change.share.targetOrgId, change.share.id);
        this.#sharesFrom.add(change.share.sourceOrgId, change.share.id);
        break;
      case "share_gone":
        this.#dropShare(change.id);
        break;
      case "license":
        this.#license = change.license;
        break;
      case "multi_tenant_switch":
        this.#switchedOn = change.on;
        break;
      case "org_creation":
        this.#orgCreationOpen = change.open;
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
    this.#sessionsOf.delete(session.userId, idHash);
  }

  #putOrg(org: OrgEntry): void {
    const before = this.#orgs.get(org.id);
    if (before) this.#orgBySlug.delete(before.slug);
    if (before?.primaryDomain) this.#orgByDomain.delete(before.primaryDomain);
    this.#orgs.set(org.id, org);
    this.#orgBySlug.set(org.slug, org.id);
    if (org.primaryDomain) this.#orgByDomain.set(org.primaryDomain, org.id);
  }

  #dropOrg(orgId: OrgId): void {
    const org = this.#orgs.get(orgId);
    if (!org) return;
    for (const userId of this.#members.get(orgId)?.keys() ?? []) this.#orgsOf.delete(userId, orgId);
    for (const { id } of [...this.sharesInto(orgId), ...this.sharesFrom(orgId)]) this.#dropShare(id);
    for (const id of this.#tokensOf.get(orgId)) this.#tokensOf.delete(orgId, id);
    for (const id of this.#agentsOf.get(orgId)) this.#dropAgent(id);
    for (const { id, orgId: of } of this.#enrolments.values()) if (of === orgId) this.#dropEnrolment(id);
    this.#members.delete(orgId);
    this.#orgBySlug.delete(org.slug);
    if (org.primaryDomain) this.#orgByDomain.delete(org.primaryDomain);
    this.#orgs.delete(orgId);
  }

  #putMember(member: MemberEntry): void {
    const members = this.#members.get(member.orgId) ?? new Map<UserId, MemberEntry>();
    this.#members.set(member.orgId, members.set(member.userId, member));
    this.#orgsOf.add(member.userId, member.orgId);
  }

  #dropMember(orgId: OrgId, userId: UserId): void {
    this.#members.get(orgId)?.delete(userId);
    this.#orgsOf.delete(userId, orgId);
  }

  #putToken(token: TokenEntry): void {
    this.#tokens.set(token.id, token);
    this.#tokenBySecret.set(token.secretHash, token.id);
    for (const orgId of token.orgIds) this.#tokensOf.add(orgId, token.id);
  }

  #dropToken(id: TokenId): void {
    const token = this.#tokens.get(id);
    if (!token) return;
    this.#tokens.delete(id);
    this.#tokenBySecret.delete(token.secretHash);
    for (const orgId of token.orgIds) this.#tokensOf.delete(orgId, id);
  }

  #dropAgent(id: AgentId): void {
    const agent = this.#agents.get(id);
    if (!agent) return;
    this.#agents.delete(id);
    this.#agentBySecret.delete(agent.secretHash);
    this.#agentsOf.delete(agent.orgId, id);
  }

  #dropEnrolment(id: EnrolmentId): void {
    const enrolment = this.#enrolments.get(id);
    if (!enrolment) return;
    this.#enrolments.delete(id);
    this.#enrolmentBySecret.delete(enrolment.secretHash);
  }

  #dropShare(id: ShareId): void {
    const share = this.#shares.get(id);
    if (!share) return;
    this.#shares.delete(id);
    this.#sharesInto.delete(share.targetOrgId, id);
    this.#sharesFrom.delete(share.sourceOrgId, id);
  }
}
