import { For, Show } from "solid-js";
import type { Resource } from "../../../../server/contract/resource.ts";
import { textOf } from "../../machine/facts.ts";
import { chart, type ResourceForm, top } from "../form.ts";

/** Virtual machines and containers of a Proxmox node. */
export const GUEST: ResourceForm = {
  facts: [
    "node",
    ["guest_id", "Number"],
    "os",
    "hostname",
    "addresses",
    "guest_agent",
    ["backup_at", "Last backup"],
    ["backup_size_bytes", "Size of backup"],
    "backup_verified",
    ["replication_age_seconds", "Replicated before"],
    ["on_boot", "Starts with its node"],
    ["cpu_count", "Processors"],
    ["memory_total_bytes", "Memory"],
    ["disk_total_bytes", "Disk"],
    "ha_state",
    "pool",
  ],
  hidden: ["backup_problem", "replication"],
  charts: (guest) => [
    chart(guest, "cpu", "CPU", [["used", "cpu_percent"]]),
    chart(guest, "memory", "Memory", [["used", "memory_used_bytes"]], {
      form: "stack",
      ...top(guest.metrics["memory_total_bytes"]),
    }),
    chart(guest, "network", "Network", [
      ["in", "network_receive_bytes_per_second"],
      ["out", "network_transmit_bytes_per_second"],
    ]),
    chart(guest, "disks", "Disks", [
      ["read", "disk_read_bytes_per_second"],
      ["write", "disk_write_bytes_per_second"],
    ]),
    chart(
      guest,
      "space",
      "Space used",
      [["used", "disk_used_bytes"]],
      top(guest.metrics["disk_total_bytes"]),
    ),
    chart(guest, "backup", "Age of the last backup", [["age", "backup_age_seconds"]]),
  ],
  still: [
    "cpu_count",
    "memory_total_bytes",
    "memory_used_percent",
    "disk_total_bytes",
    "disk_used_percent",
    "uptime_seconds",
    "backup_size_bytes",
    "replication_age_seconds",
  ],
  Above: Copies,
};

interface Replication {
  to?: string;
  schedule?: string;
  failures?: number;
  disabled?: boolean;
}

/** Where else the guest's data are, and what is wrong about that. */
function Copies(props: { resource: Resource }) {
  const problem = () => textOf(props.resource.attributes["backup_problem"]);
  const jobs = () => {
    const held = props.resource.attributes["replication"];
    return Array.isArray(held) ? (held as Replication[]).filter((job) => typeof job?.to === "string") : [];
  };
  return (
    <>
      <Show when={problem()}>
        <p class="mt-3 text-warn">{problem()}</p>
      </Show>
      <Show when={jobs().length > 0}>
        <section class="mt-6" aria-labelledby="replication">
          <h2 id="replication" class="mb-2 font-semibold">
            Replication
          </h2>
          <ul class="divide-y divide-line border-y border-line">
            <For each={jobs()}>
              {(job) => (
                <li class="flex min-h-9 flex-wrap items-center gap-x-6 py-1">
                  <span class="min-w-32 font-medium">to {job.to}</span>
                  <span class="text-ink-2">{job.disabled ? "switched off" : job.schedule}</span>
                  <Show when={job.failures}>
                    {(failures) => <span class="text-warn">failed {failures()} times in a row</span>}
                  </Show>
                </li>
              )}
            </For>
          </ul>
        </section>
      </Show>
    </>
  );
}
