import { connection } from "../../state/live.ts";
import { connectionWords } from "./connection-words.ts";

export function ConnectionDot(props: { hideWords?: boolean }) {
  const dot = () => {
    const { state } = connection();
    if (state === "live") return "bg-accent";
    return state === "away" ? "bg-warn-fill" : "border border-ink-3";
  };
  return (
    <span class="flex items-center gap-2 text-sm text-ink-2" title={connectionWords()}>
      <span class={`size-[7px] shrink-0 rounded-full ${dot()}`} />
      <span class={props.hideWords ? "sr-only" : "truncate"}>{connectionWords()}</span>
    </span>
  );
}
