import type { SourceType } from "../../../../server/contract/sources.ts";
import type { FormKind } from "../../forms/field.ts";
import { CHECK_FORMS } from "./checks.ts";
import { PROMETHEUS } from "./prometheus.ts";
import { PROXMOX_BACKUP, PROXMOX_VE } from "./proxmox.ts";

/** How each type of source is asked for. */
export const FORMS: Record<SourceType, FormKind> = {
  "proxmox-ve": PROXMOX_VE,
  "proxmox-backup": PROXMOX_BACKUP,
  prometheus: PROMETHEUS,
  ...CHECK_FORMS,
};
