/** The picture of a cluster as resources. Pure: the same picture gives the same report. */
import type { ReportedResource } from "../../contract/report.ts";
import { withinLimit } from "../proxmox/within-limit.ts";
import { clusterResource } from "./cluster.ts";
import { diskResources } from "./disks.ts";
import { guestResources } from "./guests.ts";
import { nodeResources } from "./nodes.ts";
import type { Picture } from "./picture.ts";
import { poolResources } from "./pools.ts";
import { storageResources } from "./storages.ts";

export function resourcesOf(picture: Picture): ReportedResource[] {
  const cluster = clusterResource(picture);
  const nodes = nodeResources(picture, cluster?.key);
  const { guests, filesystems } = guestResources(picture);
  // In the order in which they matter: what does not fit into one report is left out at the end.
  return withinLimit([
    ...(cluster ? [cluster] : []),
    ...nodes,
    ...guests,
    ...storageResources(picture, cluster?.key),
    ...poolResources(picture),
    ...diskResources(picture),
    ...filesystems,
  ]);
}
