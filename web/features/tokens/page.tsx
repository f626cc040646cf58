import { createSignal, lazy, Show, Suspense } from "solid-js";
import type { TokenInfo } from "../../../server/contract/tokens.ts";
import { createAnswer } from "../../api/answer.ts";
import { api } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { Notice } from "../../ui/notice.tsx";
import { toast } from "../../ui/toast.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { TokenTable } from "./table.tsx";

const NewToken = lazy(async () => ({ default: (await import("./new-token.tsx")).NewToken }));

export function TokensPage() {
  const answer = createAnswer(
    () => true,
    () => api.tokens.list.query(),
  );
  const [making, setMaking] = createSignal(false);
  const [revoking, setRevoking] = createSignal<TokenInfo>();
  const tokens = () => answer.value()?.tokens.toSorted((a, b) => b.createdAt - a.createdAt);

  const revoke = async (token: TokenInfo) => {
    await api.tokens.revoke.mutate({ id: token.id });
    toast(`${token.name} is revoked.`);
    answer.ask();
  };

  return (
    <SettingsFrame
      title="Tokens"
      lead="For scripts and other programs. A token acts for whoever made it and can never do more than they can."
      action={
        <Show when={!answer.refusal()}>
          <Button look="primary" onClick={() => setMaking(true)}>
            New token
          </Button>
        </Show>
      }
    >
      <div class="mt-6">
        <Show
          when={tokens()}
          fallback={
            <Show when={answer.refusal()} fallback={<div class="skeleton h-28 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          }
        >
          {(list) => (
            <Show when={list().length > 0} fallback={<NoTokens />}>
              <TokenTable tokens={list()} onRevoke={setRevoking} />
            </Show>
          )}
        </Show>
      </div>
      <Suspense>
        <Show when={making()}>
          <NewToken onMade={answer.ask} onClose={() => setMaking(false)} />
        </Show>
      </Suspense>
      <Show when={revoking()} keyed>
        {(token) => (
          <Confirm
            title={`Revoke ${token.name}?`}
            verb="Revoke"
            act={() => revoke(token)}
            onClose={() => setRevoking(undefined)}
          >
            <p>Whatever uses it is refused from now on. A revoked token cannot be brought back.</p>
          </Confirm>
        )}
      </Show>
    </SettingsFrame>
  );
}

function NoTokens() {
  return (
    <div class="max-w-2xl border-t border-line pt-5">
      <p class="font-medium">No tokens yet</p>
      <p class="mt-1 text-ink-2">
        A token lets a program ask what this page asks. With the scope “read”, for example, a script can list
        everything that is watched:
      </p>
      <pre class="mt-3 overflow-x-auto rounded-md border border-line bg-surface px-3 py-2 font-mono text-sm whitespace-pre-wrap">
        {`curl -H "Authorization: Bearer pulse_…" \\\n  ${location.origin}/api/trpc/resources.list`}
      </pre>
    </div>
  );
}
