import { A } from "@solidjs/router";
import { Show } from "solid-js";
import { operates } from "../settings/links.ts";

/** Stands where something would be that needs a licence. */
export function Unlicensed() {
  return (
    <div class="max-w-2xl border-t border-line pt-5">
      <p class="font-medium">This needs a licence</p>
      <Show
        when={operates()}
        fallback={
          <p class="mt-1 text-ink-2">
            Several organizations on one server need a licence, and this server has none that counts. Ask
            whoever operates it. Nothing is deleted meanwhile.
          </p>
        }
      >
        <p class="mt-1 text-ink-2">
          Several organizations on one server need a licence, and this server has none that counts. Whoever
          runs it for themselves can license it themselves, at once.
        </p>
        <p class="mt-4">
          <A href="/settings/licence" class="font-medium text-accent hover:underline">
            Go to the licence
          </A>
        </p>
      </Show>
    </div>
  );
}
