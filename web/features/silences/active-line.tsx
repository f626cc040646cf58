import { A } from "@solidjs/router";
import { Show } from "solid-js";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { activeWords } from "./words.ts";

const LOOK_EVERY_MS = 30_000;

/** In one line what nobody is told of now; nothing where that is nothing. */
export function ActiveSilences() {
  const asked = createRenewed(() => api.alerts.silences.query(), LOOK_EVERY_MS);
  const words = () => activeWords(asked.value()?.silences ?? []);
  return (
    <Show when={words()}>
      {(said) => (
        <p class="mt-3">
          <A
            href="/alerts/silences"
            class="inline-block max-w-full truncate rounded-md border border-line bg-surface px-3 py-1.5 text-ink-2 hover:text-ink"
          >
            {said()}
          </A>
        </p>
      )}
    </Show>
  );
}
