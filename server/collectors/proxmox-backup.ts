/**
 * A Proxmox Backup Server through its API: the machine, its datastores, and in them every group of backups
 * as a resource of its own, named by datastore, namespace, type and id.
 *
 * Nothing here knows which guest a group belongs to: the same number means another guest in another
 * cluster. What a group says of itself (and its datastore of the server) is enough to find the one it
 * belongs to: contract/backup-match.ts.
 */
import type { ReportedResource } from "../contract/report.ts";
import type { ProxmoxBackupConfig, ProxmoxSecrets } from "../contract/sources/proxmox.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Egress } from "../lib/egress.ts";
import type { Collector } from "./collector.ts";
import { asPairs, ProxmoxApi } from "./proxmox/api.ts";
import { Details, versionOf } from "./proxmox-backup/details.ts";
import { missingPrivileges } from "./proxmox-backup/privileges.ts";
import { backupRequests } from "./proxmox-backup/requests.ts";
import { resourcesOf } from "./proxmox-backup/resources.ts";

export interface ProxmoxBackupOptions {
  config: ProxmoxBackupConfig;
  secrets: ProxmoxSecrets;
  egress: Egress;
  now?: Clock;
}

function apiOf({ config, secrets, egress }: ProxmoxBackupOptions): ProxmoxApi {
  return new ProxmoxApi("backup", { ...config, ...secrets }, egress);
}

/** `collect` rejects with one plain sentence when the source as a whole cannot be read. */
export function createProxmoxBackupCollector(options: ProxmoxBackupOptions): Collector {
  const now = options.now ?? systemClock;
  const api = apiOf(options);
  const details = new Details(api);
  let underWay: Promise<ReportedResource[]> | undefined;

  async function read(): Promise<ReportedResource[]> {
    const [datastores, status] = await Promise.all([
      api.get(backupRequests.datastores()),
      api.get(backupRequests.server()).catch(() => undefined),
    ]);
    const isReadable = (row: (typeof datastores)[number]) =>
      row.error === undefined && row["mount-status"] !== "notmounted";
    const stores = datastores.filter(isReadable).map((row) => row.store);
    await details.renew(stores, now());
    const at = now();
    return resourcesOf({
      now: at,
      host: api.host,
      fingerprint256: api.fingerprint256,
      status,
      datastores,
      ...details.whole(stores, at),
    });
  }

  return {
    name: "proxmox-backup",
    collect() {
      underWay ??= read().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    close: () => api.close(),
  };
}

export interface ProxmoxBackupTest {
  version: string;
  datastores: number;
  /** What is not seen for want of a privilege: "Sys.Audit on /system (…)". */
  missingPrivileges: string[];
  /** Of the certificate, as Proxmox writes it. */
  fingerprint?: string;
}

/** Tries an address and a token and keeps nothing. Rejects with `ProxmoxError`, one plain sentence. */
export async function testProxmoxBackup(options: ProxmoxBackupOptions): Promise<ProxmoxBackupTest> {
  const api = apiOf(options);
  const version = versionOf(await api.get(backupRequests.version()));
  const [datastores, permissions] = await Promise.all([
    api.get(backupRequests.datastores()),
    api.get(backupRequests.permissions()),
  ]);
  return {
    version,
    datastores: datastores.length,
    missingPrivileges: missingPrivileges(permissions),
    ...(api.fingerprint256 && { fingerprint: asPairs(api.fingerprint256) }),
  };
}
