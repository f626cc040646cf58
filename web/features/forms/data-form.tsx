import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { explain, type Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { focusFirst } from "../../ui/keep-focus.ts";
import { Notice } from "../../ui/notice.tsx";
import type { FormField, FormKind, Values } from "./field.ts";
import { FormFieldInput } from "./form-field.tsx";
import { faultsIn, type Kept, placed, valuesOf } from "./values.ts";

interface DataFormProps<Found> {
  kind: FormKind;
  /** What is to be changed; absent for something new. */
  kept: (Kept & { name: string }) | undefined;
  name?: {
    help?: string;
    /** What is said when it is left empty; without it one is suggested. */
    missing?: string;
  };
  /** What is asked besides, each under its name in what is sent. */
  besides?: (faultOf: (name: string) => string | undefined) => JSX.Element;
  besideNames?: readonly string[];
  /** Tries it out before it is kept. */
  test?:
    | {
        verb: string;
        act: (values: Values) => Promise<Found>;
        shown: (found: Found, values: Values, change: (key: string, value: string) => void) => JSX.Element;
        /** Asked before something new is kept of which this was found. */
        doubt?: (found: Found) => string | undefined;
      }
    | undefined;
  save: (values: Values, name: string) => Promise<void>;
  /** Beside the button that saves. */
  children?: JSX.Element;
}

/** Everything about one source or channel, tried out before it is kept. */
export function DataForm<Found>(props: DataFormProps<Found>) {
  const { kind, kept } = props;
  const [values, setValues] = createStore(valuesOf(kind.fields, kept));
  const [name, setName] = createSignal(kept?.name ?? "");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal<"save" | "test">();
  /* In an object of its own: what was found may be anything. */
  const [test, setTest] = createSignal<{ found: Found }>();
  const [doubt, setDoubt] = createSignal<string>();
  const [isOpen, setIsOpen] = createSignal(false);
  let form: HTMLFormElement | undefined;

  const own = createMemo(() => (tried() ? faultsIn(kind.fields, values, kept) : {}));
  const told = createMemo(() => placed(kind.fields, refusal()?.fields ?? {}));
  const nameFault = () =>
    tried() && props.name?.missing && !name().trim() ? props.name.missing : besideFault("name");
  const besideFault = (path: string) => refusal()?.fields[path];
  const faultOf = (key: string) => own()[key] ?? told().under[key];
  const further = () => kind.fields.filter((field) => field.further);
  const isFurtherWrong = () => further().some(({ key }) => faultOf(key));
  /** Said of the whole when no field shows it. */
  const whole = () => {
    const beside = ["name", ...(props.besideNames ?? [])];
    const isShown = Object.keys(told().under).length > 0 || told().rest.some((path) => beside.includes(path));
    return isShown ? undefined : refusal()?.words;
  };
  const suggested = () => kind.nameFrom?.(values) || kind.label;

  const run = async (what: "save" | "test", act: () => Promise<void>) => {
    setTried(true);
    setRefusal(undefined);
    if (busy()) return;
    if (Object.keys(own()).length > 0 || nameFault()) return focusSoon();
    setBusy(what);
    try {
      await act();
    } catch (error) {
      setRefusal(explain(error));
      focusSoon();
    }
    setBusy(undefined);
  };
  const focusSoon = () => queueMicrotask(() => form && focusWrong(form));

  const tryOut = () =>
    run("test", async () => {
      setTest(undefined);
      const found = await props.test?.act(values);
      if (found !== undefined) setTest({ found });
    });
  const keep = () => run("save", () => props.save(values, name().trim() || suggested()));
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const tested = test();
    setDoubt(tested && !kept ? props.test?.doubt?.(tested.found) : undefined);
    if (!doubt()) void keep();
  };
  const change = (key: string, value: string | boolean) => {
    setValues(key, value);
    setValues(kind.follow?.(key, values) ?? {});
    setTest(undefined);
  };

  const asked = (field: FormField) => (
    <Show when={field.when?.(values) ?? true}>
      <FormFieldInput
        field={field}
        value={values[field.key]}
        onChange={(value) => change(field.key, value)}
        error={faultOf(field.key)}
        isKept={kept?.secretsSet.includes(field.key) ?? false}
      />
    </Show>
  );

  return (
    <form
      ref={(element) => {
        form = element;
        if (!kept) focusFirst(element);
      }}
      class="max-w-xl space-y-5"
      onSubmit={save}
      noValidate
    >
      <For each={kind.fields.filter((field) => !field.further)}>{asked}</For>
      <Field
        label="Name"
        value={name()}
        onInput={setName}
        optional={!props.name?.missing}
        example={props.name?.missing ? undefined : suggested()}
        maxLength={80}
        autocomplete="off"
        error={nameFault()}
        help={props.name?.help ?? "What it is called here."}
      />
      {props.besides?.(besideFault)}
      <Show when={further().length > 0}>
        <details
          class="border-t border-line pt-3"
          open={isOpen() || isFurtherWrong()}
          onToggle={(event) => setIsOpen(event.currentTarget.open)}
        >
          <summary class="-mx-2 w-fit rounded-md px-2 py-1 font-medium text-ink-2 hover:text-ink">
            More settings
          </summary>
          <div class="mt-4 space-y-5">
            <For each={further()}>{asked}</For>
          </div>
        </details>
      </Show>
      <Show when={whole()}>
        {(words) => (
          <Notice level="critical" alert>
            {words()}
          </Notice>
        )}
      </Show>
      <Show when={test()} keyed>
        {({ found }) =>
          props.test?.shown(found, values, (key, value) => {
            change(key, value);
            void tryOut();
          })
        }
      </Show>
      <div class="flex flex-wrap gap-2 border-t border-line pt-4">
        <Button type="submit" look="primary" busy={busy() === "save"}>
          {kept ? "Save" : "Add"}
        </Button>
        <Show when={props.test}>
          {(known) => (
            <Button busy={busy() === "test"} onClick={() => void tryOut()}>
              {known().verb}
            </Button>
          )}
        </Show>
        {props.children}
      </div>
      <Show when={doubt()}>
        {(words) => (
          <Confirm title={words()} verb="Add anyway" act={keep} onClose={() => setDoubt(undefined)}>
            <p>It can be changed, and tested again, at any time.</p>
          </Confirm>
        )}
      </Show>
    </form>
  );
}
