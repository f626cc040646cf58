import { Match, Switch } from "solid-js";
import { Button } from "../../ui/button.tsx";
import { CheckBox } from "../../ui/check-box.tsx";
import { Field } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import type { FieldOf, FormField } from "./field.ts";

interface FormFieldProps {
  field: FormField;
  value: string | boolean | undefined;
  onChange: (value: string | boolean) => void;
  error: string | undefined;
  /** A secret of this name is kept. */
  isKept: boolean;
}

const LINES_LENGTH = 8_000;

/** One field of a form that is written as data. */
export function FormFieldInput(props: FormFieldProps) {
  const as = <Input extends FormField["input"]>(...inputs: Input[]) =>
    (inputs as string[]).includes(props.field.input) && (props.field as FieldOf<Input>);
  const common = () => ({
    label: props.field.label,
    value: String(props.value ?? ""),
    onInput: props.onChange,
    error: props.error,
    optional: props.field.optional ?? false,
    ...(props.field.help && { help: props.field.help }),
  });
  return (
    <Switch>
      <Match when={as("text", "scalar", "span")}>
        <Field
          {...common()}
          autocomplete="off"
          maxLength={2_000}
          example={"example" in props.field ? props.field.example : undefined}
        />
      </Match>
      <Match when={as("number")}>
        {(field) => <Field {...common()} isNumber autocomplete="off" unit={field().unit} maxLength={12} />}
      </Match>
      <Match when={as("secret")}>
        <Secret {...props} common={common()} />
      </Match>
      <Match when={as("choice")}>
        {(field) => (
          <Select
            label={field().label}
            options={field().options}
            value={String(props.value ?? field().standard)}
            onChoose={props.onChange}
            help={field().help}
            error={props.error}
          />
        )}
      </Match>
      <Match when={as("switch")}>
        {(field) => (
          <CheckBox
            label={field().label}
            checked={props.value === true}
            onChange={props.onChange}
            help={field().help}
          />
        )}
      </Match>
      <Match when={as("area", "lines", "headers", "metrics")}>
        {(field) => <TextArea {...common()} code maxLength={LINES_LENGTH} example={field().example} />}
      </Match>
    </Switch>
  );
}

/** What is kept is not shown, and need not be entered again. */
function Secret(
  props: FormFieldProps & { common: { label: string; value: string; onInput: (value: string) => void } },
) {
  const isForgotten = () => props.value === false;
  const help = () => {
    if (isForgotten()) return "It is forgotten when you save.";
    return props.isKept ? "Kept. Enter it again to change it." : props.field.help;
  };
  const field = () => ({
    ...props.common,
    value: isForgotten() ? "" : props.common.value,
    example: props.isKept && !isForgotten() ? "••••••••" : undefined,
    help: help() ?? "",
  });
  return (
    <div>
      {"lines" in props.field && props.field.lines ? (
        <TextArea {...field()} code maxLength={LINES_LENGTH} />
      ) : (
        <Field {...field()} type="password" autocomplete="new-password" maxLength={4_000} />
      )}
      {props.isKept && props.field.optional ? (
        <Button
          look="quiet"
          class="mt-1 -ml-2 text-sm"
          onClick={() => props.onChange(isForgotten() ? "" : false)}
        >
          {isForgotten() ? "Keep it after all" : "Forget it"}
        </Button>
      ) : null}
    </div>
  );
}
