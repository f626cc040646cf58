import { createSignal, Show } from "solid-js";
import type { Org } from "../../../server/contract/orgs.ts";
import { api } from "../../api/client.ts";
import { refreshMe } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { toast } from "../../ui/toast.tsx";
import { goElsewhere } from "./leaving.ts";

export function LeaveButton(props: { org: Org }) {
  const [asking, setAsking] = createSignal(false);
  const leave = async () => {
    const { name } = props.org;
    await api.members.leave.mutate();
    goElsewhere();
    await refreshMe();
    toast(`You have left ${name}.`);
  };
  return (
    <>
      <Button look="danger" disabled={props.org.role === "owner"} onClick={() => setAsking(true)}>
        Leave…
      </Button>
      <Show when={asking()}>
        <Confirm title={`Leave ${props.org.name}?`} verb="Leave" act={leave} onClose={() => setAsking(false)}>
          <p>You lose sight of everything in it at once. To come back, somebody has to invite you again.</p>
        </Confirm>
      </Show>
    </>
  );
}
