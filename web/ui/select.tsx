import { createUniqueId, For } from "solid-js";

interface SelectProps<Value extends string> {
  label: string;
  options: readonly { value: Value; label: string }[];
  value: Value;
  onChoose: (value: Value) => void;
  help?: string | undefined;
  error?: string | undefined;
  /** In a row of filters: the label is only read aloud. */
  bare?: boolean;
}

/** One of a list, with the browser's own means. */
export function Select<Value extends string>(props: SelectProps<Value>) {
  const id = createUniqueId();
  return (
    <div class="min-w-0">
      <label for={id} class={props.bare ? "sr-only" : "mb-1.5 block font-medium"}>
        {props.label}
      </label>
      <select
        id={id}
        value={props.value}
        aria-invalid={props.error ? "true" : undefined}
        aria-describedby={props.error || props.help ? `${id}-below` : undefined}
        onChange={(event) => props.onChoose(event.currentTarget.value as Value)}
        class="w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 text-[16px] outline-accent aria-invalid:border-bad-fill focus:outline-2 focus:-outline-offset-1 sm:text-base"
        classList={{ "h-8": props.bare ?? false, "h-9": !props.bare }}
      >
        <For each={props.options}>{(option) => <option value={option.value}>{option.label}</option>}</For>
      </select>
      <p
        id={`${id}-below`}
        class="mt-1.5 text-sm empty:hidden"
        classList={{ "text-bad": !!props.error, "text-ink-2": !props.error }}
      >
        {props.error ?? props.help ?? ""}
      </p>
    </div>
  );
}
