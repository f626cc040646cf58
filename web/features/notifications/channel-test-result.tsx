import { Show } from "solid-js";
import type { ChannelTest } from "../../../server/contract/notifications.ts";
import { TestResult } from "../forms/test-result.tsx";

/** What the service answered to a test message, and what to do about it. */
export function ChannelTestResult(props: { test: ChannelTest }) {
  return (
    <TestResult test={props.test}>
      <Show when={props.test.fix}>
        <p class="mt-1 pl-5 text-sm text-ink-2">{props.test.fix}</p>
      </Show>
    </TestResult>
  );
}
