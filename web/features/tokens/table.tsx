import { For, Show } from "solid-js";
import { Dynamic } from "solid-js/web";
import type { TokenInfo } from "../../../server/contract/tokens.ts";
import { now } from "../../state/clock.ts";
import { extension } from "../../state/extension.ts";
import { Button } from "../../ui/button.tsx";
import { ago, ahead, moment } from "../../ui/format.ts";

const WIDE = "hidden md:table-cell";

export function TokenTable(props: { tokens: readonly TokenInfo[]; onRevoke: (token: TokenInfo) => void }) {
  return (
    <table class="figures w-full border-b border-line">
      <thead class="max-md:sr-only">
        <tr>
          <th scope="col">Token</th>
          <th scope="col">Made by</th>
          <th scope="col">Created</th>
          <th scope="col">Expires</th>
          <th scope="col">Last used</th>
          <th scope="col">
            <span class="sr-only">Revoke</span>
          </th>
        </tr>
      </thead>
      <tbody>
        <For each={props.tokens}>
          {(token) => (
            <tr class="h-14" classList={{ old: hasEnded(token) }}>
              <td class="w-full max-w-0">
                <div class="truncate font-medium" title={token.name}>
                  {token.name}
                </div>
                <div class="text-sm text-ink-2 max-md:whitespace-normal md:truncate">
                  {token.scopes.join(", ")}
                  <span class="md:hidden">
                    {" "}
                    · {token.expiresAt === undefined || hasEnded(token) ? "" : "expires "}
                    {endWords(token)} · {token.lastUsedAt === undefined ? "" : "used "}
                    {useWords(token)}
                  </span>
                  <Show when={extension()}>
                    {(further) => <Dynamic component={further().TokenReach} token={token} />}
                  </Show>
                </div>
              </td>
              <td class={WIDE} title={token.madeBy.email}>
                {token.madeBy.name}
              </td>
              <td class={`text-ink-2 ${WIDE}`} title={moment(token.createdAt)}>
                {ago(token.createdAt, now())}
              </td>
              <td
                class={WIDE}
                classList={{ "text-ink-2": !endsSoon(token), "text-warn": endsSoon(token) }}
                title={token.expiresAt === undefined ? undefined : moment(token.expiresAt)}
              >
                {endWords(token)}
              </td>
              <td
                class={`text-ink-2 ${WIDE}`}
                title={token.lastUsedAt === undefined ? undefined : moment(token.lastUsedAt)}
              >
                {useWords(token)}
              </td>
              <td>
                <Button
                  look="danger"
                  aria-label={`Revoke ${token.name}`}
                  onClick={() => props.onRevoke(token)}
                >
                  Revoke
                </Button>
              </td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}

const SOON_MS = 7 * 86_400_000;

function hasEnded({ expiresAt }: TokenInfo): boolean {
  return expiresAt !== undefined && expiresAt <= now();
}

function endsSoon(token: TokenInfo): boolean {
  return token.expiresAt !== undefined && !hasEnded(token) && token.expiresAt - now() < SOON_MS;
}

function endWords(token: TokenInfo): string {
  if (token.expiresAt === undefined) return "never expires";
  return hasEnded(token) ? "has expired" : ahead(token.expiresAt, now());
}

function useWords({ lastUsedAt }: TokenInfo): string {
  return lastUsedAt === undefined ? "never used" : ago(lastUsedAt, now());
}
