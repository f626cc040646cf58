import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { createStore, reconcile } from "solid-js/store";
import { connection } from "../state/live.ts";
import { explain, type Refusal } from "./errors.ts";

export interface Renewed<Value> {
  /** The last good answer. What has an id stays the same object, so that its row keeps focus and place. */
  value: Accessor<Value | undefined>;
  refusal: Accessor<Refusal | undefined>;
  /** Resolves when the newest answer is there. */
  ask: () => Promise<void>;
}

/**
 * What the stream does not bring: asked at once, every so often while somebody looks, and when the server is back.
 */
export function createRenewed<Value extends object>(
  ask: () => Promise<Value>,
  everyMs: number,
): Renewed<Value> {
  const [held, setHeld] = createStore<{ value?: Value }>({});
  const [refusal, setRefusal] = createSignal<Refusal>();
  let newest = 0;
  const send = async () => {
    newest += 1;
    const mine = newest;
    try {
      const answered = await ask();
      if (mine !== newest) return;
      setHeld("value", reconcile(answered as never));
      setRefusal(undefined);
    } catch (error) {
      if (mine === newest) setRefusal(explain(error));
    }
  };
  const look = () => {
    if (!document.hidden) void send();
  };
  const timer = setInterval(look, everyMs);
  document.addEventListener("visibilitychange", look);
  onCleanup(() => {
    newest += 1;
    clearInterval(timer);
    document.removeEventListener("visibilitychange", look);
  });
  createEffect(
    on(
      () => connection().state,
      (state, before) => {
        if (before === "away" && state === "live") look();
      },
    ),
  );
  void send();
  return { value: () => held.value, refusal, ask: send };
}
