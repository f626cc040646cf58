import { z } from "zod";
import type { OrgId, TokenId, UserId } from "./ids.ts";
import { Moment } from "./moment.ts";

/** Who did something: a person in a browser, a token, a command on the server's machine, Pulse itself. */
export type By =
  | { kind: "person"; id: UserId }
  | { kind: "token"; id: TokenId }
  | { kind: "command" }
  | { kind: "pulse" };

/** Entries one answer holds at most. */
export const AUDIT_PER_PAGE = 200;

export const AuditListInput = z.strictObject({
  /** An action, or the first part of one: `member` finds `member.added`. */
  action: z.string().min(1).max(60).optional(),
  /** Id of a person or a token. */
  actor: z.string().min(1).max(60).optional(),
  /** Id of what it was done to. */
  subject: z.string().min(1).max(60).optional(),
  /** Epoch milliseconds, inclusive. */
  from: Moment.optional(),
  /** Epoch milliseconds, exclusive. */
  to: Moment.optional(),
  limit: z.int().min(1).max(AUDIT_PER_PAGE).optional(),
  /** `seq` of the last entry seen: older ones follow. */
  cursor: z.int().min(1).optional(),
});
export type AuditListInput = z.infer<typeof AuditListInput>;

export interface AuditEntry {
  /** Its place in the audit it is read in: of one org, or of the instance. */
  seq: number;
  at: number;
  actor: { kind: By["kind"]; id?: string; name?: string };
  action: string;
  subject?: string;
  details: Record<string, unknown>;
  orgId?: OrgId;
}

/** Newest first. */
export interface AuditList {
  entries: AuditEntry[];
  nextCursor?: number;
}
