import { useNavigate, useSearchParams } from "@solidjs/router";
import { Show } from "solid-js";
import type { RuleName, SilenceScope } from "../../../server/contract/alerts.ts";
import type { ResourceId } from "../../../server/contract/ids.ts";
import { picture } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { AlertFrame } from "../alerts/frame.tsx";
import { edits } from "../settings/links.ts";
import { SilenceForm } from "./form.tsx";

/** `?resource=` and `?rule=` are what it begins with. */
export function NewSilencePage() {
  const navigate = useNavigate();
  const [query] = useSearchParams<{ resource?: string; rule?: string }>();
  const back = () => navigate("/alerts/silences");
  const named = () => (query.resource ? picture.resources[query.resource]?.name : undefined);
  const scope = (): SilenceScope => ({
    ...(query.resource && { resourceIds: [query.resource as ResourceId] }),
    ...(query.rule && { rules: [query.rule as RuleName] }),
  });
  return (
    <AlertFrame
      title="New silence"
      lead="While it lasts nobody is told of what it covers. It is still recorded."
      back="/alerts/silences"
    >
      <div class="mt-6">
        <Show when={edits()} fallback={<Notice>Silences are made by editors.</Notice>}>
          <Show when={picture.known} fallback={<div class="skeleton h-96 max-w-xl" />}>
            <SilenceForm
              scope={scope()}
              name={named() ? `Work on ${named()}` : ""}
              onSaved={({ name }) => {
                toast(`${name} is made.`);
                back();
              }}
            >
              <Button look="quiet" onClick={back}>
                Cancel
              </Button>
            </SilenceForm>
          </Show>
        </Show>
      </div>
    </AlertFrame>
  );
}
