import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import type { HistorySeries } from "../../../server/contract/history.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { serverNow } from "../../state/live.ts";
import { availability } from "../resource/beats.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;
/** A week changes slowly. */
const ASK_AGAIN_MS = 5 * 60_000;

export interface Shares {
  day: number | undefined;
  week: number | undefined;
}

/** The share of the last day and the last week in which it was up, in percent; for what has been seen. */
export function createShares(
  resource: Accessor<Resource | undefined>,
  seen: Accessor<boolean>,
): Accessor<Shares> {
  const [past, setPast] = createSignal<HistorySeries>();
  let newest = 0;
  const ask = async (resourceId: Resource["id"]) => {
    newest += 1;
    const mine = newest;
    const to = Math.ceil(serverNow() / HOUR_MS) * HOUR_MS;
    const range = { resourceId, metrics: ["up"], from: to - WEEK_MS, to, maxPoints: WEEK_MS / HOUR_MS };
    const answer = await api.history.range.query(range).catch(() => undefined);
    if (answer && mine === newest) setPast(answer.series[0]);
  };
  const look = () => {
    const id = seen() && !document.hidden && resource()?.id;
    if (id) void ask(id);
  };
  createEffect(on([seen, () => resource()?.id, () => resource()?.status], look));
  const timer = setInterval(look, ASK_AGAIN_MS);
  onCleanup(() => {
    newest += 1;
    clearInterval(timer);
  });
  return () => {
    const end = past()?.times.at(-1) ?? 0;
    return { day: availability(past(), end - DAY_MS + HOUR_MS), week: availability(past(), 0) };
  };
}
