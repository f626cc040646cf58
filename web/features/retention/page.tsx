import { Show } from "solid-js";
import type { HistoryRetention } from "../../../server/contract/history.ts";
import { api } from "../../api/client.ts";
import { createRenewed } from "../../api/renewed.ts";
import { Meter } from "../../ui/meter.tsx";
import { Notice } from "../../ui/notice.tsx";
import { SettingsFrame } from "../settings/frame.tsx";
import { administers } from "../settings/links.ts";
import { RetentionForm } from "./form.tsx";
import { TierTable } from "./table.tsx";
import { deletedWords, estimateWords, size } from "./words.ts";

const LOOK_EVERY_MS = 10_000;

export function RetentionPage() {
  const asked = createRenewed(() => api.history.retention.query(), LOOK_EVERY_MS);
  return (
    <SettingsFrame title="History" lead="How long what was measured is kept, and what it takes.">
      <div class="mt-6">
        <Show
          when={asked.value()}
          fallback={
            <Show when={asked.refusal()} fallback={<div class="skeleton h-56 w-full" />}>
              {(refused) => <Notice>{refused().words}</Notice>}
            </Show>
          }
        >
          {(found) => (
            <>
              <Use found={found()} />
              <TierTable tiers={found().tiers} />
              <Going found={found()} />
              <Show
                when={administers()}
                fallback={
                  <p class="mt-6 text-ink-2">Admins set how long it is kept. Ask one of them to change it.</p>
                }
              >
                <RetentionForm found={found()} onSet={() => void asked.ask()} />
              </Show>
            </>
          )}
        </Show>
      </div>
    </SettingsFrame>
  );
}

function Use(props: { found: HistoryRetention }) {
  const share = () => (props.found.usedBytes / props.found.limitBytes) * 100;
  return (
    <div class="mb-5 max-w-2xl">
      <p>
        <span class="text-lg font-semibold">{size(props.found.usedBytes)}</span>
        <span class="text-ink-2"> in use, of at most {size(props.found.limitBytes)}</span>
      </p>
      <Meter percent={share()} class="mt-1.5" />
      <p class="mt-2.5">{estimateWords(props.found)}</p>
    </div>
  );
}

/** What is on its way out, as long as it is. */
function Going(props: { found: HistoryRetention }) {
  return (
    <p class="mt-3 text-ink-2 empty:hidden" role="status">
      <Show when={props.found.deletes.length > 0}>
        Being deleted, a little at a time: {deletedWords(props.found.deletes)}.
      </Show>
    </p>
  );
}
