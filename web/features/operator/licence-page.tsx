import { createSignal, Show } from "solid-js";
import type { LicenseInfo } from "../../../server/contract/license.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { loadSession } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";
import { InstallLicence } from "./install-licence.tsx";
import { LicenceFacts } from "./licence-facts.tsx";
import { LicenceStanding } from "./licence-standing.tsx";
import { SelfLicence } from "./self-licence.tsx";

export function LicencePage() {
  const answer = createAnswer(
    () => true,
    () => api.system.license.query(),
  );
  const [newest, setNewest] = createSignal<LicenseInfo>();
  const [removing, setRemoving] = createSignal(false);
  const info = () => newest() ?? answer.value();
  /** What a licence allows is there, or gone, at once: the rest of the page has to know. */
  const changed = (to: LicenseInfo, words: string) => {
    setNewest(to);
    toast(words);
    void loadSession();
  };
  const remove = async () => {
    changed(await withFreshSession(() => api.system.licenseRemove.mutate()), "The licence is removed.");
  };

  return (
    <SettingsFrame title="Licence" lead="Several organizations on one server need one.">
      <Show
        when={info()}
        fallback={
          <div class="mt-6">
            <Show when={answer.refusal()} fallback={<div class="skeleton h-28 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          </div>
        }
      >
        {(known) => (
          <div class="mt-6 max-w-2xl">
            <LicenceStanding info={known()} />
            <LicenceFacts info={known()} />
            <Show when={known().authority !== "pinned" && known().status !== "valid"}>
              <SelfLicence onDone={changed} />
            </Show>
            <InstallLicence info={known()} onDone={changed} />
            <Show when={known().license || known().problem}>
              <section class="mt-8 border-t border-line pt-5">
                <h2 class="font-semibold">Remove the licence</h2>
                <p class="mt-1 mb-4 text-ink-2">
                  Every organization but the default one is shut off until there is a licence again. Nothing
                  is deleted.
                </p>
                <Button look="danger" onClick={() => setRemoving(true)}>
                  Remove…
                </Button>
              </section>
            </Show>
          </div>
        )}
      </Show>
      <Show when={removing()}>
        <Confirm
          title="Remove the licence?"
          verb="Remove"
          typed="remove"
          act={remove}
          onClose={() => setRemoving(false)}
        >
          <p>
            Every organization but the default one is shut off within a second: open pages close, reports are
            refused, no alerts go out. Nothing is deleted; with a new licence everything goes on as it was.
          </p>
        </Confirm>
      </Show>
    </SettingsFrame>
  );
}
