import { createSignal, Show } from "solid-js";
import type { LicenseInfo } from "../../../server/contract/license.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { withFreshSession } from "../shell/confirm-identity.tsx";

/** For whoever runs their own server: no authority to ask. */
export function SelfLicence(props: { onDone: (info: LicenseInfo, words: string) => void }) {
  const [refusal, setRefusal] = createSignal<string>();
  const [busy, setBusy] = createSignal(false);
  const init = async () => {
    setBusy(true);
    setRefusal(undefined);
    try {
      props.onDone(await withFreshSession(() => api.system.licenseInit.mutate()), "This server is licensed.");
    } catch (error) {
      setRefusal(explain(error).words);
    }
    setBusy(false);
  };
  return (
    <section class="mt-8 border-t border-line pt-5">
      <h2 class="font-semibold">License it yourself</h2>
      <p class="mt-1 mb-4 text-ink-2">
        If you run this server for yourself or for your own customers. It makes a key in the data directory
        and a licence signed with it, without limits and without an end.
      </p>
      <Show when={refusal()}>
        {(words) => (
          <div class="mb-4">
            <Notice level="critical" alert>
              {words()}
            </Notice>
          </div>
        )}
      </Show>
      <Button look="primary" busy={busy()} onClick={() => void init()}>
        License this server
      </Button>
    </section>
  );
}
