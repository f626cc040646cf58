import type { JSX } from "solid-js";
import { latency, text } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";

/** What a try found, word for word. */
export function TestResult(props: {
  test: { ok: boolean; message: string; tookMs: number };
  /** What more is known, and what to do about it. */
  children?: JSX.Element;
}) {
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
      {props.children}
    </div>
  );
}
