import { A } from "@solidjs/router";
import { createMemo, For, Show } from "solid-js";
import type { Silence, SilenceList } from "../../../server/contract/alerts.ts";
import { nowByMinute } from "../../state/clock.ts";
import { clock, date, day, plural } from "../../ui/format.ts";
import { isNarrow } from "../../ui/narrow.ts";
import { DAY_NAMES, WEEK } from "../../ui/weekly-words.ts";
import { type Bar, type CalendarDay, weeksOf } from "./calendar.ts";
import { spanWords } from "./words.ts";

const DAY_MS = 86_400_000;
/** Of one day; what is more is counted. */
const BARS_SHOWN = 4;
/** On a phone, where only days with something stand below each other. */
const DAYS_SHOWN = 14;

/** What is quiet when, in the coming weeks. */
export function Calendar(props: { found: SilenceList }) {
  const weeks = createMemo(() => weeksOf(props.found.coming, nowByMinute(), props.found.comingUntil));
  const nameOf = (id: Silence["id"]) => props.found.silences.find((one) => one.id === id)?.name ?? "";
  return (
    <section class="mt-8" aria-label="Coming weeks">
      <h2 class="font-semibold">Coming weeks</h2>
      <Show when={isNarrow()} fallback={<Grid weeks={weeks()} nameOf={nameOf} />}>
        <Agenda days={weeks().flat()} nameOf={nameOf} />
      </Show>
      <p class="mt-2 text-sm text-ink-2">By your clock, until {date(props.found.comingUntil)}.</p>
    </section>
  );
}

interface Shown {
  nameOf: (id: Silence["id"]) => string;
}

function Grid(props: Shown & { weeks: CalendarDay[][] }) {
  return (
    <table class="mt-2 w-full table-fixed border-collapse">
      <caption class="sr-only">What is quiet on which day</caption>
      <thead>
        <tr>
          <For each={WEEK}>
            {(weekday) => (
              <th
                scope="col"
                abbr={DAY_NAMES[weekday]}
                class="pb-1 pl-2 text-left text-xs font-normal text-ink-3"
              >
                {DAY_NAMES[weekday]?.slice(0, 3)}
              </th>
            )}
          </For>
        </tr>
      </thead>
      <tbody>
        <For each={props.weeks}>
          {(week) => (
            <tr>
              <For each={week}>{(shown) => <Day day={shown} nameOf={props.nameOf} />}</For>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  );
}

function Day(props: Shown & { day: CalendarDay }) {
  const more = () => props.day.bars.length - BARS_SHOWN;
  return (
    <td
      class="h-20 border border-line p-1 align-top"
      classList={{ "bg-hover": props.day.isOutside, "bg-surface": !props.day.isOutside }}
    >
      <p
        class="px-1 text-sm"
        classList={{ "text-ink-2": !props.day.isToday, "font-semibold text-accent": props.day.isToday }}
      >
        <time dateTime={new Date(props.day.at).toISOString()}>{dayLabel(props.day.at)}</time>
        <Show when={props.day.isToday}>
          <span class="sr-only"> today</span>
        </Show>
      </p>
      <Show when={props.day.bars.length > 0}>
        <ul class="mt-0.5 space-y-0.5">
          <For each={props.day.bars.slice(0, BARS_SHOWN)}>
            {(bar) => (
              <li>
                <Entry bar={bar} day={props.day} name={props.nameOf(bar.id)} />
              </li>
            )}
          </For>
          <Show when={more() > 0}>
            <li class="px-1 text-xs text-ink-2">and {more()} more</li>
          </Show>
        </ul>
      </Show>
    </td>
  );
}

/**
 * Its name, with its place in the day as a line below. Of a night that began the day before the line alone: it has said
 * its name there.
 */
function Entry(props: { bar: Bar; day: CalendarDay; name: string }) {
  const isRest = () => props.bar.from < props.day.at;
  const isNight = () => isRest() && props.bar.to - props.bar.from <= DAY_MS;
  const words = () => `${props.name}: ${spanWords(props.bar)}`;
  return (
    <Show
      when={!isNight()}
      fallback={
        <span class="block px-1 py-1" title={words()}>
          <span class="sr-only">{words()}</span>
          <Line bar={props.bar} />
        </span>
      }
    >
      <A
        href={`/alerts/silences/${props.bar.id}`}
        class="block min-h-6 rounded-sm px-1 text-xs hover:bg-hover"
        title={words()}
      >
        <span class="block truncate">
          <span class="text-ink-2">{isRest() ? "…" : clock(props.bar.from)}</span> {props.name}
        </span>
        <span class="sr-only">, {spanWords(props.bar)}</span>
        <Line bar={props.bar} />
      </A>
    </Show>
  );
}

function Line(props: { bar: Bar }) {
  return (
    <span class="block h-1 rounded-full bg-track" aria-hidden="true">
      <span
        class="block h-1 min-w-0.5 rounded-full bg-bar"
        style={{ "margin-left": `${props.bar.start * 100}%`, width: `${props.bar.length * 100}%` }}
      />
    </span>
  );
}

/** The first of a month says which. */
function dayLabel(at: number): string {
  const number = new Date(at).getDate();
  return number === 1 ? day(at) : String(number);
}

function Agenda(props: Shown & { days: CalendarDay[] }) {
  const some = createMemo(() =>
    props.days
      .map((shown) => ({
        ...shown,
        bars: shown.bars.filter(({ from }) => from >= shown.at || shown.isToday),
      }))
      .filter(({ bars, isOutside }) => bars.length > 0 && !isOutside),
  );
  const more = () => some().length - DAYS_SHOWN;
  return (
    <Show when={some().length > 0} fallback={<p class="mt-1 text-ink-2">Nothing in the coming weeks.</p>}>
      <ul class="mt-2 divide-y divide-line border-y border-line">
        <For each={some().slice(0, DAYS_SHOWN)}>
          {(shown) => (
            <li class="flex gap-4 py-2">
              <span class="w-24 shrink-0" classList={{ "font-semibold text-accent": shown.isToday }}>
                {DAY_NAMES[new Date(shown.at).getDay()]?.slice(0, 3)} {day(shown.at)}
              </span>
              <ul class="min-w-0 flex-1">
                <For each={shown.bars}>
                  {(bar) => (
                    <li>
                      <A
                        href={`/alerts/silences/${bar.id}`}
                        class="block min-h-6 break-words hover:underline"
                      >
                        {props.nameOf(bar.id)}{" "}
                        <span class="text-ink-2">
                          {clock(bar.from)} to {bar.to - bar.from > DAY_MS ? `${day(bar.to)}, ` : ""}
                          {clock(bar.to)}
                        </span>
                      </A>
                    </li>
                  )}
                </For>
              </ul>
            </li>
          )}
        </For>
      </ul>
      <Show when={more() > 0}>
        <p class="mt-1 text-sm text-ink-2">and on {plural(more(), "more day")}</p>
      </Show>
    </Show>
  );
}
