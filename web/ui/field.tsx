import { createSignal, createUniqueId, Show } from "solid-js";
import { FieldLabel } from "./field-label.tsx";

interface FieldProps {
  label: string;
  type?: "text" | "email" | "password" | "date" | "time" | "datetime-local";
  value: string;
  onInput: (value: string) => void;
  /** Gone on to another field. Pressing a button is none: what is said then would move it away from the pointer. */
  onLeave?: () => void;
  help?: string;
  error?: string | undefined;
  autocomplete?: string;
  autofocus?: boolean;
  optional?: boolean;
  /** Stands in an empty field. */
  example?: string | undefined;
  /** What a number counts. */
  unit?: string | undefined;
  isNumber?: boolean;
  maxLength?: number;
  ref?: (element: HTMLInputElement) => void;
}

/** One line of a form: label above, help and what is wrong below. */
export function Field(props: FieldProps) {
  const id = createUniqueId();
  const [shown, setShown] = createSignal(false);
  const isPassword = () => props.type === "password";
  const type = () => (isPassword() && shown() ? "text" : (props.type ?? "text"));
  const take = (element: HTMLInputElement) => {
    props.ref?.(element);
    if (props.autofocus) queueMicrotask(() => element.focus());
  };
  return (
    <div>
      <FieldLabel of={id} label={props.label} optional={props.optional} />
      <div class="relative">
        <input
          ref={take}
          id={id}
          type={type()}
          value={props.value}
          maxLength={props.maxLength ?? 256}
          autocomplete={props.autocomplete}
          placeholder={props.example}
          inputmode={props.isNumber ? "decimal" : undefined}
          autocapitalize={props.type === "text" ? undefined : "off"}
          spellcheck={false}
          aria-invalid={props.error ? "true" : undefined}
          aria-describedby={props.error || props.help ? `${id}-below` : undefined}
          onInput={(event) => props.onInput(event.currentTarget.value)}
          onBlur={(event) => event.relatedTarget instanceof HTMLButtonElement || props.onLeave?.()}
          class="h-9 rounded-md border border-line-strong bg-surface px-3 text-[16px] outline-accent aria-invalid:border-bad-fill placeholder:text-ink-3 focus:outline-2 focus:-outline-offset-1 sm:text-base"
          classList={{ "pr-16": isPassword(), "w-28": props.isNumber ?? false, "w-full": !props.isNumber }}
        />
        <Show when={props.unit}>
          <span class="ml-2.5 text-ink-2">{props.unit}</span>
        </Show>
        <Show when={isPassword()}>
          <button
            type="button"
            onClick={() => setShown(!shown())}
            aria-pressed={shown()}
            aria-label={`Show ${props.label.toLowerCase()}`}
            class="absolute inset-y-1 right-1 rounded-sm px-2.5 text-sm text-ink-2 hover:text-ink"
          >
            {shown() ? "Hide" : "Show"}
          </button>
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

/** After a form was refused: to the first field that has to be corrected, if any has. */
export function focusWrong(form: HTMLFormElement): void {
  form.querySelector<HTMLInputElement>('[aria-invalid="true"]')?.focus();
}
