import { isTyping, onEscape, onKey } from "./keyboard.ts";

interface FilterInputProps {
  /** "Filter agents" */
  label: string;
  value: string;
  onInput: (value: string) => void;
}

/** Narrows the list below it. `/` comes here, the arrow goes down into the list, Escape clears, then leaves. */
export function FilterInput(props: FilterInputProps) {
  let input: HTMLInputElement | undefined;
  onKey((event) => {
    if (event.key !== "/" || isTyping(event)) return false;
    input?.focus();
    return true;
  });
  onEscape(() => {
    if (!props.value) return false;
    props.onInput("");
    return true;
  });
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      document.querySelector<HTMLElement>("main [data-row]")?.focus();
    }
    if (event.key !== "Escape") return;
    event.preventDefault();
    if (props.value) props.onInput("");
    else event.currentTarget.blur();
  };
  return (
    <input
      ref={input}
      type="search"
      aria-label={props.label}
      placeholder="Filter  /"
      value={props.value}
      onInput={(event) => props.onInput(event.currentTarget.value)}
      onKeyDown={onKeyDown}
      class="h-8 w-full rounded-md border border-line bg-surface px-2.5 text-[16px] placeholder:text-ink-3 sm:w-56 sm:text-base"
    />
  );
}
