import { createMemo, createSignal, For, Show } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { machines } from "../../state/inventory.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Layer } from "../../ui/layer.tsx";
import { Notice } from "../../ui/notice.tsx";
import { sourceWords } from "../resources/figures.ts";
import { rank } from "../shell/rank.ts";

const SHOWN = 50;

/** Two sources see one machine and nothing tells so: a person does. */
export function SameAs(props: { machine: Resource; onClose: (merged: boolean) => void }) {
  const [wanted, setWanted] = createSignal("");
  const [chosen, setChosen] = createSignal<string>();
  const [refusal, setRefusal] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const others = createMemo(() =>
    machines().filter((other) => other.id !== props.machine.id && !other.sharedFrom),
  );
  const found = createMemo(() => rank(others(), wanted()).slice(0, SHOWN));

  const merge = async () => {
    const other = others().find(({ id }) => id === chosen());
    if (!other) return;
    setBusy(true);
    setRefusal(undefined);
    try {
      await api.resources.merge.mutate({ id: props.machine.id, absorbed: other.id });
      props.onClose(true);
    } catch (error) {
      const { words, fields } = explain(error);
      setRefusal(Object.values(fields)[0] ?? words);
    }
    setBusy(false);
  };

  return (
    <Layer label={`${props.machine.name} is the same as…`} heading onClose={() => props.onClose(false)}>
      <div class="space-y-4 overflow-y-auto px-5 pt-1 pb-5">
        <p class="text-ink-2">
          Both become one machine that keeps the name and the history of {props.machine.name}. They can be
          separated again.
        </p>
        <Show when={others().length > 0} fallback={<p class="text-ink-2">There is no other machine.</p>}>
          <Field label="Find a machine" autocomplete="off" autofocus value={wanted()} onInput={setWanted} />
          <fieldset class="max-h-56 overflow-y-auto rounded-md border border-line-strong p-1">
            <legend class="sr-only">The same machine</legend>
            <For each={found()} fallback={<p class="px-2 py-1.5 text-ink-2">None is called “{wanted()}”.</p>}>
              {(machine) => (
                <label class="flex min-h-8 items-center gap-2.5 rounded-sm px-2 hover:bg-hover">
                  <input
                    type="radio"
                    name="same"
                    class="size-3.5 shrink-0 accent-accent"
                    checked={chosen() === machine.id}
                    onChange={() => setChosen(machine.id)}
                  />
                  <span class="min-w-0 flex-1 truncate" title={machine.name}>
                    {machine.name}
                  </span>
                  <span class="text-sm text-ink-3">{sourceWords(machine.sources)}</span>
                </label>
              )}
            </For>
          </fieldset>
        </Show>
        <Show when={refusal()}>
          {(words) => (
            <Notice level="critical" alert>
              {words()}
            </Notice>
          )}
        </Show>
        <div class="flex justify-end gap-2">
          <Button look="quiet" onClick={() => props.onClose(false)}>
            Cancel
          </Button>
          <Button look="primary" busy={busy()} disabled={!chosen()} onClick={() => void merge()}>
            They are the same
          </Button>
        </div>
      </div>
    </Layer>
  );
}
