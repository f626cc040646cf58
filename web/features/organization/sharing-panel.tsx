import { createSignal, For, Show } from "solid-js";
import type { Share } from "../../../server/contract/shares.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { toast } from "../../ui/toast.tsx";
import { NewShare } from "./new-share.tsx";
import { Empty, Panel, Part, Waiting } from "./panel.tsx";
import { ShareRow } from "./share-row.tsx";
import { here, mayAdminister } from "./standing.ts";

export function SharingPanel() {
  const [sharing, setSharing] = createSignal(false);
  const [ending, setEnding] = createSignal<Share>();
  const [busy, setBusy] = createSignal<string>();
  const outgoing = createAnswer(
    () => here()?.id,
    () => api.shares.list.query(),
  );
  const incoming = createAnswer(
    () => here()?.id,
    () => api.shares.incoming.query(),
  );

  const decide = async (share: Share, accepts: boolean) => {
    setBusy(share.id);
    try {
      if (accepts) await api.shares.accept.mutate({ id: share.id });
      else await api.shares.decline.mutate({ id: share.id });
      toast(
        accepts
          ? `${share.resource.name} is among your machines now.`
          : `${share.resource.name} is declined.`,
      );
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(undefined);
    incoming.ask();
  };
  const withdraw = async (share: Share) => {
    await api.shares.remove.mutate({ id: share.id });
    toast(`${share.org.name} does not see ${share.resource.name} any more.`);
    outgoing.ask();
  };

  return (
    <Panel
      title="Sharing"
      lead="Single machines that another organization sees here, or that this one shows to another."
      administered
      action={
        <Button look="primary" onClick={() => setSharing(true)}>
          Share a machine
        </Button>
      }
    >
      <Part id="incoming" title="Shared with this organization">
        <Show when={incoming.value()} fallback={<Waiting refusal={incoming.refusal()} rows={1} />}>
          {(known) => (
            <Show
              when={known().shares.length > 0}
              fallback={
                <Empty>
                  Nothing is shared with you. Who wants to show you a machine needs the address of this
                  organization: <span class="text-ink select-all">{here()?.slug}</span>.
                </Empty>
              }
            >
              <ul
                class="divide-y divide-line border-y border-line"
                aria-label="Shared with this organization"
              >
                <For each={known().shares}>
                  {(share) => (
                    <ShareRow share={share} way="from">
                      <Show when={mayAdminister()}>
                        <Button
                          look={share.state === "accepted" ? "danger" : "plain"}
                          disabled={busy() === share.id}
                          aria-label={`Decline ${share.resource.name}`}
                          onClick={() => void decide(share, false)}
                        >
                          {share.state === "accepted" ? "Give up" : "Decline"}
                        </Button>
                        <Show when={share.state === "pending"}>
                          <Button
                            look="primary"
                            busy={busy() === share.id}
                            aria-label={`Accept ${share.resource.name}`}
                            onClick={() => void decide(share, true)}
                          >
                            Accept
                          </Button>
                        </Show>
                      </Show>
                    </ShareRow>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Show>
      </Part>
      <Part id="outgoing" title="Shared by this organization">
        <Show when={outgoing.value()} fallback={<Waiting refusal={outgoing.refusal()} rows={1} />}>
          {(known) => (
            <Show
              when={known().shares.length > 0}
              fallback={
                <Empty>
                  Nothing is shared with others. A share shows one machine to the members of another
                  organization, live and with its history, and nothing else of yours.
                </Empty>
              }
            >
              <ul class="divide-y divide-line border-y border-line" aria-label="Shared by this organization">
                <For each={known().shares}>
                  {(share) => (
                    <ShareRow share={share} way="with">
                      <Show when={mayAdminister()}>
                        <Button
                          look="danger"
                          aria-label={`Withdraw ${share.resource.name} from ${share.org.name}`}
                          onClick={() => setEnding(share)}
                        >
                          Withdraw
                        </Button>
                      </Show>
                    </ShareRow>
                  )}
                </For>
              </ul>
            </Show>
          )}
        </Show>
      </Part>
      <Show when={sharing()}>
        <NewShare onShared={outgoing.ask} onClose={() => setSharing(false)} />
      </Show>
      <Show when={ending()} keyed>
        {(share) => (
          <Confirm
            title={`Withdraw ${share.resource.name}?`}
            verb="Withdraw"
            act={() => withdraw(share)}
            onClose={() => setEnding(undefined)}
          >
            <p>It disappears from the pages of {share.org.name} within a second. You can share it again.</p>
          </Confirm>
        )}
      </Show>
    </Panel>
  );
}
