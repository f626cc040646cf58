import { For, type JSX, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { partsOf } from "../../state/inventory.ts";
import { Figure } from "../../ui/figure.tsx";
import { bytes, bytesPerSecond, percent } from "../../ui/format.ts";
import { Meter } from "../../ui/meter.tsx";
import { topProcessesOf } from "../machine/facts.ts";
import { FILESYSTEM_LEVELS, levelOf } from "./problems.ts";

const ROWS = 6;

/** What else there is to see of a machine that has the page to itself. */
export function MachineGlance(props: { machine: Resource }) {
  const filesystems = () => partsOf(props.machine.id, "filesystem").slice(0, ROWS);
  const interfaces = () => partsOf(props.machine.id, "interface").slice(0, ROWS);
  const processes = () => topProcessesOf(props.machine).slice(0, ROWS);
  return (
    <div class="mt-7 grid gap-x-10 gap-y-7 lg:grid-cols-2 lg:grid-rows-[auto_1fr] 2xl:grid-cols-3 2xl:grid-rows-none">
      <Show when={filesystems().length > 0}>
        <Block title="Filesystems" headings={["", "Used", "", "Left"]}>
          <For each={filesystems()}>
            {(part) => {
              const used = () => part.metrics["filesystem_used_percent"];
              const level = () =>
                part.attributes["read_only"] === true ? "fine" : levelOf(used(), FILESYSTEM_LEVELS);
              return (
                <tr>
                  <NameCell name={part.name} />
                  <td>
                    <Figure value={percent(used())} />
                  </td>
                  <td>
                    <Meter class="w-20" percent={used()} level={level()} />
                  </td>
                  <td class="min-w-22">
                    <Figure value={bytes(part.metrics["filesystem_available_bytes"])} />
                  </td>
                </tr>
              );
            }}
          </For>
        </Block>
      </Show>
      <Show when={processes().length > 0}>
        <Block tall title="Busiest processes" headings={["", "CPU", "Memory"]}>
          <For each={processes()}>
            {(process) => (
              <tr>
                <NameCell name={process.name} />
                <td class="min-w-18">
                  <Figure value={percent(process.cpu_percent)} />
                </td>
                <td class="min-w-24">
                  <Figure value={bytes(process.memory_bytes)} />
                </td>
              </tr>
            )}
          </For>
        </Block>
      </Show>
      <Show when={interfaces().length > 0}>
        <Block title="Interfaces" headings={["", "In", "Out"]}>
          <For each={interfaces()}>
            {(part) => (
              <tr>
                <NameCell name={part.name} />
                <td class="min-w-26">
                  <Figure value={bytesPerSecond(part.metrics["network_receive_bytes_per_second"])} />
                </td>
                <td class="min-w-26">
                  <Figure value={bytesPerSecond(part.metrics["network_transmit_bytes_per_second"])} />
                </td>
              </tr>
            )}
          </For>
        </Block>
      </Show>
    </div>
  );
}

function Block(props: { title: string; headings: string[]; tall?: boolean; children: JSX.Element }) {
  return (
    <section
      aria-label={props.title}
      class="min-w-0"
      classList={{ "lg:col-start-2 lg:row-span-2 2xl:row-span-1": props.tall ?? false }}
    >
      <table class="figures w-full">
        <thead>
          <tr>
            <For each={props.headings}>
              {(heading, index) => (
                <th scope="col">
                  {index() === 0 ? (
                    <span class="text-base font-semibold text-ink">{props.title}</span>
                  ) : (
                    heading
                  )}
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  );
}

function NameCell(props: { name: string }) {
  return (
    <td class="w-full max-w-0 truncate" title={props.name}>
      {props.name}
    </td>
  );
}
