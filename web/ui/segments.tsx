import { For, type JSX } from "solid-js";

interface SegmentsProps<Value extends string> {
  label: string;
  options: readonly { value: Value; label: string; icon?: JSX.Element; hideLabel?: boolean }[];
  value: Value | undefined;
  onChoose: (value: Value) => void;
  /** The pointer or the focus is on it: it may be chosen next. */
  onNear?: (value: Value) => void;
}

/** A few choices side by side, one of them chosen. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  return (
    <fieldset
      class="flex h-8 items-center rounded-md border border-line bg-surface p-0.5"
      aria-label={props.label}
    >
      <For each={props.options}>
        {(option) => (
          <button
            type="button"
            aria-pressed={props.value === option.value}
            aria-label={option.hideLabel ? option.label : undefined}
            title={option.hideLabel ? option.label : undefined}
            onClick={() => props.onChoose(option.value)}
            onPointerEnter={() => props.onNear?.(option.value)}
            onFocus={() => props.onNear?.(option.value)}
            class="flex h-full items-center gap-1.5 rounded-sm px-2.5 text-sm whitespace-nowrap text-ink-2 transition-colors hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent"
          >
            {option.icon}
            {option.hideLabel ? null : option.label}
          </button>
        )}
      </For>
    </fieldset>
  );
}
