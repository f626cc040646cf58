import { Show } from "solid-js";
import type { Scope } from "../../../server/contract/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { Copyable } from "../../ui/copyable.tsx";

interface MadeTokenProps {
  token: string;
  scopes: readonly Scope[];
  headers: readonly string[];
  onClose: () => void;
}

/** The only time a token's secret is on the screen. */
export function MadeToken(props: MadeTokenProps) {
  const reads = () => props.scopes.some((scope) => scope !== "report");
  const example = () =>
    [
      `curl -H "Authorization: Bearer ${props.token}"`,
      ...props.headers.map((header) => `  -H "${header}"`),
      `  ${location.origin}/api/trpc/resources.list`,
    ].join(" \\\n");
  return (
    <div class="space-y-4 overflow-y-auto px-5 pt-1 pb-5">
      <p class="text-ink-2">Copy it now. Pulse keeps only a fingerprint of it and cannot show it again.</p>
      <Copyable label="Token" text={props.token} />
      <Show when={reads()}>
        <Copyable label="Example" text={example()} block help="Lists everything that is watched." />
      </Show>
      <div class="flex justify-end">
        <Button look="primary" onClick={() => props.onClose()}>
          Done
        </Button>
      </div>
    </div>
  );
}
