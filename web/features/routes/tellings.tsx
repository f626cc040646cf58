import { For, Show } from "solid-js";
import type { Telling, TellingState } from "../../../server/contract/routes.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import type { Level } from "../../ui/meter.tsx";

const MARKS: Record<TellingState, { level: Level | "unknown"; word: string }> = {
  told: { level: "fine", word: "told" },
  waiting: { level: "unknown", word: "waits" },
  failed: { level: "critical", word: "did not arrive" },
  untold: { level: "unknown", word: "not told" },
};

/** Channel by channel, with why. */
export function Tellings(props: { tellings: readonly Telling[] }) {
  return (
    <ul class="space-y-1">
      <For each={props.tellings}>
        {(telling) => (
          <li class="flex items-baseline gap-2.5">
            <LevelMark level={MARKS[telling.state].level} label={MARKS[telling.state].word} />
            <span class="min-w-0 break-words">
              <span class="font-medium">{telling.channel.name}</span>{" "}
              <span class="text-ink-2">
                {telling.why}
                <Show when={telling.route}>{(route) => <> By the route {route()}.</>}</Show>
              </span>
              <Show when={telling.fix}>{(fix) => <span class="block text-sm text-ink-2">{fix()}</span>}</Show>
            </span>
          </li>
        )}
      </For>
    </ul>
  );
}
