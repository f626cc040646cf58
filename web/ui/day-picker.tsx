import { createUniqueId, For } from "solid-js";
import { Button } from "./button.tsx";
import { DAY_NAMES, inWeekOrder, WEEK, WEEKEND, WORKDAYS } from "./weekly-words.ts";

interface DayPickerProps {
  label: string;
  /** 0 is Sunday. */
  days: readonly number[];
  onChange: (days: number[]) => void;
  error?: string | undefined;
}

const SETS = [
  { label: "Every day", days: WEEK },
  { label: "Mon–Fri", days: WORKDAYS },
  { label: "Weekend", days: WEEKEND },
] as const;

/** Days of the week, Monday first. */
export function DayPicker(props: DayPickerProps) {
  const id = createUniqueId();
  const toggled = (day: number) =>
    inWeekOrder(props.days.includes(day) ? props.days.filter((one) => one !== day) : [...props.days, day]);
  return (
    <fieldset aria-describedby={props.error ? `${id}-below` : undefined}>
      <legend class="mb-1.5 font-medium">{props.label}</legend>
      <div class="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div class="flex" classList={{ "rounded-md outline outline-bad-fill": !!props.error }}>
          <For each={WEEK}>
            {(day) => (
              <button
                type="button"
                title={DAY_NAMES[day]}
                aria-pressed={props.days.includes(day)}
                aria-invalid={props.error ? "true" : undefined}
                class="h-9 w-11 border-y border-r border-line-strong bg-surface text-sm text-ink-2 first:rounded-l-md first:border-l last:rounded-r-md hover:text-ink aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent max-sm:w-10"
                onClick={() => props.onChange(toggled(day))}
              >
                {DAY_NAMES[day]?.slice(0, 3)}
              </button>
            )}
          </For>
        </div>
        <span class="flex gap-1">
          <For each={SETS}>
            {({ label, days }) => (
              <Button look="quiet" class="text-sm" onClick={() => props.onChange([...days])}>
                {label}
              </Button>
            )}
          </For>
        </span>
      </div>
      <p id={`${id}-below`} class="mt-1.5 text-sm text-bad empty:hidden">
        {props.error ?? ""}
      </p>
    </fieldset>
  );
}
