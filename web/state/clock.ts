import { type Accessor, createMemo, createRoot, createSignal } from "solid-js";
import { serverNow } from "./live.ts";

const [tick, setTick] = createSignal(0);
setInterval(() => setTick((count) => count + 1), 1_000);

/** The server's time, moving once a second: for "12 s ago". */
export const now: Accessor<number> = () => {
  tick();
  return serverNow();
};

/** The same, moving once a minute: for what need not be drawn every second. */
export const nowByMinute: Accessor<number> = createRoot(() =>
  createMemo(() => Math.floor(now() / 60_000) * 60_000),
);
