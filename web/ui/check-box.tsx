import { createUniqueId } from "solid-js";

/** Yes or no; what it means stands below. */
export function CheckBox(props: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  help?: string | undefined;
}) {
  const id = createUniqueId();
  return (
    <div>
      {/* Around both, so that a finger hits it. */}
      <label class="inline-flex gap-2.5 py-0.5 font-medium">
        <input
          type="checkbox"
          class="mt-[3px] size-3.5 shrink-0 accent-accent"
          checked={props.checked}
          aria-describedby={props.help ? `${id}-below` : undefined}
          onChange={(event) => props.onChange(event.currentTarget.checked)}
        />
        {props.label}
      </label>
      <p id={`${id}-below`} class="pl-6 text-sm text-ink-2 empty:hidden">
        {props.help ?? ""}
      </p>
    </div>
  );
}
