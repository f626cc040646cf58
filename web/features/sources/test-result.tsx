import { For, Show } from "solid-js";
import type { SourceTest } from "../../../server/contract/sources.ts";
import { Button } from "../../ui/button.tsx";
import { latency, text } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";

/** What a try found, word for word. */
export function TestResult(props: {
  test: SourceTest;
  /** The certificate that is trusted now, as it was typed. */
  trusted: string | undefined;
  onTrust: (fingerprint: string) => void;
}) {
  const presented = () => {
    const { fingerprint256 } = props.test;
    const isTrusted = plain(fingerprint256 ?? "") === plain(props.trusted ?? "");
    return props.trusted !== undefined && fingerprint256 && !isTrusted ? fingerprint256 : undefined;
  };
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
      <Show when={props.test.facts.length > 0}>
        <dl class="mt-2.5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-6 gap-y-1 pl-5 text-sm">
          <For each={props.test.facts}>
            {({ label, value }) => (
              <>
                <dt class="text-ink-3 first-letter:uppercase">{label}</dt>
                <dd class="min-w-0 break-words">{value}</dd>
              </>
            )}
          </For>
        </dl>
      </Show>
      <Show when={presented()}>
        {(fingerprint) => (
          <div class="mt-3 border-t border-line pt-3 pl-5">
            <p class="text-sm text-ink-2">
              This is the certificate it shows. Is it the one that was printed on the machine itself? Then it
              can be trusted.
            </p>
            <code class="mt-2 block font-mono text-sm break-all select-all">{fingerprint()}</code>
            <Button class="mt-2.5" onClick={() => props.onTrust(fingerprint())}>
              Trust this certificate
            </Button>
          </div>
        )}
      </Show>
    </div>
  );
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").trim().toLowerCase();
}
