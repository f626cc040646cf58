import { useNavigate, useParams } from "@solidjs/router";
import { Show } from "solid-js";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { ChannelForm } from "./channel-form.tsx";
import { RemoveButton } from "./deeds.tsx";
import { KINDS } from "./kinds/kinds.ts";

const NOTIFICATIONS = { href: "/settings/notifications", label: "Notifications" };

export function EditChannelPage() {
  const navigate = useNavigate();
  const { id } = useParams<{ id: string }>();
  const list = createAnswer(
    () => (administers() ? id : undefined),
    () => api.notifications.channels.query(),
  );
  const channel = () => list.value()?.channels.find((each) => each.id === id);
  const back = () => navigate(NOTIFICATIONS.href);
  return (
    <SettingsFrame
      title={channel()?.name ?? "Channel"}
      lead={channel() && KINDS[channel()?.type ?? "webhook"].label}
      back={NOTIFICATIONS}
    >
      <div class="mt-6">
        <Show when={administers()} fallback={<Notice>Channels are changed by admins.</Notice>}>
          <Show
            when={channel()}
            fallback={
              <Show
                when={list.value() || list.refusal()}
                fallback={<div class="skeleton h-64 w-full max-w-xl" />}
              >
                <Notice>{list.refusal()?.words ?? "There is no such channel, or not any more."}</Notice>
              </Show>
            }
          >
            {(known) => (
              <ChannelForm
                type={known().type}
                channel={known()}
                onSaved={({ name }) => {
                  toast(`${name} is saved.`);
                  back();
                }}
              >
                <span class="ml-auto">
                  <RemoveButton look="danger" channel={known()} onDone={back} />
                </span>
              </ChannelForm>
            )}
          </Show>
        </Show>
      </div>
    </SettingsFrame>
  );
}
