/** What the instance tells the edge about people and orgs, so that it can decide from memory who may do what. */
import type { AgentId, EnrolmentId, OrgId, SessionId, ShareId, TokenId, UserId } from "./ids.ts";
import type { LicensePayload } from "./license.ts";
import type { SetLimits } from "./limits.ts";
import type { OrgState } from "./orgs.ts";
import type { Role } from "./roles.ts";
import type { ShareEntry } from "./shares.ts";
import type { Scope } from "./tokens.ts";

export interface PersonEntry {
  id: UserId;
  email: string;
  name: string;
  operator: boolean;
  disabled: boolean;
}

export interface SessionEntry {
  /** SHA-256 of what the browser holds. */
  idHash: string;
  id: SessionId;
  userId: UserId;
  createdAt: number;
  lastSeenAt: number;
  idleEndsAt: number;
  endsAt: number;
  address: string;
  userAgent: string;
}

export interface OrgEntry {
  id: OrgId;
  slug: string;
  name: string;
  primaryDomain?: string;
  state: OrgState;
  createdAt: number;
  deletedAt?: number;
  limits: SetLimits;
  /** May have sources that the server asks. */
  polled?: true;
}

export interface MemberEntry {
  orgId: OrgId;
  userId: UserId;
  role: Role;
  since: number;
}

export interface TokenEntry {
  id: TokenId;
  /** SHA-256 of the token. */
  secretHash: string;
  madeBy: UserId;
  scopes: Scope[];
  orgIds: OrgId[];
  expiresAt?: number;
  lastUsedAt?: number;
}

export interface AgentEntry {
  id: AgentId;
  orgId: OrgId;
  /** SHA-256 of its token. */
  secretHash: string;
  name: string;
  /** Until when it must report for the first time; absent: it has. */
  beginBefore?: number;
}

/** A token with which any number of machines may enrol. */
export interface EnrolmentEntry {
  id: EnrolmentId;
  orgId: OrgId;
  secretHash: string;
  expiresAt: number;
}

/** In the order in which they happened; each replaces what was known under its key. */
export type DirectoryChange =
  | { kind: "person"; person: PersonEntry }
  | { kind: "session"; session: SessionEntry }
  | { kind: "session_ended"; idHash: string }
  | { kind: "org"; org: OrgEntry }
  | { kind: "org_purged"; orgId: OrgId }
  | { kind: "member"; member: MemberEntry }
  | { kind: "member_gone"; orgId: OrgId; userId: UserId }
  | { kind: "token"; token: TokenEntry }
  | { kind: "token_gone"; id: TokenId }
  | { kind: "agent"; agent: AgentEntry }
  | { kind: "agent_gone"; id: AgentId }
  | { kind: "enrolment"; enrolment: EnrolmentEntry }
  | { kind: "enrolment_gone"; id: EnrolmentId }
  | { kind: "share"; share: ShareEntry }
  | { kind: "share_gone"; id: ShareId; sourceOrgId: OrgId }
  | { kind: "license"; license: LicensePayload | undefined }
  /** The hot kill switch; the environment's flag is the edge's own. */
  | { kind: "multi_tenant_switch"; on: boolean }
  /** Whether anybody signed in may create an org, or operators only. */
  | { kind: "org_creation"; open: boolean }
  | { kind: "setup"; needed: boolean };
