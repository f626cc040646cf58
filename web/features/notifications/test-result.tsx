import { Show } from "solid-js";
import type { ChannelTest } from "../../../server/contract/notifications.ts";
import { latency, text } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";

/** What the service answered to a test message, and what to do about it. */
export function TestResult(props: { test: ChannelTest }) {
  return (
    <div class="settle rounded-lg border border-line bg-surface px-4 py-3" role="status">
      <p class="flex items-baseline gap-2.5">
        <LevelMark
          level={props.test.ok ? "fine" : "critical"}
          label={props.test.ok ? "works" : "does not work"}
        />
        <span class="min-w-0 flex-1 font-medium break-words" classList={{ "text-bad": !props.test.ok }}>
          {props.test.message}
        </span>
        <span class="shrink-0 text-sm text-ink-3">{text(latency(props.test.tookMs / 1_000))}</span>
      </p>
      <Show when={props.test.fix}>
        <p class="mt-1 pl-5 text-sm text-ink-2">{props.test.fix}</p>
      </Show>
    </div>
  );
}
