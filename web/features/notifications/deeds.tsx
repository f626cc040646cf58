import type { Channel } from "../../../server/contract/notifications.ts";
import { api } from "../../api/client.ts";
import { RemoveButton, SwitchButton } from "../forms/deeds.tsx";

interface DeedProps {
  channel: Channel;
  onDone: () => void;
}

export function SwitchChannel(props: DeedProps) {
  const { id, name } = props.channel;
  return (
    <SwitchButton
      name={name}
      verb={props.channel.enabled ? "Turn off" : "Turn on"}
      done={props.channel.enabled ? `${name} is turned off.` : `${name} is told again.`}
      act={() => api.notifications.updateChannel.mutate({ id, enabled: !props.channel.enabled })}
      onDone={props.onDone}
    />
  );
}

export function RemoveChannel(props: DeedProps & { look: "quiet" | "danger" }) {
  return (
    <RemoveButton
      name={props.channel.name}
      look={props.look}
      act={() => api.notifications.removeChannel.mutate({ id: props.channel.id })}
      onDone={props.onDone}
    >
      Nothing is sent there any more, also not what waits. Its settings, its credentials and its lines in the
      log are deleted.
    </RemoveButton>
  );
}
