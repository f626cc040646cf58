/** The collector of every type of source, and how each is tried out. Configs have been judged by then. */

import type { Check, HeartbeatCheck } from "../contract/sources/checks.ts";
import type { PrometheusConfig, PrometheusSecrets } from "../contract/sources/prometheus.ts";
import type { ProxmoxBackupConfig, ProxmoxSecrets, ProxmoxVeConfig } from "../contract/sources/proxmox.ts";
import type { SourceTest, SourceType } from "../contract/sources.ts";
import { systemClock } from "../lib/clock.ts";
import { type Egress, EgressError } from "../lib/egress.ts";
import { createCheck, testCheck } from "./check.ts";
import { heartbeatStatus } from "./checks/heartbeat.ts";
import type { Collector } from "./collector.ts";
import { ExporterError } from "./exporter/exporter-error.ts";
import { createExporterCollector } from "./exporter.ts";
import { ProxmoxError } from "./proxmox/proxmox-error.ts";
import { createProxmoxBackupCollector, testProxmoxBackup } from "./proxmox-backup.ts";
import { createProxmoxVeCollector, testProxmoxVe } from "./proxmox-ve.ts";

export interface SourceToTry {
  type: SourceType;
  config: Record<string, unknown>;
  secrets: Record<string, unknown>;
  egress: Egress;
}

export interface SourceToAsk extends SourceToTry {
  name: string;
  /** What a check is called in its report. */
  key: string;
  intervalMs: number;
  /** Of what is not asked but heard. */
  beats: { lastBeatAt: () => number | undefined; since: number };
}

export function createSourceCollector(source: SourceToAsk): Collector {
  const { type, key, name, intervalMs, egress } = source;
  switch (type) {
    case "proxmox-ve":
      return createProxmoxVeCollector(proxmoxVe(source));
    case "proxmox-backup":
      return createProxmoxBackupCollector(proxmoxBackup(source));
    case "prometheus":
      return createExporterCollector({ ...exporter(source), name });
    case "heartbeat":
      return heartbeatOf(source);
    default:
      return createCheck({ check: checkOf(source), key, name, intervalMs, egress });
  }
}

/** Asks it once and keeps nothing. What did not work is the answer, not an error. */
export async function tryOut(source: SourceToTry): Promise<SourceTest> {
  const startedAt = performance.now();
  const took = () => Math.round(performance.now() - startedAt);
  try {
    return { ...(await tried(source)), tookMs: took() };
  } catch (error) {
    const isOurs =
      error instanceof EgressError || error instanceof ProxmoxError || error instanceof ExporterError;
    if (!isOurs) throw error;
    const shown = error instanceof ProxmoxError ? error.fingerprint256 : undefined;
    return {
      ok: false,
      message: error.message,
      facts: [],
      tookMs: took(),
      ...(shown && { fingerprint256: shown }),
    };
  }
}

type Tried = Omit<SourceTest, "tookMs">;

async function tried(source: SourceToTry): Promise<Tried> {
  switch (source.type) {
    case "proxmox-ve": {
      const { version, nodes, guests, ...rest } = await testProxmoxVe(proxmoxVe(source));
      return proxmoxTried(rest, [
        ["Proxmox VE", version],
        ["Nodes", nodes],
        ["Guests", guests],
      ]);
    }
    case "proxmox-backup": {
      const { version, datastores, ...rest } = await testProxmoxBackup(proxmoxBackup(source));
      return proxmoxTried(rest, [
        ["Proxmox Backup Server", version],
        ["Datastores", datastores],
      ]);
    }
    case "prometheus":
      return exporterTried(source);
    case "heartbeat":
      return { ok: true, message: "There is nothing to ask: it is heard when it comes.", facts: [] };
    default:
      return checkTried(source);
  }
}

function proxmoxTried(
  { missingPrivileges, fingerprint }: { missingPrivileges: string[]; fingerprint?: string },
  found: [label: string, value: string | number][],
): Tried {
  const message =
    missingPrivileges.length === 0
      ? "It answers, and the token may see everything."
      : "It answers, but the token may not see everything.";
  return {
    ok: true,
    message,
    facts: facts([...found, ...missingPrivileges.map((what): [string, string] => ["Missing", what])]),
    ...(fingerprint && { fingerprint256: fingerprint }),
  };
}

async function exporterTried(source: SourceToTry): Promise<Tried> {
  const collector = createExporterCollector(exporter(source));
  const found = await collector.collect();
  const isMachine = found[0]?.kind === "host";
  const values = found.reduce((sum, { metrics }) => sum + Object.keys(metrics).length, 0);
  return {
    ok: true,
    message: isMachine ? "It answers, and is a whole machine." : "It answers.",
    facts: facts([
      ["Name", found[0]?.name ?? ""],
      ["Resources", found.length],
      ["Values", values],
    ]),
  };
}

async function checkTried(source: SourceToTry): Promise<Tried> {
  const { tookMs: _, ...tried } = await testCheck(checkOf(source), { egress: source.egress });
  return tried;
}

function heartbeatOf({ key, name, config, beats }: SourceToAsk): Collector {
  const { periodMs, graceMs } = config as HeartbeatCheck;
  return {
    name: "heartbeat",
    async collect() {
      const now = systemClock();
      const last = beats.lastBeatAt();
      const { status, problem } = heartbeatStatus({ periodMs, graceMs }, last, beats.since, now);
      return [
        {
          kind: "check",
          key,
          name,
          status,
          attributes: {
            type: "heartbeat",
            period_ms: periodMs,
            grace_ms: graceMs,
            ...(last !== undefined && { last_beat_at: last }),
            ...(problem !== undefined && { problem }),
          },
          metrics: {
            ...(status !== "unknown" && { up: status === "down" ? 0 : 1 }),
            ...(last !== undefined && { silent_seconds: Math.round((now - last) / 1_000) }),
          },
        },
      ];
    },
  };
}

function facts(list: [label: string, value: string | number][]): SourceTest["facts"] {
  return list.map(([label, value]) => ({ label, value: String(value) }));
}

function checkOf({ type, config, secrets }: SourceToTry): Check {
  return { type, config, secrets } as unknown as Check;
}

function exporter({ config, secrets, egress }: SourceToTry) {
  return { config: config as PrometheusConfig, secrets: secrets as PrometheusSecrets, egress };
}

function proxmoxVe({ config, secrets, egress }: SourceToTry) {
  return { config: config as ProxmoxVeConfig, secrets: secrets as ProxmoxSecrets, egress };
}

function proxmoxBackup({ config, secrets, egress }: SourceToTry) {
  return { config: config as ProxmoxBackupConfig, secrets: secrets as ProxmoxSecrets, egress };
}
