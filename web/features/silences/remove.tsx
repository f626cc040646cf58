import { createSignal, Show } from "solid-js";
import type { Silence } from "../../../server/contract/alerts.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { toast } from "../../ui/toast.tsx";

export function RemoveSilence(props: { silence: Silence; look: "quiet" | "danger"; onDone: () => void }) {
  const [asking, setAsking] = createSignal(false);
  const verb = () => (props.silence.active ? "End" : "Remove");
  return (
    <>
      <Button
        look={props.look}
        aria-label={`${verb()} ${props.silence.name}`}
        onClick={() => setAsking(true)}
      >
        {verb()}…
      </Button>
      <Show when={asking()}>
        <Confirm
          title={`${verb()} ${props.silence.name}?`}
          verb={verb()}
          act={async () => {
            await api.alerts.removeSilence.mutate({ id: props.silence.id });
            toast(`${props.silence.name} is over.`);
            props.onDone();
          }}
          onClose={() => setAsking(false)}
        >
          <p>
            {props.silence.active
              ? "What it covers now is told of again at once."
              : "It will not cover anything any more."}
          </p>
        </Confirm>
      </Show>
    </>
  );
}
