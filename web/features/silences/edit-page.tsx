import { useNavigate, useParams } from "@solidjs/router";
import { Show } from "solid-js";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ago, moment } from "../../ui/format.ts";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { AlertFrame } from "../alerts/frame.tsx";
import { authorWords } from "../alerts/words.ts";
import { edits } from "../settings/links.ts";
import { SilenceForm } from "./form.tsx";
import { RemoveSilence } from "./remove.tsx";

export function EditSilencePage() {
  const navigate = useNavigate();
  const { id } = useParams<{ id: string }>();
  const list = createAnswer(
    () => true,
    () => api.alerts.silences.query(),
  );
  const silence = () => list.value()?.silences.find((each) => each.id === id);
  const back = () => navigate("/alerts/silences");
  return (
    <AlertFrame
      title={silence()?.name ?? "Silence"}
      back="/alerts/silences"
      lead={
        <Show when={silence()}>
          {(known) => (
            <span title={moment(known().createdAt)}>
              Made {ago(known().createdAt, now())}
              {known().by ? ` by ${authorWords(known().by)}` : ""}
            </span>
          )}
        </Show>
      }
    >
      <div class="mt-6">
        <Show
          when={silence()}
          fallback={
            <Show when={list.value() ?? list.refusal()} fallback={<div class="skeleton h-96 max-w-xl" />}>
              <Notice>{list.refusal()?.words ?? "There is no such silence, or not any more."}</Notice>
            </Show>
          }
        >
          {(known) => (
            <Show when={edits()} fallback={<Notice>Silences are changed by editors.</Notice>}>
              <SilenceForm
                silence={known()}
                onSaved={({ name }) => {
                  toast(`${name} is saved.`);
                  back();
                }}
              >
                <Button look="quiet" onClick={back}>
                  Cancel
                </Button>
                <span class="ml-auto">
                  <RemoveSilence silence={known()} look="danger" onDone={back} />
                </span>
              </SilenceForm>
            </Show>
          )}
        </Show>
      </div>
    </AlertFrame>
  );
}
