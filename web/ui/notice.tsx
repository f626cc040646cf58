import type { JSX } from "solid-js";

const LOOK = {
  plain: "border-line bg-surface text-ink-2",
  warning: "border-warn-fill/50 bg-warn-soft text-ink",
  critical: "border-bad-fill/50 bg-bad-soft text-ink",
};

/** A sentence that must not be overlooked. */
export function Notice(props: { level?: keyof typeof LOOK; alert?: boolean; children: JSX.Element }) {
  return (
    <div
      role={props.alert ? "alert" : undefined}
      class={`rounded-md border px-3 py-2 ${LOOK[props.level ?? "plain"]}`}
    >
      {props.children}
    </div>
  );
}
