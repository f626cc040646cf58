import { createEffect, createSignal, For, on, onCleanup, Show } from "solid-js";
import type { Merge, Resource } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { moment } from "../../ui/format.ts";
import { sourceWords } from "../resources/figures.ts";

/** Who else sees this machine, why it is held to be the same, and the way to say that it is not. */
export function Merges(props: { resource: Resource; maySeparate: boolean }) {
  const [merges, setMerges] = createSignal<readonly Merge[]>([]);
  const [separating, setSeparating] = createSignal<Merge>();
  let gone = false;
  onCleanup(() => {
    gone = true;
  });
  const ask = async () => {
    const id = props.resource.id;
    const found = await api.resources.merges.query().catch(() => undefined);
    if (found && !gone && id === props.resource.id)
      setMerges(found.merges.filter(({ resource }) => resource.id === id));
  };
  createEffect(
    on(
      () => [props.resource.id, props.resource.sources.join()],
      () => void ask(),
    ),
  );
  return (
    <Show when={merges().length > 0}>
      <section aria-labelledby="merges" class="max-w-2xl">
        <h2 id="merges" class="text-sm text-ink-2">
          Seen by {merges().length + 1} sources
        </h2>
        <ul class="mt-1 divide-y divide-line border-y border-line">
          <For each={merges()}>
            {(merge) => (
              <li class="flex min-h-9 flex-wrap items-center gap-x-4 py-1">
                <span class="min-w-0 truncate font-medium" title={merge.absorbed.name}>
                  {merge.absorbed.name}
                </span>
                <span class="min-w-0 flex-1 text-sm text-ink-2" title={moment(merge.at)}>
                  {sourceWords([merge.absorbed.source])},{" "}
                  {merge.how === "said" ? "said to be the same" : merge.evidence}
                </span>
                <Show when={props.maySeparate}>
                  <Button look="quiet" class="h-7! text-sm" onClick={() => setSeparating(merge)}>
                    Separate
                  </Button>
                </Show>
              </li>
            )}
          </For>
        </ul>
      </section>
      <Show when={separating()} keyed>
        {(merge) => (
          <Confirm
            title={`Separate ${merge.absorbed.name}?`}
            verb="Separate"
            act={async () => {
              await api.resources.separate.mutate({ id: merge.id });
              await ask();
            }}
            onClose={() => setSeparating(undefined)}
          >
            <p>It becomes a machine of its own again, and stays one until somebody says otherwise.</p>
          </Confirm>
        )}
      </Show>
    </Show>
  );
}
