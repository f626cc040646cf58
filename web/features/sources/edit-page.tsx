import { useNavigate, useParams } from "@solidjs/router";
import { Show } from "solid-js";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { PauseButton, RemoveButton } from "./deeds.tsx";
import { FORMS } from "./forms/forms.ts";
import { createSourceList } from "./list.ts";
import { SourceForm } from "./source-form.tsx";

export function EditSourcePage() {
  const navigate = useNavigate();
  const { id } = useParams<{ id: string }>();
  const list = createSourceList();
  const source = () => list.value()?.sources.find((each) => each.id === id);
  const back = () => navigate("/settings/sources");
  return (
    <SettingsFrame
      title={source()?.name ?? "Source"}
      lead={source() ? FORMS[source()?.type ?? "prometheus"].label : undefined}
      back={{ href: "/settings/sources", label: "Sources" }}
      action={
        <Show when={administers() && source()}>
          {(known) => <PauseButton look="plain" source={known()} onDone={() => void list.ask()} />}
        </Show>
      }
    >
      <div class="mt-6">
        <Show when={administers()} fallback={<Notice>Sources are changed by admins.</Notice>}>
          <Show
            when={source()?.id && source()}
            fallback={
              <Show when={list.value()} fallback={<div class="skeleton h-64 w-full max-w-xl" />}>
                <Notice>There is no such source, or not any more.</Notice>
              </Show>
            }
          >
            {(known) => (
              <SourceForm
                type={known().type}
                source={known()}
                onSaved={({ name }) => {
                  toast(`${name} is saved.`);
                  back();
                }}
              >
                <span class="ml-auto">
                  <RemoveButton
                    source={known()}
                    onDone={back}
                    what="It is not asked any more; what it brought is forgotten with time."
                  />
                </span>
              </SourceForm>
            )}
          </Show>
        </Show>
      </div>
    </SettingsFrame>
  );
}
