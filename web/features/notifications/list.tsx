import { A } from "@solidjs/router";
import { createSignal, For, Show } from "solid-js";
import type { Channel, ChannelTest } from "../../../server/contract/notifications.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ago, moment } from "../../ui/format.ts";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { toast } from "../../ui/toast.tsx";
import { EditLink } from "../forms/edit-link.tsx";
import { ChannelTestResult } from "./channel-test-result.tsx";
import { RemoveChannel, SwitchChannel } from "./deeds.tsx";
import { KINDS } from "./kinds/kinds.ts";
import { healthOf, TOLD } from "./words.ts";

export function ChannelList(props: { channels: readonly Channel[]; onChanged: () => void }) {
  return (
    <ul
      aria-label="Channels"
      class="divide-y divide-line border-y border-line"
      onKeyDown={(event) => moveThroughRows(event)}
    >
      <For each={props.channels}>
        {(channel) => <ChannelRow channel={channel} onChanged={props.onChanged} />}
      </For>
    </ul>
  );
}

function ChannelRow(props: { channel: Channel; onChanged: () => void }) {
  const channel = props.channel;
  const [test, setTest] = createSignal<ChannelTest>();
  const [busy, setBusy] = createSignal(false);
  const health = () => healthOf(channel, now());
  const tryOut = async () => {
    setBusy(true);
    setTest(undefined);
    try {
      const { id, type, config } = channel;
      setTest(await api.notifications.test.mutate({ id, type, config: { ...config } }));
    } catch (error) {
      toast(explain(error).words);
    }
    setBusy(false);
  };
  return (
    <li class="py-3">
      <div class="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div class="min-w-0 flex-1 basis-72">
          <div class="flex items-center gap-2.5">
            <LevelMark level={health().level} />
            <A
              href={`/settings/notifications/${channel.id}`}
              data-row=""
              class="min-w-7 truncate py-0.5 font-medium hover:text-accent hover:underline focus-visible:text-accent focus-visible:underline"
              title={channel.name}
            >
              {channel.name}
            </A>
          </div>
          <p class="pl-5 text-sm text-ink-2">
            {KINDS[channel.type].label} · {TOLD[channel.leastLevel]}
          </p>
          <p
            class="pl-5 text-sm text-ink-2"
            title={channel.lastSentAt === undefined ? undefined : moment(channel.lastSentAt)}
          >
            {health().words}
          </p>
          <Show when={channel.problem}>
            {(problem) => (
              <p class="mt-0.5 pl-5 text-sm break-words">
                <span class="text-bad">{problem().message}</span>{" "}
                <span class="text-ink-2" title={moment(problem().at)}>
                  {problem().fix} Tried {ago(problem().at, now())}.
                </span>
              </p>
            )}
          </Show>
        </div>
        <div class="-mx-2 flex flex-wrap gap-1 max-sm:ml-3">
          <EditLink href={`/settings/notifications/${channel.id}`} name={channel.name} />
          <Button
            look="quiet"
            busy={busy()}
            aria-label={`Send a test to ${channel.name}`}
            onClick={() => void tryOut()}
          >
            Test
          </Button>
          <SwitchChannel channel={channel} onDone={props.onChanged} />
          <RemoveChannel look="quiet" channel={channel} onDone={props.onChanged} />
        </div>
      </div>
      <Show when={test()}>
        {(found) => (
          <div class="mt-2 pl-5">
            <ChannelTestResult test={found()} />
          </div>
        )}
      </Show>
    </li>
  );
}
