/**
 * Everything beyond the cluster's own list, each thing as often as it is worth: what is dear to ask, or
 * hardly ever changes, is kept and asked for again later. A collection does so many of these errands, the
 * most overdue first, and the rest waits for the next one.
 */
import type { Permissions } from "../proxmox/answers.ts";
import { type ProxmoxApi, REQUESTS_AT_ONCE } from "../proxmox/api.ts";
import { isGood } from "../proxmox/failed-tasks.ts";
import { type Errand, Kept, runErrands } from "../proxmox/kept.ts";
import { ProxmoxError } from "../proxmox/proxmox-error.ts";
import { joinHistories, needsLog, readLog, readStored, readTask } from "./backups.ts";
import { GuestDetails } from "./guest-details.ts";
import type { BackupHistory, DiskPicture, NodePicture } from "./picture.ts";
import { mayAskAgents, mayListBackups, missingPrivileges } from "./privileges.ts";
import {
  type DiskRow,
  type PoolRow,
  type ReplicationRow,
  type ResourceRow,
  type Smart,
  type StorageConfig,
  type TaskRow,
  veRequests,
} from "./requests.ts";

/** Errands of one collection, and how long it goes on with them. */
const BUDGET = 100;
const TIME_MS = 20_000;
/** An errand may make others due: the list of disks, what each of them says. */
const ROUNDS = 3;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How far back backup jobs are looked at, and how many logs of jobs for many guests are read per node. */
const BACKUP_DAYS = 35;
const LOGS_PER_NODE = 10;

const ONCE = "once";

export interface DetailOptions {
  smartOfSpinningDisks: boolean;
}

export class Details {
  private readonly guests: GuestDetails;
  private readonly version = new Kept<string>(60 * MINUTE);
  private readonly permissions = new Kept<Permissions>(60 * MINUTE);
  private readonly storageConfigs = new Kept<StorageConfig[]>(30 * MINUTE);
  private readonly notBackedUp = new Kept<Set<number>>(15 * MINUTE);
  private readonly disks = new Kept<DiskRow[]>(30 * MINUTE);
  private readonly smart = new Kept<Smart>(30 * MINUTE);
  private readonly pools = new Kept<PoolRow[]>(5 * MINUTE);
  private readonly replication = new Kept<ReplicationRow[]>(2 * MINUTE);
  private readonly failedTasks = new Kept<TaskRow[]>(5 * MINUTE);
  private readonly backupTasks = new Kept<TaskRow[]>(10 * MINUTE);
  /** A log that was read does not change any more. */
  private readonly backupLogs = new Kept<Map<number, BackupHistory>>(2 * BACKUP_DAYS * DAY);
  private readonly stored = new Kept<Map<number, BackupHistory>>(30 * MINUTE);

  constructor(
    private readonly api: ProxmoxApi,
    private readonly options: DetailOptions,
  ) {
    this.guests = new GuestDetails(api);
  }

  async renew(rows: readonly ResourceRow[], online: readonly string[], now: number): Promise<void> {
    const until = performance.now() + TIME_MS;
    const limits = { atOnce: REQUESTS_AT_ONCE, now, mayGoOn: () => performance.now() < until };
    this.forgetGone(rows, online);
    for (let round = 0, budget = BUDGET; round < ROUNDS && budget > 0; round++) {
      const before = budget;
      budget -= await runErrands(this.errands(rows, online, now), { ...limits, budget });
      // The guests come last: there may be thousands, and no node should wait for them.
      budget -= await runErrands(this.guestErrands(rows, online, now), { ...limits, budget });
      if (budget === before) break;
    }
  }

  private guestErrands(rows: readonly ResourceRow[], online: readonly string[], now: number) {
    const permissions = this.permissions.get(ONCE, now);
    const mayAsk = permissions !== undefined && mayAskAgents(permissions, this.version.get(ONCE, now));
    return this.guests.errands(rows, online, now, mayAsk);
  }

  private errands(
    rows: readonly ResourceRow[],
    online: readonly string[],
    now: number,
  ): (Errand | undefined)[] {
    const { api } = this;
    return [
      this.version.errand(ONCE, now, async () => (await api.get(veRequests.version())).version),
      this.permissions.errand(ONCE, now, () => api.get(veRequests.permissions())),
      this.storageConfigs.errand(ONCE, now, () => api.get(veRequests.storages())),
      this.notBackedUp.errand(ONCE, now, async () => {
        const guests = await api.get(veRequests.notBackedUp());
        return new Set(guests.map(({ vmid }) => vmid));
      }),
      ...online.flatMap((node) => this.nodeErrands(node, now)),
      ...this.storedErrands(rows, online, now),
    ];
  }

  private nodeErrands(node: string, now: number): (Errand | undefined)[] {
    const { api } = this;
    const dayAgo = Math.floor((now - DAY) / 1000);
    return [
      this.disks.errand(node, now, () => api.get(veRequests.disks(node))),
      this.pools.errand(node, now, () => api.get(veRequests.pools(node))),
      this.replication.errand(node, now, () => api.get(veRequests.replication(node))),
      this.failedTasks.errand(node, now, async () => {
        const tasks = await api.get(veRequests.failedTasks(node, dayAgo));
        return tasks.filter((task) => (task.endtime ?? 0) >= dayAgo && !isGood(task.status));
      }),
      this.backupTasks.errand(node, now, () =>
        api.get(veRequests.backupTasks(node, dayAgo - (BACKUP_DAYS - 1) * (DAY / 1000))),
      ),
      ...(this.disks.get(node, now) ?? [])
        .filter((row) => !this.maySleep(row))
        .map((row) =>
          this.smart.errand(`${node} ${row.devpath}`, now, () =>
            api.get(veRequests.smart(node, row.devpath)),
          ),
        ),
      ...this.jobsWithLogs(node, now).map((task) =>
        this.backupLogs.errand(`${node} ${task.upid}`, now, async () => {
          const lines = await api.get(veRequests.taskLog(node, task.upid));
          return readLog(
            task,
            lines.map(({ t }) => t),
          );
        }),
      ),
    ];
  }

  private storedErrands(
    rows: readonly ResourceRow[],
    online: readonly string[],
    now: number,
  ): (Errand | undefined)[] {
    const permissions = this.permissions.get(ONCE, now);
    if (!permissions) return [];
    const asked = new Set<string>();
    const errands: (Errand | undefined)[] = [];
    for (const { type, storage, shared, node, status, content } of rows) {
      if (type !== "storage" || !storage || status !== "available" || !online.includes(node)) continue;
      const key = shared ? storage : `${node}/${storage}`;
      if (!content?.includes("backup") || asked.has(key) || !mayListBackups(permissions, storage)) continue;
      asked.add(key);
      const ask = async () => readStored(await this.api.get(veRequests.backups(node, storage)));
      errands.push(this.stored.errand(key, now, ask));
    }
    return errands;
  }

  /** Reading what a disk says of itself makes one that sleeps spin up. What has no moving part does not sleep. */
  private maySleep(row: DiskRow): boolean {
    return row.type !== "ssd" && row.type !== "nvme" && !this.options.smartOfSpinningDisks;
  }

  private jobsWithLogs(node: string, now: number): TaskRow[] {
    const tasks = this.backupTasks.get(node, now) ?? [];
    return tasks
      .filter((task) => needsLog(task) && task.endtime !== undefined)
      .sort((a, b) => (b.endtime ?? 0) - (a.endtime ?? 0))
      .slice(0, LOGS_PER_NODE);
  }

  node(node: string, now: number): Omit<NodePicture, "isSilent" | "status"> {
    const disks = (this.disks.get(node, now) ?? []).map(
      (row): DiskPicture => ({
        row,
        smart: this.smart.get(`${node} ${row.devpath}`, now),
        maySleep: this.maySleep(row),
      }),
    );
    return { disks, pools: this.pools.get(node, now) ?? [], failedTasks: this.failedTasks.get(node, now) };
  }

  /** What is known of the cluster as a whole. */
  whole(rows: readonly ResourceRow[], nodes: readonly string[], now: number) {
    return {
      guests: this.guests.pictures(rows, now),
      storages: this.storageConfigs.get(ONCE, now) ?? [],
      notBackedUp: this.notBackedUp.get(ONCE, now),
      replication: nodes.flatMap((node) => this.replication.get(node, now) ?? []),
      backups: this.backups(nodes, now),
      missingPrivileges: this.missing(nodes, now),
    };
  }

  private backups(nodes: readonly string[], now: number): Map<number, BackupHistory> {
    const done = nodes.flatMap((node) =>
      (this.backupTasks.get(node, now) ?? []).map((task) => {
        const log = this.backupLogs.get(`${node} ${task.upid}`, now);
        return new Map([...readTask(task), ...(log ?? [])]);
      }),
    );
    return joinHistories([...done, ...this.stored.all(now)]);
  }

  /** As the token's own privileges say; while those are not known, as the refusals say. */
  private missing(nodes: readonly string[], now: number): string[] {
    const permissions = this.permissions.get(ONCE, now);
    if (permissions) return missingPrivileges(permissions, this.version.get(ONCE, now));
    const errors = [
      this.storageConfigs.errorOf(ONCE),
      this.notBackedUp.errorOf(ONCE),
      ...nodes.flatMap((node) =>
        [this.disks, this.pools, this.failedTasks, this.backupTasks].map((kept) => kept.errorOf(node)),
      ),
    ];
    const needed = errors.map((error) => (error instanceof ProxmoxError ? error.privilege : undefined));
    return [...new Set(needed.filter((one) => one !== undefined))];
  }

  private forgetGone(rows: readonly ResourceRow[], online: readonly string[]): void {
    const nodes = rows.filter((row) => row.type === "node").map((row) => row.node);
    for (const kept of [this.disks, this.pools, this.replication, this.failedTasks, this.backupTasks]) {
      kept.only(nodes);
    }
    const isOfNode = (key: string) => nodes.some((node) => key.startsWith(`${node} `));
    this.smart.keep(isOfNode);
    this.backupLogs.keep(isOfNode);
    this.stored.keep((key) => !key.includes("/") || online.some((node) => key.startsWith(`${node}/`)));
  }
}
