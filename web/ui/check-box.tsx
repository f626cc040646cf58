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
    <div class="flex gap-2.5">
      <input
        id={id}
        type="checkbox"
        class="mt-[3px] size-3.5 shrink-0 accent-accent"
        checked={props.checked}
        aria-describedby={props.help ? `${id}-below` : undefined}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <div>
        <label for={id} class="font-medium">
          {props.label}
        </label>
        <p id={`${id}-below`} class="text-sm text-ink-2 empty:hidden">
          {props.help ?? ""}
        </p>
      </div>
    </div>
  );
}
