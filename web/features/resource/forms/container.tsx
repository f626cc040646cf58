import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import type { Resource } from "../../../../server/contract/resource.ts";
import { partsOf } from "../../../state/inventory.ts";
import { Figure } from "../../../ui/figure.tsx";
import { percent } from "../../../ui/format.ts";
import { moveThroughRows } from "../../../ui/keyboard.ts";
import { textOf } from "../../machine/facts.ts";
import { chart, type ResourceForm, top } from "../form.ts";
import { pathOf } from "../path.ts";
import { statusOf } from "../status.ts";
import { StatusMark } from "../status-mark.tsx";

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
    <Show when={siblings().length > 0}>
      <section class="mt-7" aria-labelledby="siblings">
        <h2 id="siblings" class="mb-2 text-lg font-semibold">
          Also in {project()}
        </h2>
        <ul class="divide-y divide-line border-y border-line" onKeyDown={(event) => moveThroughRows(event)}>
          <For each={siblings()}>
            {(sibling) => (
              <li>
                <A
                  href={pathOf(sibling)}
                  data-row=""
                  class="-mx-2 flex min-h-9 items-center gap-2.5 rounded-md px-2 hover:bg-hover"
                >
                  <StatusMark resource={sibling} silent />
                  <span class="min-w-0 flex-1 truncate" title={sibling.name}>
                    {sibling.name}
                  </span>
                  <span class="text-sm text-ink-2">{statusOf(sibling).word}</span>
                  <Figure value={percent(sibling.metrics["cpu_percent"])} class="min-w-16 text-right" />
                </A>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
