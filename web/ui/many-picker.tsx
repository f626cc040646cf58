import { createMemo, createSignal, createUniqueId, For, Show } from "solid-js";
import { FieldLabel } from "./field-label.tsx";

export interface Option {
  value: string;
  label: string;
  hint?: string | undefined;
}

interface ManyPickerProps {
  label: string;
  /** What was chosen, in order. */
  chosen: readonly Option[];
  /** What fits what is typed, best first; nothing typed: what is likely. What is chosen already is left out here. */
  find: (typed: string) => readonly Option[];
  onChange: (values: string[]) => void;
  /** One takes the place of the other. */
  one?: boolean;
  most?: number;
  help?: string | undefined;
  error?: string | undefined;
  /** Stands in the field while nothing is chosen: what that means. */
  none?: string | undefined;
  optional?: boolean;
  ref?: (element: HTMLInputElement) => void;
}

const SHOWN = 50;

/** Some of many: typed to be found, picked by key or pointer, each taken away again by its own button. */
export function ManyPicker(props: ManyPickerProps) {
  const id = createUniqueId();
  let input: HTMLInputElement | undefined;
  const [typed, setTyped] = createSignal("");
  const [open, setOpen] = createSignal(false);
  const [active, setActive] = createSignal(0);
  const values = () => props.chosen.map(({ value }) => value);
  const isFull = () => !props.one && props.chosen.length >= (props.most ?? Number.POSITIVE_INFINITY);
  const found = createMemo(() => {
    if (!open() || isFull()) return [];
    const taken = new Set(values());
    return props
      .find(typed().trim())
      .filter(({ value }) => !taken.has(value))
      .slice(0, SHOWN);
  });
  const pick = (option: Option | undefined) => {
    if (!option) return;
    props.onChange(props.one ? [option.value] : [...values(), option.value]);
    setTyped("");
    setActive(0);
    setOpen(false);
    input?.focus();
  };
  const drop = (value: string) => {
    props.onChange(values().filter((one) => one !== value));
    input?.focus();
  };
  const move = (step: number) => {
    const { length } = found();
    if (length === 0) return;
    setActive((active() + step + length) % length);
    document.getElementById(`${id}-${active()}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const wasOpen = open();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      setOpen(true);
      if (wasOpen) move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && found().length > 0) pick(found()[active()]);
    else if (event.key === "Backspace" && typed() === "" && props.chosen.length > 0)
      drop(values().at(-1) ?? "");
    else if (event.key === "Escape" && wasOpen) {
      setOpen(false);
    } else return;
    event.preventDefault();
  };
  return (
    <div>
      <FieldLabel of={id} label={props.label} optional={props.optional} />
      <div class="relative">
        <div
          class="flex min-h-9 flex-wrap items-center gap-1.5 rounded-md border border-line-strong bg-surface px-1.5 py-1 outline-accent has-[input:focus]:outline-2 has-[input:focus]:-outline-offset-1 has-[[aria-invalid]]:border-bad-fill"
          onPointerDown={(event) => {
            if (event.target !== event.currentTarget) return;
            event.preventDefault();
            input?.focus();
          }}
        >
          <ul class="contents" aria-label={`${props.label}, chosen`}>
            <For each={props.chosen}>
              {(option) => (
                <li class="inline-flex h-6 max-w-full items-center rounded-sm bg-accent-soft pl-2">
                  <span class="truncate" title={option.hint}>
                    {option.label}
                  </span>
                  <button
                    type="button"
                    class="inline-flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-2 hover:text-ink"
                    aria-label={`Take ${option.label} away`}
                    onClick={() => drop(option.value)}
                  >
                    <span aria-hidden="true">×</span>
                  </button>
                </li>
              )}
            </For>
          </ul>
          <input
            ref={(element) => {
              input = element;
              props.ref?.(element);
            }}
            id={id}
            role="combobox"
            aria-expanded={found().length > 0}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={found().length > 0 ? `${id}-${active()}` : undefined}
            aria-invalid={props.error ? "true" : undefined}
            aria-describedby={props.error || props.help ? `${id}-below` : undefined}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            maxLength={100}
            placeholder={props.chosen.length === 0 ? props.none : undefined}
            value={typed()}
            onFocus={() => setOpen(true)}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              setActive(0);
              setOpen(true);
            }}
            onKeyDown={onKeyDown}
            class="h-7 min-w-24 flex-1 bg-transparent px-1.5 text-[16px] outline-none placeholder:text-ink-3 sm:text-base"
          />
        </div>
        <div
          id={`${id}-list`}
          role="listbox"
          aria-label={props.label}
          class="absolute inset-x-0 top-full z-30 mt-1 max-h-60 overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-[var(--shadow)]"
          classList={{ hidden: found().length === 0 }}
        >
          <For each={found()}>
            {(option, index) => (
              // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input, which names the active option
              // biome-ignore lint/a11y/useKeyWithClickEvents: the input handles the keys for all options
              <div
                id={`${id}-${index()}`}
                role="option"
                tabindex="-1"
                aria-selected={index() === active()}
                class="flex min-h-8 cursor-default items-center gap-3 rounded-sm px-2 aria-selected:bg-hover"
                onPointerMove={() => setActive(index())}
                /* Before the field would lose the focus, and with it this list. */
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => pick(option)}
              >
                <span class="min-w-0 flex-1 truncate">{option.label}</span>
                <span class="max-w-[45%] truncate text-sm text-ink-3">{option.hint}</span>
              </div>
            )}
          </For>
        </div>
        <Show when={open() && typed().trim() !== "" && found().length === 0 && !isFull()}>
          <p class="absolute inset-x-0 top-full z-30 mt-1 rounded-md border border-line bg-raised px-3 py-2 text-ink-2 shadow-[var(--shadow)]">
            Nothing here is called “{typed().trim()}”.
          </p>
        </Show>
      </div>
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
