import { createSignal, Show } from "solid-js";
import type { Source } from "../../../server/contract/sources.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { toast } from "../../ui/toast.tsx";

/** Stops asking, or asks again. */
export function PauseButton(props: { source: Source; onDone: () => void; look?: "quiet" | "plain" }) {
  const [busy, setBusy] = createSignal(false);
  const act = async () => {
    const { id, enabled, name } = props.source;
    setBusy(true);
    try {
      await api.sources.update.mutate({ id, enabled: !enabled });
      toast(enabled ? `${name} is paused.` : `${name} is asked again.`);
      props.onDone();
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(false);
  };
  const verb = () => (props.source.enabled ? "Pause" : "Resume");
  return (
    <Button
      look={props.look ?? "quiet"}
      busy={busy()}
      aria-label={`${verb()} ${props.source.name}`}
      onClick={() => void act()}
    >
      {verb()}
    </Button>
  );
}

export function RemoveButton(props: { source: Source; onDone: () => void; what: string }) {
  const [asking, setAsking] = createSignal(false);
  const remove = async () => {
    await api.sources.remove.mutate({ id: props.source.id });
    toast(`${props.source.name} is removed.`);
    props.onDone();
  };
  return (
    <>
      <Button look="danger" aria-label={`Remove ${props.source.name}`} onClick={() => setAsking(true)}>
        Remove
      </Button>
      <Show when={asking()}>
        <Confirm
          title={`Remove ${props.source.name}?`}
          verb="Remove"
          act={remove}
          onClose={() => setAsking(false)}
        >
          <p>{props.what} Its settings and its credentials are deleted.</p>
        </Confirm>
      </Show>
    </>
  );
}
