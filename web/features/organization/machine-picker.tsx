import { createMemo, createSignal, createUniqueId, For, onMount, Show } from "solid-js";
import { machines } from "../../state/inventory.ts";
import { Field } from "../../ui/field.tsx";
import { rank } from "../shell/rank.ts";

interface MachinePickerProps {
  value: string | undefined;
  onChoose: (id: string | undefined) => void;
  error?: string | undefined;
}

const SHOWN = 50;
/** With so few there is nothing to search. */
const FEW = 5;

/** One of the organization's own machines: what is shared with it is not its to share. */
export function MachinePicker(props: MachinePickerProps) {
  const [wanted, setWanted] = createSignal("");
  const wrong = createUniqueId();
  const own = createMemo(() => machines().filter((machine) => !machine.sharedFrom));
  const found = createMemo(() => rank(own(), wanted()).slice(0, SHOWN));
  onMount(() => {
    const [only, ...others] = own();
    if (only && others.length === 0) props.onChoose(only.id);
  });
  return (
    <Show
      when={own().length > 0}
      fallback={<p class="text-ink-2">There is no machine here yet that could be shared.</p>}
    >
      <div class="space-y-2">
        <p class="mb-1.5 font-medium" aria-hidden="true">
          Machine
        </p>
        <Show when={own().length > FEW}>
          <Field label="Find a machine" autocomplete="off" autofocus value={wanted()} onInput={setWanted} />
        </Show>
        <fieldset
          aria-invalid={props.error ? "true" : undefined}
          class="max-h-44 overflow-y-auto rounded-md border border-line-strong p-1"
        >
          <legend class="sr-only">Machine</legend>
          <For each={found()} fallback={<p class="px-2 py-1.5 text-ink-2">None is called “{wanted()}”.</p>}>
            {(machine) => (
              <label class="flex min-h-8 items-center gap-2.5 rounded-sm px-2 hover:bg-hover">
                <input
                  type="radio"
                  name="machine"
                  class="size-3.5 shrink-0 accent-accent"
                  checked={props.value === machine.id}
                  aria-invalid={props.error ? "true" : undefined}
                  aria-describedby={props.error ? wrong : undefined}
                  onChange={() => props.onChoose(machine.id)}
                />
                <span class="min-w-0 flex-1 truncate" title={machine.name}>
                  {machine.name}
                </span>
                <span class="text-sm text-ink-3">{machine.status}</span>
              </label>
            )}
          </For>
        </fieldset>
        <p id={wrong} class="text-sm text-bad empty:hidden" role="alert">
          {props.error ?? ""}
        </p>
      </div>
    </Show>
  );
}
