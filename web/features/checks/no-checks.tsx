import { Show } from "solid-js";
import { administers } from "../settings/links.ts";
import { BeatBar } from "./beat-bar.tsx";
import { CheckPicker } from "./check-picker.tsx";
import type { Result } from "./results.ts";

/** A morning with one short outage. */
const EXAMPLE: Result[] = Array.from({ length: 40 }, (_, index) => ({
  at: Date.UTC(2026, 0, 1, 9, index),
  state: index === 24 || index === 25 ? "down" : "up",
}));

export function NoChecks() {
  return (
    <div class="max-w-2xl border-t border-line pt-5">
      <p class="font-medium">No checks yet</p>
      <p class="mt-1 text-ink-2">
        A check asks something the way its users do, over and over, and says in one sentence what is wrong.
        For example: https://shop.example.org must answer within two seconds and contain “Welcome”. After two
        failed tries it is down, and this is what it then looks like:
      </p>
      <div class="mt-3 flex flex-wrap items-center gap-x-6 gap-y-2 rounded-md border border-line bg-surface px-4 py-3">
        <span class="min-w-0">
          <span class="font-medium">shop.example.org</span>
          <span class="block text-sm text-ink-2">Web page or API</span>
        </span>
        <BeatBar results={EXAMPLE} class="ml-auto" />
        <span>
          182<span class="ml-[0.25em] text-[0.86em] text-ink-3">ms</span>
        </span>
      </div>
      <Show
        when={administers()}
        fallback={<p class="mt-5 text-ink-2">Checks are set up by admins. Ask one of them for the first.</p>}
      >
        <h2 class="mt-7 mb-2 font-semibold">What do you want to check?</h2>
        <CheckPicker />
      </Show>
    </div>
  );
}
