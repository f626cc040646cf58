import { createSignal, Show } from "solid-js";
import type { Channel } from "../../../server/contract/notifications.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { toast } from "../../ui/toast.tsx";

interface DeedProps {
  channel: Channel;
  onDone: () => void;
}

export function SwitchButton(props: DeedProps) {
  const [busy, setBusy] = createSignal(false);
  const act = async () => {
    const { id, enabled, name } = props.channel;
    setBusy(true);
    try {
      await api.notifications.updateChannel.mutate({ id, enabled: !enabled });
      toast(enabled ? `${name} is turned off.` : `${name} is told again.`);
      props.onDone();
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(false);
  };
  const verb = () => (props.channel.enabled ? "Turn off" : "Turn on");
  return (
    <Button
      look="quiet"
      busy={busy()}
      aria-label={`${verb()} ${props.channel.name}`}
      onClick={() => void act()}
    >
      {verb()}
    </Button>
  );
}

export function RemoveButton(props: DeedProps & { look: "quiet" | "danger" }) {
  const [asking, setAsking] = createSignal(false);
  const remove = async () => {
    await api.notifications.removeChannel.mutate({ id: props.channel.id });
    toast(`${props.channel.name} is removed.`);
    props.onDone();
  };
  return (
    <>
      <Button look={props.look} aria-label={`Remove ${props.channel.name}`} onClick={() => setAsking(true)}>
        Remove
      </Button>
      <Show when={asking()}>
        <Confirm
          title={`Remove ${props.channel.name}?`}
          verb="Remove"
          act={remove}
          onClose={() => setAsking(false)}
        >
          <p>
            Nothing is sent there any more, also not what waits. Its settings, its credentials and its lines
            in the log are deleted.
          </p>
        </Confirm>
      </Show>
    </>
  );
}
