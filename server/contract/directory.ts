/** What the instance tells the edge about people and orgs, so that it can decide from memory who may do what. */
import type { OrgId, SessionId, UserId } from "./ids.ts";
import type { Role } from "./roles.ts";

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
  state: "active" | "suspended" | "deleted";
}

/** In the order in which they happened; each replaces what was known under its key. */
export type DirectoryChange =
  | { kind: "person"; person: PersonEntry }
  | { kind: "session"; session: SessionEntry }
  | { kind: "session_ended"; idHash: string }
  | { kind: "org"; org: OrgEntry }
  | { kind: "member"; orgId: OrgId; userId: UserId; role: Role }
  | { kind: "setup"; needed: boolean };
