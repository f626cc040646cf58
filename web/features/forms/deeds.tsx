import { createSignal, type JSX, Show } from "solid-js";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { toast } from "../../ui/toast.tsx";

/** Turns one thing of a list off, or on again. */
export function SwitchButton(props: {
  name: string;
  /** What pressing it does, and what is said when it is done. */
  verb: string;
  done: string;
  act: () => Promise<unknown>;
  onDone: () => void;
  look?: "quiet" | "plain" | undefined;
}) {
  const [busy, setBusy] = createSignal(false);
  const act = async () => {
    const { done } = props;
    setBusy(true);
    try {
      await props.act();
      toast(done);
      props.onDone();
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(false);
  };
  return (
    <Button
      look={props.look ?? "quiet"}
      busy={busy()}
      aria-label={`${props.verb} ${props.name}`}
      onClick={() => void act()}
    >
      {props.verb}
    </Button>
  );
}

export function RemoveButton(props: {
  name: string;
  act: () => Promise<unknown>;
  onDone: () => void;
  look?: "quiet" | "danger" | undefined;
  /** What will happen. */
  children: JSX.Element;
}) {
  const [asking, setAsking] = createSignal(false);
  const remove = async () => {
    await props.act();
    toast(`${props.name} is removed.`);
    props.onDone();
  };
  return (
    <>
      <Button
        look={props.look ?? "danger"}
        aria-label={`Remove ${props.name}`}
        onClick={() => setAsking(true)}
      >
        Remove
      </Button>
      <Show when={asking()}>
        <Confirm title={`Remove ${props.name}?`} verb="Remove" act={remove} onClose={() => setAsking(false)}>
          <p>{props.children}</p>
        </Confirm>
      </Show>
    </>
  );
}
