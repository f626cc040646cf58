import type { Level } from "./meter.tsx";

/** A state as shape and colour; the word stands beside it or in `label`. */
export function LevelMark(props: { level: Level | "unknown"; label?: string; class?: string }) {
  const shape = () => {
    switch (props.level) {
      case "critical":
        return <rect x="1" y="1" width="8" height="8" rx="1.2" class="fill-bad-fill" />;
      case "warning":
        return <path d="M5 .8 9.6 9H.4z" class="fill-warn-fill" stroke-linejoin="round" />;
      case "unknown":
        return <circle cx="5" cy="5" r="3.2" fill="none" class="stroke-ink-3" stroke-width="1.4" />;
      default:
        return <circle cx="5" cy="5" r="2.6" class="fill-line-strong" />;
    }
  };
  return (
    <svg
      viewBox="0 0 10 10"
      class={`size-2.5 shrink-0 ${props.class ?? ""}`}
      role={props.label ? "img" : undefined}
      aria-label={props.label}
      aria-hidden={props.label ? undefined : "true"}
    >
      {shape()}
    </svg>
  );
}
