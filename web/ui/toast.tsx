import { createSignal, Show } from "solid-js";
import { onSwitched } from "../api/org-context.ts";

const STAY_MS = 6_000;
const [words, setWords] = createSignal("");
let timer: ReturnType<typeof setTimeout> | undefined;

/** One sentence at the edge of the page, gone by itself: for what has no place of its own. */
export function toast(sentence: string): void {
  clearTimeout(timer);
  setWords(sentence);
  timer = setTimeout(() => setWords(""), STAY_MS);
}

onSwitched(() => setWords(""));

export function ToastPlace() {
  return (
    <div
      class="pointer-events-none fixed inset-x-4 bottom-5 z-50 flex justify-center"
      role="status"
      aria-live="polite"
    >
      <Show when={words()}>
        {(sentence) => (
          <p class="settle rounded-md border border-line bg-raised px-3.5 py-2 shadow-[var(--shadow)]">
            {sentence()}
          </p>
        )}
      </Show>
    </div>
  );
}
