import { Show } from "solid-js";

/** Above what is filled in. `of` is the id of what has the focus. */
export function FieldLabel(props: { of: string; label: string; optional: boolean | undefined }) {
  return (
    <div class="mb-1.5 flex items-baseline justify-between">
      <label for={props.of} class="font-medium">
        {props.label}
      </label>
      <Show when={props.optional}>
        <span class="text-sm text-ink-3">optional</span>
      </Show>
    </div>
  );
}
