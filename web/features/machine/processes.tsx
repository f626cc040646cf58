import { For, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { Figure } from "../../ui/figure.tsx";
import { bytes, count, percent } from "../../ui/format.ts";
import { topProcessesOf } from "./facts.ts";

export function Processes(props: { machine: Resource }) {
  const processes = () => topProcessesOf(props.machine);
  const metric = (name: string) => props.machine.metrics[name];
  return (
    <Show when={processes().length > 0}>
      <section class="py-6" aria-labelledby="processes">
        <div class="mb-3 flex items-baseline gap-4">
          <h2 id="processes" class="text-lg font-semibold">
            Processes
          </h2>
          <span class="text-sm text-ink-2">
            {count(metric("process_count")).number} in all, {count(metric("processes_running")).number}{" "}
            running, {count(metric("processes_blocked")).number} blocked
          </span>
        </div>
        <table class="figures w-full max-w-3xl">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="hidden sm:table-cell">
                User
              </th>
              <th scope="col">PID</th>
              <th scope="col">CPU</th>
              <th scope="col">Memory</th>
            </tr>
          </thead>
          <tbody>
            <For each={processes()}>
              {(process) => (
                <tr>
                  <td class="w-full max-w-0 truncate" title={process.name}>
                    {process.name}
                  </td>
                  <td class="hidden text-ink-2 sm:table-cell">{process.user ?? "–"}</td>
                  <td class="text-ink-3">{process.pid}</td>
                  <td class="min-w-20">
                    <Figure value={percent(process.cpu_percent)} />
                  </td>
                  <td class="min-w-24">
                    <Figure value={bytes(process.memory_bytes)} />
                  </td>
                </tr>
              )}
            </For>
          </tbody>
        </table>
      </section>
    </Show>
  );
}
