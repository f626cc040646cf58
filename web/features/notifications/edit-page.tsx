import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { EditPage } from "../forms/settings-pages.tsx";
import { administers } from "../settings/links.ts";
import { ChannelForm } from "./channel-form.tsx";
import { RemoveChannel } from "./deeds.tsx";
import { KINDS } from "./kinds/kinds.ts";

export function EditChannelPage() {
  const list = createAnswer(
    () => administers() || undefined,
    () => api.notifications.channels.query(),
  );
  return (
    <EditPage
      what="channel"
      list={{ href: "/settings/notifications", label: "Notifications" }}
      kinds={KINDS}
      things={list.value()?.channels}
      refusal={list.refusal()?.words}
      adminsOnly="Channels are changed by admins."
      form={(channel, saved, removed) => (
        <ChannelForm type={channel.type} channel={channel} onSaved={saved}>
          <span class="ml-auto">
            <RemoveChannel look="danger" channel={channel} onDone={removed} />
          </span>
        </ChannelForm>
      )}
    />
  );
}
