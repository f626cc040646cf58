import { For, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { textsOf } from "./facts.ts";

/** Units systemd gave up on, each with the command that tells why. */
export function FailedUnits(props: { machine: Resource }) {
  const units = () => textsOf(props.machine.attributes["failed_units"]);
  return (
    <Show when={units().length > 0}>
      <section class="mt-6" aria-labelledby="failed-units">
        <h2 id="failed-units" class="mb-2 font-semibold">
          Failed units
        </h2>
        <ul class="divide-y divide-line border-y border-line">
          <For each={units()}>
            {(unit) => (
              <li class="flex min-h-9 flex-wrap items-center gap-x-6 py-1">
                <span class="min-w-48 font-medium break-all">{unit}</span>
                <code class="font-mono text-xs break-all text-ink-3">journalctl -u {unit} -n 50</code>
              </li>
            )}
          </For>
        </ul>
      </section>
    </Show>
  );
}
