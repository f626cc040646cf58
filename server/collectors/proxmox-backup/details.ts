/**
 * Everything beyond the state of the machine and its datastores, each thing as often as it is worth. To list
 * groups the server looks through folders, and to list backups it opens a file of each, on disks that are
 * large and slow: so a group's backups are asked for when it has a new one, else four times a day.
 */
import type { Permissions } from "../proxmox/answers.ts";
import { type ProxmoxApi, REQUESTS_AT_ONCE } from "../proxmox/api.ts";
import { isGood } from "../proxmox/failed-tasks.ts";
import { type Errand, Kept, runErrands } from "../proxmox/kept.ts";
import { ProxmoxError } from "../proxmox/proxmox-error.ts";
import { groupKey, newestOf } from "./groups.ts";
import type { GroupPicture, SnapshotFacts } from "./picture.ts";
import { missingPrivileges } from "./privileges.ts";
import {
  backupRequests,
  type GroupRow,
  JOB_KINDS,
  type JobKind,
  type JobRow,
  type TaskRow,
} from "./requests.ts";

/** Errands of one collection, those among them that list backups, and how long it goes on with them. */
const BUDGET = 60;
const SNAPSHOT_BUDGET = 30;
const TIME_MS = 30_000;
/** An errand may make others due: the namespaces of a datastore, the groups in each. */
const ROUNDS = 3;

/** Namespaces of one datastore, and groups of all, that are looked at. */
const NAMESPACE_LIMIT = 200;
const GROUP_LIMIT = 5_000;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const ONCE = "once";

export class Details {
  private readonly version = new Kept<string>(HOUR);
  private readonly permissions = new Kept<Permissions>(HOUR);
  private readonly failedTasks = new Kept<TaskRow[]>(5 * MINUTE);
  private readonly jobs = new Kept<JobRow[]>(10 * MINUTE);
  private readonly namespaces = new Kept<string[]>(30 * MINUTE);
  private readonly groupRows = new Kept<GroupRow[]>(10 * MINUTE);
  private readonly snapshots = new Kept<SnapshotFacts | undefined>(6 * HOUR);
  /** In the tasks only; they may all be gone one day, but the machine keeps its name. */
  private name: string | undefined;

  constructor(private readonly api: ProxmoxApi) {}

  async renew(stores: readonly string[], now: number): Promise<void> {
    const until = performance.now() + TIME_MS;
    const limits = { atOnce: REQUESTS_AT_ONCE, now, mayGoOn: () => performance.now() < until };
    this.forgetGone(stores, now);
    let budget = BUDGET;
    for (let round = 0; round < ROUNDS; round++) {
      const ran = await runErrands(this.errands(stores, now), { ...limits, budget });
      if (ran === 0) break;
      budget -= ran;
    }
    await runErrands(this.snapshotErrands(stores, now), {
      ...limits,
      budget: Math.min(budget, SNAPSHOT_BUDGET),
    });
  }

  private errands(stores: readonly string[], now: number): (Errand | undefined)[] {
    const { api } = this;
    const dayAgo = Math.floor((now - DAY) / 1000);
    return [
      this.version.errand(ONCE, now, async () => versionOf(await api.get(backupRequests.version()))),
      this.permissions.errand(ONCE, now, () => api.get(backupRequests.permissions())),
      this.failedTasks.errand(ONCE, now, async () => {
        const tasks = await api.get(backupRequests.failedTasks(dayAgo));
        this.name = tasks.find((task) => task.node)?.node ?? this.name;
        return tasks.filter((task) => (task.endtime ?? 0) >= dayAgo && !isGood(task.status));
      }),
      ...JOB_KINDS.map((kind) => this.jobs.errand(kind, now, () => api.get(backupRequests.jobs(kind)))),
      ...stores.flatMap((store) => [
        this.namespaces.errand(store, now, async () => {
          const rows = await api.get(backupRequests.namespaces(store));
          return rows.slice(0, NAMESPACE_LIMIT).map(({ ns }) => ns);
        }),
        ...(this.namespaces.get(store, now) ?? []).map((ns) =>
          this.groupRows.errand(placeOf(store, ns), now, () => api.get(backupRequests.groups(store, ns))),
        ),
      ]),
    ];
  }

  private snapshotErrands(stores: readonly string[], now: number): (Errand | undefined)[] {
    return this.groups(stores, now).map((group) => {
      const key = groupKey(group);
      const isNew = group.newest && group.newest.at < (group.row["last-backup"] ?? 0) * 1000;
      if (isNew) this.snapshots.expire(key, now);
      return this.snapshots.errand(key, now, async () =>
        newestOf(await this.api.get(backupRequests.snapshots(group.store, group.ns, group.row))),
      );
    });
  }

  groups(stores: readonly string[], now: number): GroupPicture[] {
    const groups: GroupPicture[] = [];
    for (const store of stores) {
      for (const ns of this.namespaces.get(store, now) ?? []) {
        for (const row of this.groupRows.get(placeOf(store, ns), now) ?? []) {
          if (groups.length === GROUP_LIMIT) return groups;
          groups.push({ store, ns, row, newest: this.snapshots.get(groupKey({ store, ns, row }), now) });
        }
      }
    }
    return groups;
  }

  /** What is known of the server as a whole. */
  whole(stores: readonly string[], now: number) {
    return {
      name: this.name,
      version: this.version.get(ONCE, now),
      failedTasks: this.failedTasks.get(ONCE, now),
      jobs: JOB_KINDS.flatMap((kind) => withKind(kind, this.jobs.get(kind, now) ?? [])),
      groups: this.groups(stores, now),
      missingPrivileges: this.missing(now),
    };
  }

  /** As the token's own privileges say; while those are not known, as the refusals say. */
  private missing(now: number): string[] {
    const permissions = this.permissions.get(ONCE, now);
    if (permissions) return missingPrivileges(permissions);
    const error = this.failedTasks.errorOf(ONCE);
    return error instanceof ProxmoxError && error.privilege ? [error.privilege] : [];
  }

  private forgetGone(stores: readonly string[], now: number): void {
    this.namespaces.only(stores);
    this.groupRows.only(
      stores.flatMap((store) => (this.namespaces.get(store, now) ?? []).map((ns) => placeOf(store, ns))),
    );
    this.snapshots.only(this.groups(stores, now).map(groupKey));
  }
}

const placeOf = (store: string, ns: string) => `${store} ${ns}`;

function withKind(kind: JobKind, jobs: readonly JobRow[]) {
  return jobs.map((job) => ({ ...job, kind }));
}

/** "4.0" and "15" are one release. */
export function versionOf({ version, release }: { version: string; release?: string | undefined }): string {
  return release === undefined ? version : `${version}-${release}`;
}
