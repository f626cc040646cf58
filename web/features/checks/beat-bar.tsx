import { For } from "solid-js";
import { moment, plural } from "../../ui/format.ts";
import type { Result } from "./results.ts";

const LOOK: Record<Result["state"], string> = {
  up: "h-2.5 bg-line-strong",
  partly: "h-3.5 bg-warn-fill",
  down: "h-4.5 bg-bad-fill",
  unknown: "h-0.5 bg-line-strong",
};
const WORDS: Record<Result["state"], string> = {
  up: "up",
  partly: "failed now and then",
  down: "down",
  unknown: "not known",
};

/** The last results from left to right: the higher a beat, the worse. */
export function BeatBar(props: { results: readonly Result[]; class?: string }) {
  const label = () => {
    if (props.results.length === 0) return "No results yet";
    const bad = props.results.filter(({ state }) => state === "down" || state === "partly").length;
    return `${plural(props.results.length, "result")}, ${bad === 0 ? "none" : bad} of them failed`;
  };
  return (
    <div
      role="img"
      aria-label={label()}
      class={`flex h-4.5 w-40 max-w-full items-end justify-end gap-px ${props.class ?? ""}`}
    >
      <For each={props.results}>
        {(result) => (
          <span
            class={`w-[3px] min-w-0 shrink rounded-[1px] ${LOOK[result.state]}`}
            title={`${moment(result.at)}: ${WORDS[result.state]}`}
          />
        )}
      </For>
    </div>
  );
}
