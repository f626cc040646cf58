import type { ResourceKind } from "../../../../server/contract/resource.ts";
import type { ResourceForm } from "../form.ts";
import { CHECK } from "./check.tsx";
import { CLUSTER } from "./cluster.ts";
import { CONTAINER } from "./container.tsx";
import { EXPORTER, SERIES } from "./exporter.tsx";
import { GUEST } from "./guest.tsx";
import { CORE, DISK, FILESYSTEM, INTERFACE, SENSOR } from "./parts.ts";
import { BACKUP, STORAGE } from "./storage.ts";

/** A kind without a form of its own still has its facts, and a chart for every metric. */
const FORMS: Partial<Record<ResourceKind, ResourceForm>> = {
  container: CONTAINER,
  vm: GUEST,
  lxc: GUEST,
  cluster: CLUSTER,
  storage: STORAGE,
  pool: STORAGE,
  datastore: STORAGE,
  backup: BACKUP,
  disk: DISK,
  filesystem: FILESYSTEM,
  interface: INTERFACE,
  sensor: SENSOR,
  core: CORE,
  exporter: EXPORTER,
  series: SERIES,
  check: CHECK,
};

export function formFor(kind: ResourceKind): ResourceForm {
  return FORMS[kind] ?? {};
}
