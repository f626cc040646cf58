import { createSignal, type JSX } from "solid-js";
import type { Channel, ChannelType, ToldLevel } from "../../../server/contract/notifications.ts";
import { api } from "../../api/client.ts";
import { Select } from "../../ui/select.tsx";
import { DataForm } from "../forms/data-form.tsx";
import type { Values } from "../forms/field.ts";
import { ChannelTestResult } from "./channel-test-result.tsx";
import { KINDS } from "./kinds/kinds.ts";
import { configFrom } from "./values.ts";

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

export function ChannelForm(props: ChannelFormProps) {
  const kind = KINDS[props.type];
  const channel = props.channel;
  const [leastLevel, setLeastLevel] = createSignal<ToldLevel>(channel?.leastLevel ?? "warning");
  const config = (values: Values) => configFrom(kind, values, channel);

  const tryOut = (values: Values) => {
    const asked = { ...(channel && { id: channel.id }), type: props.type, config: config(values) };
    return api.notifications.test.mutate(asked);
  };
  const save = async (values: Values, name: string) => {
    const input = { name, config: config(values), leastLevel: leastLevel() };
    const saved = channel
      ? await api.notifications.updateChannel.mutate({ id: channel.id, ...input })
      : await api.notifications.createChannel.mutate({ type: props.type, ...input });
    props.onSaved(saved.channel);
  };
  return (
    <DataForm
      kind={kind}
      kept={channel}
      besides={() => (
        <Select label="Told of" options={LEVELS} value={leastLevel()} onChoose={setLeastLevel} />
      )}
      test={{
        verb: "Send a test",
        act: tryOut,
        shown: (found) => <ChannelTestResult test={found} />,
        doubt: ({ ok }) => (ok ? undefined : "The test did not arrive. Add it anyway?"),
      }}
      save={save}
    >
      {props.children}
    </DataForm>
  );
}
