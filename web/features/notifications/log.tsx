import { type Accessor, createEffect, createSignal, For, on, onCleanup, Show } from "solid-js";
import type { Channel, Delivery } from "../../../server/contract/notifications.ts";
import { api } from "../../api/client.ts";
import { explain, type Refusal } from "../../api/errors.ts";
import { now } from "../../state/clock.ts";
import { Button } from "../../ui/button.tsx";
import { ago, moment, plural } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { Notice } from "../../ui/notice.tsx";
import { showIfNamed } from "../../ui/page-focus.ts";
import { stateOf } from "./words.ts";

const PER_PAGE = 50;

/** What was sent, newest first; asked again whenever `news` is another. */
export function DeliveryLog(props: { channels: readonly Channel[]; news: string }) {
  const log = createLog(() => props.news);
  const nameOf = (id: string) => props.channels.find((channel) => channel.id === id)?.name ?? "–";
  return (
    <section class="mt-10" aria-label="What was sent">
      <h2 id="sent" ref={showIfNamed} class="scroll-mt-20 font-semibold">
        What was sent
      </h2>
      <Show when={log.refusal()}>{(refused) => <Notice>{refused().words}</Notice>}</Show>
      <Show
        when={log.deliveries()}
        fallback={<Show when={!log.refusal()}>{<div class="skeleton mt-3 h-24 w-full" />}</Show>}
      >
        {(deliveries) => (
          <Show
            when={deliveries().length > 0}
            fallback={
              <p class="mt-1 text-ink-2">
                Nothing yet. Messages stand here for 7 days, those that were given up for 30; tests do not.
              </p>
            }
          >
            <ul class="mt-2 divide-y divide-line border-y border-line">
              <For each={deliveries()}>
                {(delivery) => <LogRow delivery={delivery} channel={nameOf(delivery.channelId)} />}
              </For>
            </ul>
            <Show when={log.hasMore()}>
              <Button class="mt-3" busy={log.pending()} onClick={log.more}>
                Load more
              </Button>
            </Show>
          </Show>
        )}
      </Show>
    </section>
  );
}

function LogRow(props: { delivery: Delivery; channel: string }) {
  const state = () => stateOf(props.delivery, now());
  const others = () => props.delivery.alerts - 1;
  return (
    <li class="py-2.5">
      <div class="flex items-baseline gap-2.5">
        <LevelMark level={state().level} />
        <span class="min-w-0 flex-1 font-medium break-words md:truncate" title={props.delivery.title}>
          {props.delivery.title}
        </span>
        <span class="shrink-0 text-sm text-ink-2" title={moment(props.delivery.createdAt)}>
          {ago(props.delivery.createdAt, now())}
        </span>
      </div>
      <p class="pl-5 text-sm break-words text-ink-2">
        {props.channel} · {state().words}
        <Show when={others() > 0}> · {plural(others() + 1, "alert")}</Show>
      </p>
      <Show when={props.delivery.problem}>
        {(problem) => (
          <p class="pl-5 text-sm break-words">
            <span class="text-bad">{problem().message}</span> <span class="text-ink-2">{problem().fix}</span>
          </p>
        )}
      </Show>
    </li>
  );
}

/** Older pages stay on the page while the newest one is asked again. */
function createLog(news: Accessor<string>) {
  const [deliveries, setDeliveries] = createSignal<Delivery[]>();
  const [cursor, setCursor] = createSignal<number>();
  const [refusal, setRefusal] = createSignal<Refusal>();
  const [pending, setPending] = createSignal(false);
  let newest = 0;

  const load = async (from?: number) => {
    newest += 1;
    const mine = newest;
    setPending(true);
    try {
      const input = { limit: PER_PAGE, ...(from !== undefined && { cursor: from }) };
      const { deliveries: page, nextCursor } = await api.notifications.deliveries.query(input);
      if (mine !== newest) return;
      const known = deliveries() ?? [];
      const end = page.at(-1)?.seq;
      const joins = from === undefined && nextCursor !== undefined && known.some(({ seq }) => seq === end);
      const older = joins ? known.filter(({ seq }) => seq < (end ?? 0)) : [];
      setDeliveries(from === undefined ? [...page, ...older] : [...known, ...page]);
      /* What is shown goes on where it ended before, if it goes on at all. */
      if (older.length === 0) setCursor(nextCursor);
      setRefusal(undefined);
    } catch (error) {
      if (mine !== newest) return;
      setRefusal(explain(error));
    }
    setPending(false);
  };
  createEffect(on(news, () => void load()));
  onCleanup(() => {
    newest += 1;
  });
  return {
    deliveries,
    refusal,
    pending,
    hasMore: () => cursor() !== undefined,
    more: () => void load(cursor()),
  };
}
