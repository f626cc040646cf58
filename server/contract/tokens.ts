import { z } from "zod";
import { OrgReference, TokenId } from "./ids.ts";
import { Moment } from "./moment.ts";

export const TOKEN_PREFIX = "pulse_";

/** `write` includes `read`, `admin` includes both; `report` only delivers reports. */
export const Scope = z.enum(["read", "write", "report", "admin"]);
export type Scope = z.infer<typeof Scope>;

const INCLUDED: Record<Scope, readonly Scope[]> = {
  read: ["read"],
  write: ["write", "read"],
  admin: ["admin", "write", "read"],
  report: ["report"],
};

export function scopesCover(held: readonly Scope[], needed: Scope): boolean {
  return held.some((scope) => INCLUDED[scope].includes(needed));
}

export const CreateTokenInput = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(80, "must have at most 80 characters")
    .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown"),
  scopes: z.array(Scope).min(1, "needs at least one").max(4),
  /** Ids or slugs; absent: the org it is made in. */
  orgs: z.array(OrgReference).min(1).max(20).optional(),
  /** Epoch milliseconds; absent: until it is revoked. */
  expiresAt: Moment.optional(),
});
export type CreateTokenInput = z.infer<typeof CreateTokenInput>;

export const NamedTokenInput = z.strictObject({ id: TokenId });
export type NamedTokenInput = z.infer<typeof NamedTokenInput>;

export interface NewToken {
  id: TokenId;
  /** Shown once: only its SHA-256 is kept. */
  token: string;
}

export interface TokenInfo {
  id: TokenId;
  name: string;
  scopes: Scope[];
  /** Those of the orgs it is bound to that whoever asks belongs to; only with multi-tenancy on. */
  orgs?: { slug: string; name: string }[];
  madeBy: { name: string; email: string };
  createdAt: number;
  expiresAt?: number;
  /** Accurate to some minutes. */
  lastUsedAt?: number;
}
