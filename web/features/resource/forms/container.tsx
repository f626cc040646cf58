import { createMemo } from "solid-js";
import type { Resource } from "../../../../server/contract/resource.ts";
import { partsOf } from "../../../state/inventory.ts";
import { textOf } from "../../machine/facts.ts";
import { chart, type ResourceForm, top } from "../form.ts";
import { ResourceList } from "../resource-list.tsx";

export const CONTAINER: ResourceForm = {
  facts: [
    "health",
    ["restart_count", "Restarts"],
    ["oom_killed", "Out of memory"],
    "exit_code",
    ["started_at", "Started"],
    ["finished_at", "Ended"],
    "image",
    "image_version",
    "image_digest",
    "ports",
    "compose_project",
    "compose_service",
    "restart_policy",
    ["memory_limit_bytes", "Memory limit"],
    "cpu_limit",
    ["created_at", "Created"],
    "engine",
  ],
  charts: (container) => [
    chart(container, "cpu", "CPU", [
      ["used", "cpu_percent"],
      ["of its limit", "cpu_limit_percent"],
    ]),
    chart(container, "memory", "Memory", [["used", "memory_used_bytes"]], {
      form: "stack",
      ...top(container.metrics["memory_limit_bytes"]),
    }),
    chart(container, "network", "Network", [
      ["in", "network_receive_bytes_per_second"],
      ["out", "network_transmit_bytes_per_second"],
    ]),
    chart(container, "blocks", "Block I/O", [
      ["read", "disk_read_bytes_per_second"],
      ["write", "disk_write_bytes_per_second"],
    ]),
    chart(container, "processes", "Processes", [["now", "process_count"]]),
    chart(container, "restarts", "Restarts", [
      ["in all", "restart_count"],
      ["out of memory", "oom_kill_count"],
    ]),
  ],
  still: ["memory_limit_bytes", "memory_used_percent", "memory_percent"],
  Below: Siblings,
};

/** What was started together belongs together. */
function Siblings(props: { resource: Resource }) {
  const project = () => textOf(props.resource.attributes["compose_project"]);
  const siblings = createMemo(() => {
    const { id, parentId } = props.resource;
    if (!project() || !parentId) return [];
    return partsOf(parentId, "container").filter(
      (other) => other.id !== id && textOf(other.attributes["compose_project"]) === project(),
    );
  });
  return (
    <ResourceList id="siblings" title={`Also in ${project()}`} kind="container" resources={siblings()} />
  );
}
