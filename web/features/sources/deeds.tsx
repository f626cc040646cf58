import type { JSX } from "solid-js";
import type { Source } from "../../../server/contract/sources.ts";
import { api } from "../../api/client.ts";
import { RemoveButton, SwitchButton } from "../forms/deeds.tsx";

interface DeedProps {
  source: Source;
  onDone: () => void;
}

/** Stops asking, or asks again. */
export function PauseButton(props: DeedProps & { look?: "quiet" | "plain" }) {
  return (
    <SwitchButton
      name={props.source.name}
      look={props.look}
      verb={props.source.enabled ? "Pause" : "Resume"}
      done={props.source.enabled ? `${props.source.name} is paused.` : `${props.source.name} is asked again.`}
      act={() => api.sources.update.mutate({ id: props.source.id, enabled: !props.source.enabled })}
      onDone={props.onDone}
    />
  );
}

/** At the end of its form. */
export function RemoveSource(props: DeedProps & { children: JSX.Element }) {
  return (
    <span class="ml-auto">
      <RemoveButton
        name={props.source.name}
        act={() => api.sources.remove.mutate({ id: props.source.id })}
        onDone={props.onDone}
      >
        {props.children} Its settings and its credentials are deleted.
      </RemoveButton>
    </span>
  );
}
