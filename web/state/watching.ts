/**
 * One page's close look at a machine: said to the server again and again while the page can be seen, so that the
 * machine reports faster, and taken back when it cannot.
 */
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import type { ResourceId } from "../../server/contract/ids.ts";
import { WATCH_LIMITS } from "../../server/contract/watch-limits.ts";
import type { Watch } from "../../server/contract/watching.ts";
import { api } from "../api/client.ts";
import { explain, type Refusal } from "../api/errors.ts";

export type Watching =
  | { state: "asking" }
  /** What the server said, and since when it has not been something else. */
  | { state: "said"; watch: Watch; since: number }
  | { state: "refused"; refusal: Refusal };

/** Looks at this resource as long as there is one. `again` begins a new look after the longest. */
export function createWatching(id: Accessor<string | undefined>): {
  watching: Accessor<Watching>;
  again: () => void;
} {
  const [watching, setWatching] = createSignal<Watching>({ state: "asking" });
  const [visible, setVisible] = createSignal(!document.hidden);
  const [round, setRound] = createSignal(0);
  const follow = () => setVisible(!document.hidden);
  document.addEventListener("visibilitychange", follow);
  onCleanup(() => document.removeEventListener("visibilitychange", follow));

  createEffect(
    on([id, visible, round], ([wanted, isVisible]) => {
      setWatching({ state: "asking" });
      if (wanted === undefined || !isVisible) return;
      onCleanup(lookAt(wanted as ResourceId, setWatching));
    }),
  );
  return { watching, again: () => setRound((count) => count + 1) };
}

/** Each look has a name of its own; what is returned ends it. */
function lookAt(id: ResourceId, tell: (watching: Watching) => void): () => void {
  const input = { id, tab: crypto.getRandomValues(new Uint32Array(2)).join("-") };
  let ended = false;
  let said: { watch: Watch; since: number } | undefined;
  const say = async () => {
    try {
      const watch = await api.resources.watch.mutate(input);
      if (ended) return;
      const isSame = said?.watch.why === watch.why && said?.watch.intervalMs === watch.intervalMs;
      said = { watch, since: isSame && said ? said.since : Date.now() };
      tell({ state: "said", ...said });
      if (watch.until === undefined) clearInterval(renewal);
    } catch (error) {
      said = undefined;
      if (!ended) tell({ state: "refused", refusal: explain(error) });
    }
  };
  const renewal = setInterval(() => void say(), WATCH_LIMITS.renewEveryMs);
  void say();
  return () => {
    ended = true;
    clearInterval(renewal);
    // Where this does not arrive, the look ends by itself.
    if (said?.watch.until !== undefined) api.resources.unwatch.mutate(input).catch(() => {});
  };
}
