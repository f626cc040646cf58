import { createSignal, Show } from "solid-js";
import type { OrgOverview } from "../../../server/contract/orgs.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Copyable } from "../../ui/copyable.tsx";
import { plural } from "../../ui/format.ts";
import { Layer } from "../../ui/layer.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";

/** What has to be typed: words, because everybody is affected and not one organization. */
const WORDS = "switch off";

/** The kill switch. Afterwards the page is another one: it begins anew. */
export function SwitchOff(props: { orgs: readonly OrgOverview[]; onClose: () => void }) {
  const [isOff, setIsOff] = createSignal(false);
  const others = () => props.orgs.filter(({ id, state }) => id !== "default" && state === "active");
  const switchOff = async () => {
    await withFreshSession(() => api.system.switchOffMultiTenant.mutate());
    setIsOff(true);
  };
  return (
    <Show
      when={!isOff()}
      fallback={
        <Layer label="Multi-tenancy is off" heading onClose={beginAnew}>
          <div class="px-5 pt-1 pb-5">
            <SwitchedOff />
          </div>
        </Layer>
      }
    >
      <Confirm
        title="Switch multi-tenancy off?"
        verb="Switch off now"
        typed={WORDS}
        act={switchOff}
        onClose={() => isOff() || props.onClose()}
      >
        <Show
          when={others().length > 0}
          fallback={<p>No other organization is active: nobody is shut out.</p>}
        >
          <p>
            <strong class="font-medium text-ink">{plural(others().length, "organization")}</strong> with{" "}
            {plural(
              others().reduce((sum, { members }) => sum + members, 0),
              "membership",
            )}{" "}
            {others().length === 1 ? "is" : "are"} shut off within a second: open pages close, reports are
            refused, no alerts go out. The default organization goes on.
          </p>
        </Show>
        <p>
          Nothing is deleted. These pages disappear from here, so it is switched on again on the server
          itself:
        </p>
        <code class="block rounded-md border border-line bg-page px-3 py-2 font-mono text-sm text-ink select-all">
          pulse multi-tenant on
        </code>
      </Confirm>
    </Show>
  );
}

/** The page of now belongs to a server that is not there any more. */
function beginAnew(): void {
  location.assign("/");
}

/** The last words about it on this page, and the way to the other one. */
export function SwitchedOff() {
  return (
    <div class="space-y-3">
      <p class="text-ink-2">
        All organizations but the default one are shut off, and nothing is deleted. From now on this page does
        not speak of them. They come back, as they were, with this command on the server:
      </p>
      <Copyable label="To switch it on again" text="pulse multi-tenant on" />
      <div class="flex justify-end">
        <Button look="primary" onClick={beginAnew}>
          Go on
        </Button>
      </div>
    </div>
  );
}
