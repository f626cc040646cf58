import { A, useNavigate, useSearchParams } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { NextIcon } from "../../ui/icons.tsx";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { ChannelForm } from "./channel-form.tsx";
import { KINDS, OFFERED } from "./kinds/kinds.ts";

const NOTIFICATIONS = { href: "/settings/notifications", label: "Notifications" };

export function NewChannelPage() {
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const type = () => OFFERED.find((each) => each === query["type"]);
  return (
    <Show when={type()} keyed fallback={<Choice />}>
      {(chosen) => (
        <SettingsFrame
          title={KINDS[chosen].label}
          lead={KINDS[chosen].words}
          back={{ href: "/settings/notifications/new", label: "Add a channel" }}
        >
          <Guarded>
            <ChannelForm
              type={chosen}
              onSaved={({ name }) => {
                toast(`${name} is told from now on.`);
                navigate(NOTIFICATIONS.href);
              }}
            />
          </Guarded>
        </SettingsFrame>
      )}
    </Show>
  );
}

function Choice() {
  return (
    <SettingsFrame title="Add a channel" lead="Where do you want to be told?" back={NOTIFICATIONS}>
      <Guarded>
        <ul
          aria-label="Types of channels"
          class="max-w-xl divide-y divide-line border-y border-line"
          onKeyDown={(event) => moveThroughRows(event)}
        >
          <For each={OFFERED}>
            {(type) => (
              <li>
                <A
                  href={`/settings/notifications/new?type=${type}`}
                  data-row=""
                  class="-mx-2 flex items-center gap-4 rounded-md px-2 py-2.5 hover:bg-hover"
                >
                  <span class="min-w-0 flex-1">
                    <span class="font-medium">{KINDS[type].label}</span>
                    <span class="block text-sm text-ink-2">{KINDS[type].words}</span>
                  </span>
                  <NextIcon class="text-ink-3" />
                </A>
              </li>
            )}
          </For>
        </ul>
      </Guarded>
    </SettingsFrame>
  );
}

function Guarded(props: { children: JSX.Element }) {
  return (
    <div class="mt-6">
      <Show
        when={administers()}
        fallback={<Notice>Channels are set up by admins. Ask one of them to add it.</Notice>}
      >
        {props.children}
      </Show>
    </div>
  );
}
