import { A } from "@solidjs/router";
import { createSignal, lazy, Show, Suspense } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { edits } from "../settings/links.ts";

const ExplainedRules = lazy(async () => ({ default: (await import("./explained.tsx")).ExplainedRules }));

/** Which rules there are for it and why, for whoever asks. What another organization shows has its rules there. */
export function RulesSection(props: { resource: Resource }) {
  const [opened, setOpened] = createSignal(false);
  return (
    <Show when={!props.resource.sharedFrom}>
      <section class="relative border-t border-line py-5" aria-label="Rules">
        <details onToggle={(event) => setOpened(event.currentTarget.open)}>
          <summary class="-mx-2 mr-20 w-fit rounded-md px-2 py-1 hover:bg-hover">
            <h2 class="inline text-lg font-semibold">Rules</h2>
            <span class="ml-3 text-sm text-ink-2">what is watched here, and why it is told or not</span>
          </summary>
          <Show when={opened()}>
            <Suspense fallback={<div class="skeleton mt-3 h-40 w-full" />}>
              <ExplainedRules resource={props.resource} />
            </Suspense>
          </Show>
        </details>
        <Show when={edits()}>
          <A
            href={`/alerts/silences/new?resource=${props.resource.id}`}
            class="absolute top-5 right-0 py-1 font-medium text-accent hover:underline"
          >
            Silence…
          </A>
        </Show>
      </section>
    </Show>
  );
}
