import { z } from "zod";
import { InvitationId, UserId } from "./ids.ts";
import type { Role } from "./roles.ts";
import { Email, NewPassword, PersonName } from "./session.ts";

/** An invitation's link is good for this long. */
export const INVITATION_KEPT_MS = 72 * 3_600_000;
/** What the secret in an invitation's link starts with. */
export const INVITATION_PREFIX = "pulse_invite_";

/** Ownership is never given by invitation or by role: it is transferred. */
export const GivenRole = z.enum(["viewer", "editor", "admin"]);
export type GivenRole = z.infer<typeof GivenRole>;

export const InviteInput = z.strictObject({ email: Email, role: GivenRole });
export type InviteInput = z.infer<typeof InviteInput>;

/** The secret of the link, or, for somebody signed in, the invitation's id from their inbox. */
const InvitationCode = z.string().min(20).max(80);
export const InvitationCodeInput = z.strictObject({ code: InvitationCode });
export type InvitationCodeInput = z.infer<typeof InvitationCodeInput>;

/** For an invited person without an account: makes one for the invited address, and accepts. */
export const JoinInput = z.strictObject({
  code: InvitationCode,
  password: NewPassword,
  name: PersonName.optional(),
});
export type JoinInput = z.infer<typeof JoinInput>;

export const RevokeInvitationInput = z.strictObject({ id: InvitationId });
export type RevokeInvitationInput = z.infer<typeof RevokeInvitationInput>;

export const SetRoleInput = z.strictObject({ userId: UserId, role: GivenRole });
export type SetRoleInput = z.infer<typeof SetRoleInput>;

export const NamedMemberInput = z.strictObject({ userId: UserId });
export type NamedMemberInput = z.infer<typeof NamedMemberInput>;

export interface Member {
  userId: UserId;
  email: string;
  name: string;
  role: Role;
  since: number;
  /** The account is switched off: it cannot sign in. */
  disabled?: true;
}

export interface NewInvitation {
  id: InvitationId;
  /** Shown once: the secret in it is not kept. */
  link: string;
  expiresAt: number;
}

export interface Invitation {
  id: InvitationId;
  email: string;
  role: Role;
  /** Name of whoever invited; absent when they have gone. */
  invitedBy?: string;
  createdAt: number;
  expiresAt: number;
}

/** An invitation as the invited person sees it. */
export interface InboxInvitation {
  id: InvitationId;
  org: { slug: string; name: string };
  role: Role;
  invitedBy?: string;
  expiresAt: number;
}

/** What the page of an invitation's link shows. */
export interface InvitationPreview {
  org: { slug: string; name: string };
  email: string;
  role: Role;
  invitedBy?: string;
  expiresAt: number;
  /** Whether there is an account for the address already: then sign in and accept, else join. */
  hasAccount: boolean;
}
