/** The picture of a backup server as resources. Pure: the same picture gives the same report. */
import type { ReportedResource } from "../../contract/report.ts";
import { withinLimit } from "../proxmox/within-limit.ts";
import { datastoreResource } from "./datastores.ts";
import { groupResource } from "./groups.ts";
import type { Picture } from "./picture.ts";
import { serverResources } from "./server.ts";

export function resourcesOf(picture: Picture): ReportedResource[] {
  return withinLimit([
    ...serverResources(picture),
    ...picture.datastores.map((row) => datastoreResource(picture, row)),
    ...picture.groups.map((group) => groupResource(picture, group)),
  ]);
}
