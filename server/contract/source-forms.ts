/** What each type of source is told, and what of that is a secret. */
import { z } from "zod";
import { CHECK_CONFIGS, HttpCheckSecrets } from "./sources/checks.ts";
import { PrometheusConfig, PrometheusSecrets } from "./sources/prometheus.ts";
import { ProxmoxBackupConfig, ProxmoxSecrets, ProxmoxVeConfig } from "./sources/proxmox.ts";
import type { SourceType } from "./sources.ts";

const NoSecrets = z.strictObject({});

export const SourceForms = {
  "proxmox-ve": { config: ProxmoxVeConfig, secrets: ProxmoxSecrets },
  "proxmox-backup": { config: ProxmoxBackupConfig, secrets: ProxmoxSecrets },
  prometheus: { config: PrometheusConfig, secrets: PrometheusSecrets },
  http: { config: CHECK_CONFIGS.http, secrets: HttpCheckSecrets },
  tcp: { config: CHECK_CONFIGS.tcp, secrets: NoSecrets },
  ping: { config: CHECK_CONFIGS.ping, secrets: NoSecrets },
  dns: { config: CHECK_CONFIGS.dns, secrets: NoSecrets },
  tls: { config: CHECK_CONFIGS.tls, secrets: NoSecrets },
  heartbeat: { config: CHECK_CONFIGS.heartbeat, secrets: NoSecrets },
} satisfies Record<SourceType, { config: z.ZodType; secrets: z.ZodType }>;
