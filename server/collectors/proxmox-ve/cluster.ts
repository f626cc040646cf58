import type { ReportedResource } from "../../contract/report.ts";
import { clip, known, knownAttributes } from "../host/figures.ts";
import { missingAttribute } from "./nodes.ts";
import { keyOf, type Picture } from "./picture.ts";

/** Nodes that are named as offline. */
const NAMED_NODES = 5;

/** Pure. Nothing for a single node: it is in no cluster. */
export function clusterResource(picture: Picture): ReportedResource | undefined {
  const nodes = picture.rows.filter((row) => row.type === "node");
  const cluster = picture.cluster?.find((row) => row.type === "cluster");
  // Without the right to read its state a cluster is still known by its nodes.
  if (!cluster && nodes.length < 2) return undefined;
  const offline = nodes.filter((row) => row.status === "offline").map((row) => row.node);
  const problem = problemOf(cluster?.quorate, offline);
  return {
    kind: "cluster",
    key: keyOf.cluster(),
    name: clip(cluster?.name ?? "") || "cluster",
    status: problem ? "degraded" : "up",
    attributes: knownAttributes({ quorate: cluster?.quorate, problem, ...missingAttribute(picture) }),
    metrics: known({
      nodes_total: nodes.length,
      nodes_online: nodes.filter((row) => row.status === "online").length,
      guest_count: picture.rows.filter((row) => row.type === "qemu" || row.type === "lxc").length,
    }),
  };
}

function problemOf(quorate: boolean | undefined, offline: string[]): string | undefined {
  if (quorate === false) return "The cluster has no quorum: too few nodes see each other to decide.";
  if (offline.length === 0) return undefined;
  const named = offline.slice(0, NAMED_NODES).join(", ");
  const more = offline.length > NAMED_NODES ? ` and ${offline.length - NAMED_NODES} more` : "";
  return clip(`Offline: ${named}${more}.`);
}
