import { createUniqueId, For } from "solid-js";
import type { ChannelId } from "../../../server/contract/ids.ts";
import type { Channel } from "../../../server/contract/notifications.ts";
import { KINDS } from "../notifications/kinds/kinds.ts";

/** Some of the channels there are; one that is gone can still be taken away. */
export function ChannelChoice(props: {
  label: string;
  channels: readonly Channel[];
  chosen: readonly ChannelId[];
  onChange: (chosen: ChannelId[]) => void;
  error?: string | undefined;
  help?: string | undefined;
}) {
  const id = createUniqueId();
  const gone = () => props.chosen.filter((one) => !props.channels.some((channel) => channel.id === one));
  const toggle = (one: ChannelId) =>
    props.onChange(
      props.chosen.includes(one) ? props.chosen.filter((other) => other !== one) : [...props.chosen, one],
    );
  const box = (one: ChannelId, name: string, about: string) => (
    <label class="flex w-fit items-baseline gap-2.5 py-1">
      <input
        type="checkbox"
        class="size-3.5 shrink-0 translate-y-0.5 accent-accent"
        aria-invalid={props.error ? "true" : undefined}
        checked={props.chosen.includes(one)}
        onChange={() => toggle(one)}
      />
      <span class="min-w-0 break-words">
        {name} <span class="text-sm text-ink-2">{about}</span>
      </span>
    </label>
  );
  return (
    <fieldset aria-describedby={props.error || props.help ? `${id}-below` : undefined}>
      <legend class="mb-1 font-medium">{props.label}</legend>
      <For each={props.channels}>
        {({ id: one, name, type, enabled }) =>
          box(one, name, enabled ? KINDS[type].label : `${KINDS[type].label}, turned off`)
        }
      </For>
      <For each={gone()}>{(one) => box(one, "a channel that is gone", "")}</For>
      <p
        id={`${id}-below`}
        class="mt-1 text-sm empty:hidden"
        classList={{ "text-bad": !!props.error, "text-ink-2": !props.error }}
      >
        {props.error ?? props.help ?? ""}
      </p>
    </fieldset>
  );
}
