import { createMemo, createSignal, For, type JSX, Show } from "solid-js";
import { createStore } from "solid-js/store";
import type { Channel, ChannelTest, ChannelType, ToldLevel } from "../../../server/contract/notifications.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Field, focusWrong } from "../../ui/field.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Select } from "../../ui/select.tsx";
import { FormFieldInput } from "../sources/form-field.tsx";
import type { FormField } from "../sources/forms/field.ts";
import { faultsIn, placed } from "../sources/forms/values.ts";
import { KINDS } from "./kinds/kinds.ts";
import { TestResult } from "./test-result.tsx";
import { configFrom, typedOf } from "./values.ts";

interface ChannelFormProps {
  type: ChannelType;
  /** The one to change; absent for a new one. */
  channel?: Channel;
  onSaved: (channel: Channel) => void;
  /** Beside the button that saves. */
  children?: JSX.Element;
}

const LEVELS: { value: ToldLevel; label: string }[] = [
  { value: "warning", label: "Everything" },
  { value: "critical", label: "Critical alerts only" },
];

/** Everything about one channel, tried out before it is kept. */
export function ChannelForm(props: ChannelFormProps) {
  const kind = KINDS[props.type];
  const channel = props.channel;
  const [values, setValues] = createStore(typedOf(kind, channel));
  const [name, setName] = createSignal(channel?.name ?? "");
  const [leastLevel, setLeastLevel] = createSignal<ToldLevel>(channel?.leastLevel ?? "warning");
  const [tried, setTried] = createSignal(false);
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [busy, setBusy] = createSignal<"save" | "test">();
  const [test, setTest] = createSignal<ChannelTest>();
  const [isOpen, setIsOpen] = createSignal(false);
  let form: HTMLFormElement | undefined;

  const own = createMemo(() => (tried() ? faultsIn(kind.fields, values, channel) : {}));
  const told = createMemo(() => placed(kind.fields, refusal()?.fields ?? {}));
  const nameFault = () => refusal()?.fields["name"];
  const faultOf = (key: string) => own()[key] ?? told().under[key];
  const further = () => kind.fields.filter((field) => field.further);
  const isFurtherWrong = () => further().some(({ key }) => faultOf(key));
  /** Said of the whole when no field shows it. */
  const whole = () => {
    const isShown = Object.keys(told().under).length > 0 || nameFault();
    return isShown ? undefined : refusal()?.words;
  };
  const suggested = () => kind.nameFrom?.(values) || kind.label;

  const run = async (what: "save" | "test", act: () => Promise<void>) => {
    setTried(true);
    setRefusal(undefined);
    if (busy()) return;
    if (Object.keys(own()).length > 0) return focusSoon();
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
  const config = () => configFrom(kind, values, channel);

  const tryOut = () =>
    run("test", async () => {
      setTest(undefined);
      const asked = { ...(channel && { id: channel.id }), type: props.type, config: config() };
      setTest(await api.notifications.test.mutate(asked));
    });
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    return run("save", async () => {
      const input = {
        name: name().trim() || suggested(),
        config: config(),
        leastLevel: leastLevel(),
      };
      const saved = channel
        ? await api.notifications.updateChannel.mutate({ id: channel.id, ...input })
        : await api.notifications.createChannel.mutate({ type: props.type, ...input });
      props.onSaved(saved.channel);
    });
  };

  const asked = (field: FormField) => (
    <Show when={field.when?.(values) ?? true}>
      <FormFieldInput
        field={field}
        value={values[field.key]}
        onChange={(value) => {
          setValues(field.key, value);
          setValues(kind.follow?.(field.key, values) ?? {});
          setTest(undefined);
        }}
        error={faultOf(field.key)}
        isKept={channel?.secretsSet.includes(field.key) ?? false}
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
        optional
        example={suggested()}
        maxLength={80}
        autocomplete="off"
        error={nameFault()}
        help="What it is called here."
      />
      <Select label="Told of" options={LEVELS} value={leastLevel()} onChoose={setLeastLevel} />
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
      <Show when={test()}>{(found) => <TestResult test={found()} />}</Show>
      <div class="flex flex-wrap gap-2 border-t border-line pt-4">
        <Button type="submit" look="primary" busy={busy() === "save"}>
          {channel ? "Save" : "Add"}
        </Button>
        <Button busy={busy() === "test"} onClick={() => void tryOut()}>
          Send a test
        </Button>
        {props.children}
      </div>
    </form>
  );
}
