import { z } from "zod";
import { SessionId, type UserId } from "./ids.ts";
import type { Org } from "./orgs.ts";
import type { Role } from "./roles.ts";

/** Length is the only rule: no composition rules, nothing cut off. Bytes are bounded for argon2id. */
export const PASSWORD_LENGTH = { min: 12, max: 256 } as const;

export const Email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@\p{Cc}\p{Cf}]+@[^\s@\p{Cc}\p{Cf}]+$/u, "must look like name@example.org");
/** No control characters and none that turn the direction of text: a name is shown beside other words. */
export const PersonName = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown");

export const NewPassword = z
  .string()
  .min(PASSWORD_LENGTH.min, `must have at least ${PASSWORD_LENGTH.min} characters`)
  .max(PASSWORD_LENGTH.max, `must have at most ${PASSWORD_LENGTH.max} characters`);
/** What is compared is not judged: any length up to the bound reaches the comparison. */
const GivenPassword = z.string().min(1).max(PASSWORD_LENGTH.max);

export const SetupInput = z.strictObject({
  token: z.string().min(1).max(200),
  email: Email,
  password: NewPassword,
  name: PersonName.optional(),
});
export type SetupInput = z.infer<typeof SetupInput>;

export const SignInInput = z.strictObject({ email: Email, password: GivenPassword });
export type SignInInput = z.infer<typeof SignInInput>;

export const ChangePasswordInput = z.strictObject({
  currentPassword: GivenPassword,
  newPassword: NewPassword,
});
export type ChangePasswordInput = z.infer<typeof ChangePasswordInput>;

export const RevokeSessionInput = z.strictObject({ id: SessionId });

export interface User {
  id: UserId;
  email: string;
  name: string;
}

export interface Me {
  user: User;
  /** Whether this person operates the instance. */
  operator: boolean;
  /** What this person may do here; with multi-tenancy on, `orgs` says it of each. */
  role?: Role;
  /** Only with multi-tenancy on. */
  orgs?: Org[];
}

export interface SessionInfo {
  id: SessionId;
  createdAt: number;
  lastSeenAt: number;
  address: string;
  userAgent: string;
  current: boolean;
}
