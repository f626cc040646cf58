import { chart, type ResourceForm } from "../form.ts";

export const CLUSTER: ResourceForm = {
  facts: [
    ["quorate", "Has a quorum"],
    ["nodes_online", "Nodes online"],
    ["nodes_total", "Nodes"],
    ["guest_count", "Guests"],
  ],
  charts: (cluster) => [
    chart(cluster, "nodes", "Nodes", [
      ["online", "nodes_online"],
      ["in all", "nodes_total"],
    ]),
    chart(cluster, "cpu", "CPU", [["used", "cpu_percent"]]),
  ],
};
