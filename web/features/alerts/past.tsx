import { createEffect, createMemo, createSignal, For, on, onCleanup, Show } from "solid-js";
import type { Alert } from "../../../server/contract/alerts.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { picture } from "../../state/live.ts";
import { Button } from "../../ui/button.tsx";
import { moveThroughRows } from "../../ui/keyboard.ts";
import { Notice } from "../../ui/notice.tsx";
import { AlertRow } from "./row.tsx";

const PER_PAGE = 30;
const AGAIN_AFTER_MS = 500;

/** What is over, newest first; asked again when something ends. */
export function Past() {
  const [known, setKnown] = createSignal<Alert[]>();
  const [cursor, setCursor] = createSignal<Alert["id"]>();
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [pending, setPending] = createSignal(false);
  const openIds = createMemo(() => Object.keys(picture.alerts));
  let timer: ReturnType<typeof setTimeout> | undefined;

  const load = async (from: Alert["id"] | undefined) => {
    setPending(true);
    try {
      const input = { state: "resolved", limit: PER_PAGE, ...(from && { cursor: from }) } as const;
      const { incidents, nextCursor } = await api.alerts.incidents.query(input);
      setKnown((before) => (from ? [...(before ?? []), ...incidents] : incidents));
      setCursor(nextCursor);
      setRefusal(undefined);
    } catch (error) {
      setRefusal(explain(error));
    }
    setPending(false);
  };
  /** Once for everything that ends within a moment. */
  const soon = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void load(undefined);
    }, AGAIN_AFTER_MS);
  };
  createEffect(
    on(openIds, (_, before) => {
      if (!before) void load(undefined);
      else if (before.some((id) => !picture.alerts[id])) soon();
    }),
  );
  onCleanup(() => clearTimeout(timer));

  return (
    <section class="mt-10" aria-label="What is over">
      <h2 class="font-semibold">Over</h2>
      <Show when={refusal()}>{(refused) => <Notice>{refused().words}</Notice>}</Show>
      <Show when={known()} fallback={<div class="skeleton mt-3 h-24 w-full" />}>
        {(alerts) => (
          <Show
            when={alerts().length > 0}
            fallback={
              <p class="mt-1 text-ink-2">Nothing was wrong yet. What is over stays here for a year.</p>
            }
          >
            <ul
              class="mt-2 divide-y divide-line border-y border-line"
              onKeyDown={(event) => moveThroughRows(event)}
            >
              <For each={alerts()}>{(alert) => <AlertRow alert={alert} />}</For>
            </ul>
            <Show when={cursor()}>
              {(from) => (
                <div class="mt-3">
                  <Button busy={pending()} onClick={() => void load(from())}>
                    Load more
                  </Button>
                </div>
              )}
            </Show>
          </Show>
        )}
      </Show>
    </section>
  );
}
