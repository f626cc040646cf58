/** What each type of source is told, and what of that is a secret. */
import { z } from "zod";
import type { SourceType } from "./sources.ts";

const Anything = z.record(z.string(), z.unknown());
const NoSecrets = z.strictObject({});

export const SourceForms = {
  "proxmox-ve": { config: Anything, secrets: Anything },
  "proxmox-backup": { config: Anything, secrets: Anything },
  prometheus: { config: Anything, secrets: Anything },
  http: { config: Anything, secrets: Anything },
  tcp: { config: Anything, secrets: NoSecrets },
  ping: { config: Anything, secrets: NoSecrets },
  dns: { config: Anything, secrets: NoSecrets },
  tls: { config: Anything, secrets: NoSecrets },
  heartbeat: { config: Anything, secrets: NoSecrets },
} satisfies Record<SourceType, { config: z.ZodType; secrets: z.ZodType }>;
