import { createEffect, createSignal, on, onCleanup, untrack } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { api } from "../../api/client.ts";
import { connection, serverNow } from "../../state/live.ts";
import { append, begin, type LiveSeries } from "../../state/series.ts";

export const RECENT_MS = 3_600_000;
const POINTS = 60;

export type Recent = ReadonlyMap<string, LiveSeries>;

/**
 * The last hour, or another span, of some metrics of a machine, continued live. Asked for once it is `seen`, and again after
 * the server was away: what came meanwhile is known to it alone.
 */
export function createRecent(
  machine: () => Resource,
  metrics: readonly string[],
  seen: () => boolean,
  spanMs: () => number = () => RECENT_MS,
): () => Recent {
  const [recent, setRecent] = createSignal<Recent>(new Map());
  let gone = false;
  onCleanup(() => {
    gone = true;
  });

  const ask = async () => {
    const to = serverNow();
    try {
      const { series } = await api.history.range.query({
        resourceId: machine().id,
        metrics: [...metrics],
        from: Math.floor(to - spanMs()),
        to: Math.ceil(to),
        maxPoints: POINTS,
      });
      if (!gone) setRecent(new Map(series.map((each) => [each.metric, begin(each)])));
    } catch {
      // The figures beside the line are live without it; it is asked again with the next connection.
    }
  };

  createEffect(
    on([seen, () => machine().id, () => connection().state], ([wanted, id, state], before) => {
      const reconnected = state === "live" && before?.[2] === "away";
      if (wanted && (!before?.[0] || id !== before[1] || reconnected)) void ask();
    }),
  );
  createEffect(
    on(
      () => machine().lastSeenAt,
      (at) => {
        if (untrack(recent).size === 0) return;
        const from = at - spanMs();
        const now = untrack(() => machine().metrics);
        setRecent(
          (before) =>
            new Map([...before].map(([metric, series]) => [metric, append(series, at, now[metric], from)])),
        );
      },
      { defer: true },
    ),
  );
  return recent;
}
