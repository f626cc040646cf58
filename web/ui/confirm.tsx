import { createSignal, type JSX, Show } from "solid-js";
import { explain } from "../api/errors.ts";
import { Button } from "./button.tsx";
import { Field } from "./field.tsx";
import { Layer } from "./layer.tsx";
import { Notice } from "./notice.tsx";

interface ConfirmProps {
  title: string;
  /** What the button says: the deed itself, never "OK". */
  verb: string;
  /** What has to be typed before it can be done, for what cannot be taken back. */
  typed?: string;
  typedLabel?: string;
  /** Does it; what it rejects with is shown here. */
  act: () => Promise<unknown>;
  onClose: () => void;
  /** What will happen. */
  children: JSX.Element;
}

/** Asks before something that others notice. */
export function Confirm(props: ConfirmProps) {
  const [typed, setTyped] = createSignal("");
  const [refusal, setRefusal] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const ready = () => props.typed === undefined || typed().trim() === props.typed;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!ready() || busy()) return;
    setBusy(true);
    setRefusal(undefined);
    try {
      await props.act();
      props.onClose();
    } catch (error) {
      setRefusal(explain(error).words);
    }
    setBusy(false);
  };

  return (
    <Layer label={props.title} heading onClose={props.onClose}>
      <form class="space-y-4 overflow-y-auto px-5 pt-1 pb-5" onSubmit={submit} noValidate>
        <div class="space-y-2 text-ink-2">{props.children}</div>
        <Show when={props.typed}>
          {(wanted) => (
            <Field
              label={props.typedLabel ?? `Type “${wanted()}” to confirm`}
              value={typed()}
              onInput={setTyped}
              autocomplete="off"
              autofocus
            />
          )}
        </Show>
        <Show when={refusal()}>
          {(words) => (
            <Notice level="critical" alert>
              {words()}
            </Notice>
          )}
        </Show>
        <div class="flex justify-end gap-2">
          <Button look="quiet" onClick={() => props.onClose()}>
            Cancel
          </Button>
          <Button type="submit" look="danger" busy={busy()} disabled={!ready()}>
            {props.verb}
          </Button>
        </div>
      </form>
    </Layer>
  );
}
