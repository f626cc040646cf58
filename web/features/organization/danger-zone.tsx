import { createSignal, Show } from "solid-js";
import type { Org } from "../../../server/contract/orgs.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { date } from "../../ui/format.ts";
import { toast } from "../../ui/toast.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";
import { LeaveButton } from "./leave-button.tsx";
import { goElsewhere } from "./leaving.ts";
import { DEFAULT_SLUG } from "./names.ts";
import { Part } from "./panel.tsx";
import { look } from "./standing.ts";

/** What cannot be taken back by whoever does it. */
export function DangerZone(props: { org: Org }) {
  const [deleting, setDeleting] = createSignal(false);
  const isOwner = () => props.org.role === "owner";
  const remove = async () => {
    const { name } = props.org;
    const { purgeAt } = await withFreshSession(() => api.orgs.delete.mutate());
    goElsewhere();
    await look();
    toast(`${name} is deleted. It can be restored until ${date(purgeAt)}.`);
  };
  return (
    <Show when={props.org.slug !== DEFAULT_SLUG || !isOwner()}>
      <Part id="danger" title="Danger zone">
        <div class="divide-y divide-line rounded-lg border border-bad-fill/40">
          <div class="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-4 py-3.5">
            <div class="min-w-0 flex-1 basis-64">
              <p class="font-medium">Leave it</p>
              <p class="text-sm text-ink-2">
                {isOwner()
                  ? "The owner cannot leave. Hand it over first, under Access."
                  : "You lose sight of everything in it at once."}
              </p>
            </div>
            <LeaveButton org={props.org} />
          </div>
          <Show when={isOwner() && props.org.slug !== DEFAULT_SLUG}>
            <div class="flex flex-wrap items-center justify-between gap-x-6 gap-y-3 px-4 py-3.5">
              <div class="min-w-0 flex-1 basis-64">
                <p class="font-medium">Delete it</p>
                <p class="text-sm text-ink-2">
                  Nobody can open it any more. You can restore it for 30 days; then it is gone for good.
                </p>
              </div>
              <Button look="danger" onClick={() => setDeleting(true)}>
                Delete…
              </Button>
            </div>
          </Show>
        </div>
        <Show when={deleting()}>
          <Confirm
            title={`Delete ${props.org.name}?`}
            verb="Delete organization"
            typed={props.org.name}
            act={remove}
            onClose={() => setDeleting(false)}
          >
            <p>
              All its members are shut out at once, its machines are no longer watched, and what it shares
              with others disappears there.
            </p>
            <p>You can restore it for 30 days from the list of your organizations.</p>
          </Confirm>
        </Show>
      </Part>
    </Show>
  );
}
