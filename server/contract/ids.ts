import { z } from "zod";

/** `default`, or `o` and 19 characters `a-z2-7` minted by the server and never reused. */
export const OrgId = z
  .string()
  .regex(/^(?:default|o[a-z2-7]{19})$/)
  .brand<"OrgId">();
export type OrgId = z.infer<typeof OrgId>;

export const DEFAULT_ORG = OrgId.parse("default");

/** What a caller may write where an org is requested: an id or a slug. Says nothing about existence. */
export const OrgReference = z
  .string()
  .min(2)
  .max(40)
  .regex(/^[a-z0-9](?:-?[a-z0-9])*$/);

function opaqueId<Brand extends string>(prefix: string) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}[a-z2-7]{19}$`))
    .brand<Brand>();
}

export const UserId = opaqueId<"UserId">("u");
export type UserId = z.infer<typeof UserId>;

/** The name a session is shown and ended by; it cannot be used to sign in. */
export const SessionId = opaqueId<"SessionId">("s");
export type SessionId = z.infer<typeof SessionId>;

export const ResourceId = opaqueId<"ResourceId">("r");
export type ResourceId = z.infer<typeof ResourceId>;

export const TokenId = opaqueId<"TokenId">("t");
export type TokenId = z.infer<typeof TokenId>;

export const InvitationId = opaqueId<"InvitationId">("i");
export type InvitationId = z.infer<typeof InvitationId>;

export const ShareId = opaqueId<"ShareId">("h");
export type ShareId = z.infer<typeof ShareId>;

export const AgentId = opaqueId<"AgentId">("a");
export type AgentId = z.infer<typeof AgentId>;

/** Of a token with which any number of machines may enrol. */
export const EnrolmentId = opaqueId<"EnrolmentId">("e");
export type EnrolmentId = z.infer<typeof EnrolmentId>;

/** Something polled: a Proxmox, an exporter, a check. */
export const SourceId = opaqueId<"SourceId">("p");
export type SourceId = z.infer<typeof SourceId>;

export const MergeId = opaqueId<"MergeId">("m");
export type MergeId = z.infer<typeof MergeId>;

/** Somewhere messages are sent to. */
export const ChannelId = opaqueId<"ChannelId">("c");
export type ChannelId = z.infer<typeof ChannelId>;

/** Of an alert, open or past; what it leaves behind, its incident, has the same. */
export const AlertId = opaqueId<"AlertId">("l");
export type AlertId = z.infer<typeof AlertId>;

export const SilenceId = opaqueId<"SilenceId">("q");
export type SilenceId = z.infer<typeof SilenceId>;
