import { createSignal } from "solid-js";
import type { Channel } from "../../../server/contract/notifications.ts";
import type { RouteSettings } from "../../../server/contract/routes.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { picture } from "../../state/live.ts";
import { ownTimeZone } from "../../ui/time-zones.ts";
import type { RouteNames } from "./words.ts";

/** Who is told of what, and the way to change it; for as long as the page lives. */
export function createRouteBook() {
  const answer = createAnswer(
    () => true,
    () => api.notifications.routes.query(),
  );
  const [busy, setBusy] = createSignal(false);
  /** Rejects when it was not set: what somebody else did meanwhile is asked for, and not overwritten. */
  const change = async (how: (settings: RouteSettings) => RouteSettings): Promise<void> => {
    const list = answer.value();
    if (!list || busy()) return;
    setBusy(true);
    try {
      const { revision, settings } = list;
      await api.notifications.setRoutes.mutate({ revision, settings: how(settings) });
    } finally {
      answer.ask();
      setBusy(false);
    }
  };
  return { list: answer.value, refusal: answer.refusal, busy, change };
}

export type RouteBook = ReturnType<typeof createRouteBook>;

/** How what a route names is called. */
export function createRouteNames(channels: () => readonly Channel[]): RouteNames {
  const rules = createAnswer(
    () => true,
    () => api.alerts.rules.query(),
  );
  return {
    resource: (id) => picture.resources[id]?.name,
    rule: (name) => rules.value()?.rules.find((rule) => rule.name === name)?.title,
    channel: (id) => {
      const channel = channels().find((one) => one.id === id);
      return channel && (channel.enabled ? channel.name : `${channel.name} (off)`);
    },
    zone: ownTimeZone(),
  };
}
