/** The window that moves with the time: the last two minutes, while the machine is asked to report each second. */
import {
  type Accessor,
  createEffect,
  createMemo,
  createSignal,
  getOwner,
  on,
  onCleanup,
  runWithOwner,
} from "solid-js";
import type { MachineHistory } from "./history.ts";
import type { Motion } from "./live-motion.ts";
import type { TimeWindow } from "./window.ts";

const EVERY_MS = 1_000;
const SHORT_MS = 10 * 60_000;

export interface Live {
  isOn: Accessor<boolean>;
  /** The same window, and how often reports come in it. */
  window: Accessor<TimeWindow>;
  /** Undefined until a live window has been opened. */
  motion: Accessor<Motion | undefined>;
  /** The same history, seen through the window that moves. */
  glide: (history: MachineHistory) => MachineHistory;
}

export function createLive(resourceId: Accessor<string>, window: Accessor<TimeWindow>): Live {
  const isOn = createMemo(() => window().range === "live" && window().fixed === undefined);
  const [motion, setMotion] = createSignal<Motion>();
  const owner = getOwner();
  let isGone = false;
  onCleanup(() => {
    isGone = true;
  });
  createEffect(
    on(isOn, async (wanted) => {
      if (!wanted || motion()) return;
      const { createMotion } = await import("./live-motion.ts");
      if (!isGone && !motion()) setMotion(runWithOwner(owner, () => createMotion(resourceId, isOn)));
    }),
  );
  const isHeld = createMemo(() => isOn() && motion()?.isHeld() === true);
  /* A short stretch of the past may have been looked at as closely: where it was not, the server says so. */
  const isShort = () => window().fixed !== undefined && window().spanMs <= SHORT_MS;
  const moving = () => (isOn() ? motion()?.bounds(window().spanMs) : undefined);
  return {
    isOn,
    window: createMemo(() => (isHeld() || isShort() ? { ...window(), everyMs: EVERY_MS } : window())),
    motion,
    glide: (history) => ({
      ...history,
      from: () => moving()?.from ?? history.from(),
      to: () => moving()?.to ?? history.to(),
    }),
  };
}
