import { useNavigate } from "@solidjs/router";
import { createSignal, Show } from "solid-js";
import type { InvitationPreview } from "../../../server/contract/members.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { loadSession } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { goTo, homeOf } from "../organization/moving.ts";

/** For the invited person, signed in. */
export function Decide(props: { code: string; invitation: InvitationPreview }) {
  const navigate = useNavigate();
  const [busy, setBusy] = createSignal<"accept" | "decline">();
  const [refusal, setRefusal] = createSignal<string>();

  const decide = async (kind: "accept" | "decline") => {
    setBusy(kind);
    setRefusal(undefined);
    const { slug, name } = props.invitation.org;
    try {
      if (kind === "accept") {
        await api.members.accept.mutate({ code: props.code });
        await loadSession();
        toast(`You belong to ${name} now.`);
        goTo(homeOf(slug));
      } else {
        await api.members.decline.mutate({ code: props.code });
        toast(`You have declined ${name}.`);
        navigate("/", { replace: true });
      }
    } catch (error) {
      setRefusal(explain(error).words);
    }
    setBusy(undefined);
  };

  return (
    <div class="space-y-4">
      <Show when={refusal()}>
        {(words) => (
          <Notice level="critical" alert>
            {words()}
          </Notice>
        )}
      </Show>
      <div class="flex gap-2">
        <Button
          look="primary"
          class="h-9! flex-1"
          busy={busy() === "accept"}
          disabled={busy() !== undefined}
          onClick={() => void decide("accept")}
        >
          Accept
        </Button>
        <Button
          class="h-9! flex-1"
          busy={busy() === "decline"}
          disabled={busy() !== undefined}
          onClick={() => void decide("decline")}
        >
          Decline
        </Button>
      </div>
    </div>
  );
}
