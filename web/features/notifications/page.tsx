import { createEffect, createMemo, on, Show } from "solid-js";
import type { ChannelList as Channels } from "../../../server/contract/notifications.ts";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { newestFailure } from "../../state/live.ts";
import { LinkButton } from "../../ui/link-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { WhoIsTold } from "../routes/who-is-told.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { ChannelList } from "./list.tsx";
import { DeliveryLog } from "./log.tsx";
import { ThisDevice } from "./this-device.tsx";

const LOOK_EVERY_MS = 10_000;

export function NotificationsPage() {
  return (
    <Show
      when={administers()}
      fallback={
        <SettingsFrame title="Notifications" lead="Where alerts are told.">
          <div class="mt-6">
            <Notice>Channels are set up by admins. Ask one of them to change them.</Notice>
          </div>
        </SettingsFrame>
      }
    >
      <ForAdmins />
    </Show>
  );
}

function ForAdmins() {
  const list = createRenewed(() => api.notifications.channels.query(), LOOK_EVERY_MS);
  createEffect(on(newestFailure, () => void list.ask(), { defer: true }));
  const channels = () => list.value()?.channels ?? [];
  const news = createMemo(() => newsIn(channels(), newestFailure()));
  return (
    <SettingsFrame
      title="Notifications"
      lead="Where alerts are told, and whether they arrive."
      action={
        <Show when={channels().length > 0}>
          <LinkButton href="/settings/notifications/new" look="primary">
            Add a channel
          </LinkButton>
        </Show>
      }
    >
      <div class="mt-6">
        <Show
          when={list.value()}
          fallback={
            <Show when={list.refusal()} fallback={<div class="skeleton h-28 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          }
        >
          <ThisDevice channels={channels()} onChanged={() => list.ask()} />
          <Show when={channels().length > 0} fallback={<NoChannels />}>
            <WhoIsTold channels={channels()} />
            <h2 class="mb-3 font-semibold">Channels</h2>
            <ChannelList channels={channels()} onChanged={() => void list.ask()} />
            <DeliveryLog channels={channels()} news={news()} />
          </Show>
        </Show>
      </div>
    </SettingsFrame>
  );
}

function NoChannels() {
  return (
    <div class="border-t border-line pt-5">
      <p class="font-medium">No channels yet</p>
      <p class="mt-1 mb-4 max-w-2xl text-ink-2">
        Rules are on already: what goes wrong stands under Alerts. Nothing is sent until there is a channel,
        for example your e-mail, a chat or your phone.
      </p>
      <LinkButton href="/settings/notifications/new" look="primary">
        Add a channel
      </LinkButton>
    </div>
  );
}

/** Another text whenever there may be another line in the log. */
function newsIn(channels: Channels["channels"], failed: unknown): string {
  const seen = channels.map(({ id, lastSentAt, problem, waiting }) => [id, lastSentAt, problem?.at, waiting]);
  return JSON.stringify([seen, failed]);
}
