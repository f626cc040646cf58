import { createResource, createSignal, Match, Show, Switch } from "solid-js";
import type { Channel } from "../../../server/contract/notifications.ts";
import { api } from "../../api/client.ts";
import { explain } from "../../api/errors.ts";
import { ability, configOf, findSubscription, subscribe, unsubscribe } from "../../push/device.ts";
import { me } from "../../state/session.ts";
import { Button } from "../../ui/button.tsx";
import { LevelMark } from "../../ui/level-mark.tsx";
import { Notice } from "../../ui/notice.tsx";
import { deviceOf } from "../settings/device.ts";

const NAME_LENGTH = 80;

const UNABLE = {
  insecure:
    "This page was opened without https, and browsers take messages only with it. Open Pulse by an https address.",
  not_installed:
    "Here only an app can be told: choose Share, then Add to Home Screen, open Pulse from there and come back.",
  unable: "This browser takes no messages.",
};

/** Messages to the browser somebody sits at, by Web Push. */
export function ThisDevice(props: { channels: readonly Channel[]; onChanged: () => Promise<void> }) {
  const able = ability();
  const [subscription, { refetch }] = createResource(async () =>
    able === "able" ? await findSubscription() : undefined,
  );
  const [busy, setBusy] = createSignal(false);
  const [trouble, setTrouble] = createSignal<string>();
  /** The one that is told here: the browser knows its keys, the server who has them. */
  const channel = () => {
    const agreed = subscription.latest;
    return (
      agreed &&
      props.channels.find(
        ({ type, config }) => type === "webpush" && config["p256dh"] === configOf(agreed).p256dh,
      )
    );
  };
  const act = async (deed: () => Promise<void>) => {
    setBusy(true);
    setTrouble(undefined);
    try {
      await deed();
    } catch (error) {
      setTrouble(error instanceof DOMException ? refusalOf(error) : explain(error).words);
    }
    await props.onChanged();
    await refetch();
    setBusy(false);
  };
  const turnOn = () =>
    act(async () => {
      const { publicKey } = await api.notifications.pushKey.mutate();
      const name = `${deviceOf(navigator.userAgent)}, ${me()?.user.name ?? ""}`.slice(0, NAME_LENGTH);
      try {
        const config = configOf(await subscribe(publicKey));
        await api.notifications.createChannel.mutate({ name, type: "webpush", config });
      } catch (error) {
        /* Nothing stays of what nobody is told by. */
        await unsubscribe();
        throw error;
      }
    });
  const turnOff = () =>
    act(async () => {
      const known = channel();
      if (known) await api.notifications.removeChannel.mutate({ id: known.id });
      await unsubscribe();
    });
  return (
    <section aria-label="This device" class="mb-8">
      <div class="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <div class="min-w-0 flex-1 basis-64">
          <h2 class="font-semibold">This device</h2>
          <Switch fallback={<p class="text-ink-2">{UNABLE[able as keyof typeof UNABLE]}</p>}>
            <Match when={able === "able" && channel()}>
              {(known) => (
                <p class="flex items-baseline gap-2.5 text-ink-2">
                  <LevelMark level={known().enabled ? "fine" : "unknown"} />
                  <span>
                    {known().enabled
                      ? "It is told, also when no page is open."
                      : "It would be told, but its channel is turned off."}
                  </span>
                </p>
              )}
            </Match>
            <Match when={able === "able"}>
              <p class="text-ink-2">It can be told, also when no page is open.</p>
            </Match>
          </Switch>
        </div>
        <Show when={able === "able" && !subscription.loading}>
          <Show
            when={channel()}
            fallback={
              <Button busy={busy()} onClick={() => void turnOn()}>
                Tell me on this device
              </Button>
            }
          >
            <Button busy={busy()} onClick={() => void turnOff()}>
              Tell it no more
            </Button>
          </Show>
        </Show>
      </div>
      <Show when={trouble()}>
        {(words) => (
          <div class="mt-3">
            <Notice level="critical" alert>
              {words()}
            </Notice>
          </div>
        )}
      </Show>
    </section>
  );
}

/** A browser gives no reasons, only names. */
function refusalOf({ name }: DOMException): string {
  if (name === "NotAllowedError")
    return "This browser does not allow messages from here. The sign beside the address opens its settings for this page: allow notifications, then try again.";
  if (name === "AbortError")
    return "The browser could not reach the service of its maker that brings messages. Look whether it is turned off in the browser, or held up by the network.";
  return `The browser did not agree (${name}).`;
}
