import { For, Show } from "solid-js";
import { clock, date, moment } from "../../ui/format.ts";
import { LevelMark } from "../../ui/level-mark.tsx";
import { lengthOf, MARKS_MAX, type Mark } from "./marks.ts";
import type { Bounds } from "./window.ts";

interface MarksListProps {
  marks: readonly Mark[];
  onShow: (bounds: Bounds) => void;
}

const HALF_HOUR = 1_800_000;

/** What the marks on the charts mean, in words; each leads to its time. */
export function MarksList(props: MarksListProps) {
  const around = ({ at, until = at }: Mark): Bounds => {
    const room = Math.max(HALF_HOUR, (until - at) / 2);
    return { from: at - room, to: until + room };
  };
  return (
    <section class="border-b border-line py-6 last:border-0" aria-labelledby="marks">
      <h2 id="marks" class="mb-2 text-lg font-semibold">
        Marked on the charts
      </h2>
      <Show when={props.marks.length === MARKS_MAX}>
        <p class="mb-1 text-sm text-ink-3">The last {MARKS_MAX} in this time.</p>
      </Show>
      <ol class="max-h-72 divide-y divide-line overflow-y-auto border-y border-line">
        <For each={props.marks.toReversed()}>
          {(mark) => (
            <li>
              <button
                type="button"
                onClick={() => props.onShow(around(mark))}
                title="Show this time"
                class="flex min-h-9 w-full flex-wrap items-center gap-x-2.5 rounded-md px-2 text-left -outline-offset-2 hover:bg-hover"
              >
                <LevelMark level={mark.level} />
                <span class="min-w-0 flex-1 truncate">{mark.words}</span>
                <span class="text-sm text-ink-2">
                  {moment(mark.at)}
                  <Show when={mark.until}>
                    {(until) =>
                      ` – ${date(until()) === date(mark.at) ? clock(until()) : moment(until())}, ${lengthOf(mark)}`
                    }
                  </Show>
                </span>
              </button>
            </li>
          )}
        </For>
      </ol>
    </section>
  );
}
