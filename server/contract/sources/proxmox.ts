/** How a Proxmox VE cluster, or a Proxmox Backup Server, is reached: by an API token that may only look. */
import { z } from "zod";
import { Fingerprint } from "./fingerprint.ts";

export const PROXMOX_PORTS = { ve: 8006, backup: 8007 } as const;

const url = z
  .string()
  .trim()
  .max(300, "is too long")
  .refine((text) => URL.canParse(text) && new URL(text).protocol === "https:", "must be an https address")
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { username, password, search, hash, pathname } = new URL(text);
    return !username && !password && !search && !hash && pathname === "/";
  }, "must be an address and a port, with nothing behind it: https://pve.example.org:8006");

/** `user@realm!name`. */
const tokenId = z
  .string()
  .trim()
  .max(200, "is too long")
  .regex(/^[^\s!@/:]+@[A-Za-z][\w.-]*![A-Za-z][\w.-]*$/, "must look like pulse@pve!monitor");

const tokenSecret = z
  .string()
  .trim()
  .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "must be the secret of the token, a UUID");

export const ProxmoxVeConfig = z.strictObject({
  url,
  tokenId,
  fingerprint: Fingerprint.optional(),
  /**
   * Ask for the SMART state of disks that spin, too. Proxmox reads it without looking whether the disk
   * sleeps, so this wakes sleeping disks: only for those that never sleep.
   */
  smartOfSpinningDisks: z.boolean().optional(),
});
export type ProxmoxVeConfig = z.infer<typeof ProxmoxVeConfig>;

export const ProxmoxBackupConfig = z.strictObject({ url, tokenId, fingerprint: Fingerprint.optional() });
export type ProxmoxBackupConfig = z.infer<typeof ProxmoxBackupConfig>;

export const ProxmoxSecrets = z.strictObject({ tokenSecret });
export type ProxmoxSecrets = z.infer<typeof ProxmoxSecrets>;
