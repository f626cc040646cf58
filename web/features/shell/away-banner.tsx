import { Show } from "solid-js";
import { connection, retryLive } from "../../state/live.ts";
import { clock } from "../../ui/format.ts";
import { looksOld } from "./connection-words.ts";

export function AwayBanner() {
  return (
    <Show when={looksOld()}>
      <div class="settle z-20 flex items-center gap-3 border-b border-warn-fill/40 bg-warn-soft px-4 py-1.5 text-sm wide:sticky wide:top-0 wide:px-8">
        <span class="min-w-0 flex-1">
          <strong class="font-medium">The server does not answer.</strong> Figures are from{" "}
          {clock(connection().since)}; they go on by themselves when it is back.
        </span>
        <button
          type="button"
          class="-my-1 h-7 shrink-0 rounded-sm px-1 font-medium text-accent hover:underline"
          onClick={retryLive}
        >
          Try now
        </button>
      </div>
    </Show>
  );
}
