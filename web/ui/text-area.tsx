import { createUniqueId } from "solid-js";
import { FieldLabel } from "./field-label.tsx";

interface TextAreaProps {
  label: string;
  value: string;
  onInput: (value: string) => void;
  help?: string | undefined;
  error?: string | undefined;
  autofocus?: boolean;
  optional?: boolean;
  example?: string | undefined;
  maxLength: number;
  /** What a program reads: each sign of it counts. */
  code?: boolean;
}

/** Several lines of a form. */
export function TextArea(props: TextAreaProps) {
  const id = createUniqueId();
  return (
    <div>
      <FieldLabel of={id} label={props.label} optional={props.optional} />
      <textarea
        ref={(element) => props.autofocus && queueMicrotask(() => element.focus())}
        id={id}
        rows={3}
        value={props.value}
        maxLength={props.maxLength}
        placeholder={props.example}
        spellcheck={!props.code}
        autocapitalize={props.code ? "off" : "sentences"}
        aria-invalid={props.error ? "true" : undefined}
        aria-describedby={props.error || props.help ? `${id}-below` : undefined}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        class="block w-full resize-y rounded-md border border-line-strong bg-surface px-3 py-2 text-[16px] outline-accent aria-invalid:border-bad-fill placeholder:text-ink-3 focus:outline-2 focus:-outline-offset-1 sm:text-sm"
        classList={{ "font-mono": props.code }}
      />
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
