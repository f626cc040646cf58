import type { ReportedResource } from "../../contract/report.ts";
import { clip, known, knownAttributes } from "../host/figures.ts";
import { describeTasks } from "../proxmox/failed-tasks.ts";
import { machineAttributes, machineMetrics, rootFilesystem } from "../proxmox/machine.ts";
import type { Picture } from "./picture.ts";

export const SERVER_KEY = "host";

/** Pure. */
export function serverResources(picture: Picture): ReportedResource[] {
  const { status, missingPrivileges, failedTasks } = picture;
  const host: ReportedResource = {
    kind: "host",
    key: SERVER_KEY,
    name: clip(picture.name ?? picture.host) || "backup",
    status: "up",
    attributes: knownAttributes({
      pbs_version: picture.version && clip(picture.version),
      ...machineAttributes(status),
      failed_tasks: describeTasks(
        failedTasks?.map((task) => ({ ...task, type: task.worker_type, about: task.worker_id })),
      ),
      missing_privileges: missingPrivileges.length > 0 ? missingPrivileges : undefined,
    }),
    metrics: { ...machineMetrics(status), ...known({ failed_tasks: failedTasks?.length }) },
  };
  return [host, ...rootFilesystem(SERVER_KEY, status?.root)];
}
