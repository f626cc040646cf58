import { useNavigate, useParams } from "@solidjs/router";
import { Show } from "solid-js";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { administers } from "../settings/links.ts";
import { PauseButton, RemoveSource } from "../sources/deeds.tsx";
import { FORMS } from "../sources/forms/forms.ts";
import { createSourceList } from "../sources/list.ts";
import { SourceForm } from "../sources/source-form.tsx";
import { CheckFrame } from "./frame.tsx";
import { HeartbeatAddress } from "./heartbeat-address.tsx";

export function EditCheckPage() {
  const navigate = useNavigate();
  const { id } = useParams<{ id: string }>();
  const list = createSourceList();
  const agents = createAnswer(
    () => true,
    () => api.agents.list.query(),
  );
  const check = () => list.value()?.sources.find((each) => each.id === id);
  const back = () => navigate("/checks");
  return (
    <CheckFrame
      title={check()?.name ?? "Check"}
      lead={FORMS[check()?.type ?? "http"].label}
      action={
        <Show when={check()}>
          {(known) => (
            <div class="flex gap-2">
              <Show when={known().resourceId}>
                {(resourceId) => <LinkButton href={`/resources/${resourceId()}`}>Results</LinkButton>}
              </Show>
              <Show when={administers()}>
                <PauseButton look="plain" source={known()} onDone={() => void list.ask()} />
              </Show>
            </div>
          )}
        </Show>
      }
    >
      <Show
        when={check()}
        fallback={
          <Show when={list.value()} fallback={<div class="skeleton h-64 w-full max-w-xl" />}>
            <Notice>There is no such check, or not any more.</Notice>
          </Show>
        }
      >
        {(known) => (
          <div class="space-y-8">
            <Show when={known().heartbeatUrl}>{(url) => <HeartbeatAddress url={url()} />}</Show>
            <Show when={administers()} fallback={<Notice>Checks are changed by admins.</Notice>}>
              <SourceForm
                type={known().type}
                source={known()}
                agents={agents.value()?.agents ?? []}
                onSaved={({ name }) => {
                  toast(`${name} is saved.`);
                  back();
                }}
              >
                <RemoveSource source={known()} onDone={back}>
                  It is not checked any more; its results are forgotten with time.
                </RemoveSource>
              </SourceForm>
            </Show>
          </div>
        )}
      </Show>
    </CheckFrame>
  );
}
