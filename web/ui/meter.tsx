import type { Maybe } from "./format.ts";

export type Level = "fine" | "warning" | "critical";

const FILL = { fine: "bg-bar", warning: "bg-warn-fill", critical: "bg-bad-fill" };

/** A thin bar for a share of 100. Stands beside its number, which is what is read aloud. */
export function Meter(props: { percent: Maybe; level?: Level; class?: string }) {
  const share = () => Math.min(1, Math.max(0, (props.percent ?? 0) / 100));
  return (
    <div class={`h-1 overflow-hidden rounded-full bg-track ${props.class ?? ""}`} aria-hidden="true">
      <div
        class={`meter h-full w-full rounded-full ${FILL[props.level ?? "fine"]}`}
        style={{ scale: `${share()} 1` }}
      />
    </div>
  );
}
