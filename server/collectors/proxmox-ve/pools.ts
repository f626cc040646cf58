import type { ReportedResource } from "../../contract/report.ts";
import type { ResourceStatus } from "../../contract/resource.ts";
import { clip, known, knownAttributes, percentOf, resourceKey } from "../host/figures.ts";
import { keyOf, type Picture } from "./picture.ts";

/** What ZFS says of a pool. A degraded one still gives its data. */
const STATES: Record<string, { status: ResourceStatus; problem?: string }> = {
  ONLINE: { status: "up" },
  DEGRADED: {
    status: "degraded",
    problem: "A disk of the pool has failed or is missing; the data is still there.",
  },
  SUSPENDED: { status: "down", problem: "The pool waits for disks that do not answer." },
  FAULTED: { status: "down", problem: "Too many disks of the pool have failed." },
  UNAVAIL: { status: "down", problem: "Too many disks of the pool are missing." },
  REMOVED: { status: "down", problem: "The disks of the pool were taken out." },
  OFFLINE: { status: "down", problem: "The pool was taken offline." },
};

/** Pure. */
export function poolResources(picture: Picture): ReportedResource[] {
  return [...picture.nodes].flatMap(([node, { pools }]) =>
    pools.map((pool) => {
      const { status, problem } = STATES[pool.health ?? ""] ?? { status: "unknown" as const };
      return {
        kind: "pool" as const,
        key: resourceKey(keyOf.node(node), "pool", pool.name),
        parent: resourceKey(keyOf.node(node)),
        name: clip(pool.name) || "pool",
        status,
        attributes: knownAttributes({
          problem,
          pool_type: "zfs",
          state: pool.health && clip(pool.health, 40),
        }),
        metrics: known({
          storage_total_bytes: pool.size || undefined,
          storage_used_bytes: pool.alloc,
          storage_available_bytes: pool.free,
          storage_used_percent: percentOf(pool.alloc, pool.size),
          fragmentation_percent: pool.frag,
        }),
      };
    }),
  );
}
