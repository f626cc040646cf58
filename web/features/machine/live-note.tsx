import { createMemo, Show } from "solid-js";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import type { Motion } from "./live-motion.ts";
import { liveWords } from "./live-words.ts";

/** How often the machine reports while it is looked at. One line, whatever it says. */
export function LiveNote(props: { motion: Motion }) {
  const said = createMemo(() => liveWords(props.motion.pace(), now()), undefined, {
    equals: (one, other) => JSON.stringify(one) === JSON.stringify(other),
  });
  return (
    <p class="flex min-h-8 items-center gap-2 text-sm text-ink-2">
      <span
        aria-hidden="true"
        class="size-1.5 shrink-0 rounded-full"
        classList={{ "bg-accent": said().isFast, "bg-ink-3": !said().isFast }}
      />
      <span role="status">{said().words}</span>
      <Show when={said().canBegin}>
        <Button look="quiet" onClick={props.motion.again}>
          Go on
        </Button>
      </Show>
    </p>
  );
}
