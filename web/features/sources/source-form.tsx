import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { createStore } from "solid-js/store";
import type { AgentInfo } from "../../../server/contract/agents.ts";
import type { Source, SourceTest, SourceType } from "../../../server/contract/sources.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { FormFieldInput } from "./form-field.tsx";
import type { FormField } from "./forms/field.ts";
import { FORMS } from "./forms/forms.ts";
import { faultsIn, placed, sentFrom, valuesOf } from "./forms/values.ts";
import { intervalsWith, STANDARD_INTERVAL_MS } from "./interval.ts";
import { TestResult } from "./test-result.tsx";

interface SourceFormProps {
  type: SourceType;
  /** The one to change; absent for a new one. */
  source?: Source | undefined;
  /** Who could make a check instead of the server. */
  agents?: readonly AgentInfo[];
  onSaved: (source: Source) => void;
  /** Beside the button that saves. */
  children?: JSX.Element;
}

/** Everything about one source, tried out before it is kept. */
export function SourceForm(props: SourceFormProps) {
  const kind = FORMS[props.type];
  const source = props.source;
  const [values, setValues] = createStore(valuesOf(kind.fields, source));
  const [name, setName] = createSignal(source?.name ?? "");
  const [interval, setInterval] = createSignal(String(source?.intervalMs ?? STANDARD_INTERVAL_MS));
  const [from, setFrom] = createSignal<string>(source?.from ?? "server");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal<"save" | "test">();
  const [test, setTest] = createSignal<SourceTest>();
  const [isOpen, setIsOpen] = createSignal(false);
  let form: HTMLFormElement | undefined;

  const isHeard = props.type === "heartbeat";
  const mayComeFromAgent = () => (props.agents ?? []).length > 0 && !isHeard;
  const own = createMemo(() => (tried() ? faultsIn(kind.fields, values, source) : {}));
  const told = createMemo(() => placed(kind.fields, refusal()?.fields ?? {}));
  const nameFault = () => {
    if (tried() && isHeard && !name().trim())
      return "Give it a name: what sends it, for example “nightly backup”.";
    return refusal()?.fields["name"];
  };
  const faultOf = (key: string) => own()[key] ?? told().under[key];
  const further = () => kind.fields.filter((field) => field.further);
  const isFurtherWrong = () => further().some(({ key }) => faultOf(key));
  /** Said of the whole when no field shows it. */
  const whole = () => {
    const { rest } = told();
    const shown =
      Object.keys(told().under).length > 0 || rest.some((path) => path === "name" || path === "from");
    return refusal() && !shown ? refusal()?.words : undefined;
  };

  const change = (key: string, value: string | boolean) => {
    setValues(key, value);
    setTest(undefined);
  };
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
  const sent = () => sentFrom(kind.fields, values, source?.secretsSet);

  const tryOut = () =>
    run("test", async () => {
      setTest(undefined);
      setTest(
        await api.sources.test.mutate({ ...(source && { id: source.id }), type: props.type, ...sent() }),
      );
    });
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    return run("save", async () => {
      const input = {
        name: name().trim() || kind.nameFrom(values) || kind.label,
        ...sent(),
        intervalMs: Number(interval()),
        from: from() as Source["from"],
      };
      const saved = source
        ? await api.sources.update.mutate({ id: source.id, ...input })
        : await api.sources.create.mutate({ type: props.type, ...input });
      props.onSaved(saved.source);
    });
  };
  const trust = (fingerprint: string) => {
    setValues("fingerprint", fingerprint);
    void tryOut();
  };

  const asked = (field: FormField) => (
    <Show when={field.when?.(values) ?? true}>
      <FormFieldInput
        field={field}
        value={values[field.key]}
        onChange={(value) => change(field.key, value)}
        error={faultOf(field.key)}
        isKept={source?.secretsSet.includes(field.key) ?? false}
      />
    </Show>
  );

  return (
    <form ref={form} class="max-w-xl space-y-5" onSubmit={save} noValidate>
      <For each={kind.fields.filter((field) => !field.further)}>{asked}</For>
      <Field
        label="Name"
        value={name()}
        onInput={setName}
        optional={!isHeard}
        example={kind.nameFrom(values) || undefined}
        maxLength={80}
        autocomplete="off"
        error={nameFault()}
        help={isHeard ? "What sends it." : "What it is called here."}
      />
      <Show when={!isHeard}>
        <Select
          label="Ask every"
          options={intervalsWith(Number(interval()))}
          value={interval()}
          onChoose={setInterval}
          error={refusal()?.fields["intervalMs"]}
        />
      </Show>
      <Show when={mayComeFromAgent()}>
        <Select
          label="Asked by"
          options={[
            { value: "server", label: "This server" },
            ...(props.agents ?? []).map(({ id, name: label }) => ({ value: id as string, label })),
          ]}
          value={from()}
          onChoose={setFrom}
          error={refusal()?.fields["from"]}
          help="A machine sees what is near it: its own network, not the server's."
        />
      </Show>
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
      <Show when={test()}>
        {(found) => (
          <TestResult
            test={found()}
            trusted={"fingerprint" in values ? String(values["fingerprint"]) : undefined}
            onTrust={trust}
          />
        )}
      </Show>
      <div class="flex flex-wrap gap-2 border-t border-line pt-4">
        <Button type="submit" look="primary" busy={busy() === "save"}>
          {source ? "Save" : "Add"}
        </Button>
        <Show when={!isHeard}>
          <Button busy={busy() === "test"} onClick={() => void tryOut()}>
            Test
          </Button>
        </Show>
        {props.children}
      </div>
    </form>
  );
}
