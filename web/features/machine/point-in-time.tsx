import { createMemo } from "solid-js";
import { text } from "../../ui/format.ts";
import type { ChartSpec } from "./charts.ts";
import { lengthOf, type Mark } from "./marks.ts";
import { difference, formFor } from "./units.ts";
import type { Bounds } from "./window.ts";

type ValueOf = (line: number) => number | undefined;

interface PointInTimeProps {
  title: string;
  times: readonly number[];
  shown: Bounds;
  /** Place of the cursor among the times. */
  cursor: number | null;
  /** Where the keys have put it; undefined: they let go. */
  onPoint: (at: number | undefined) => void;
  onEnter: () => void;
  words: (at: number) => string;
  spec: ChartSpec;
  value: ValueOf;
  before: ValueOf | undefined;
  comparison: string | undefined;
  marks: readonly Mark[];
}

const FAR = 10;
/** More values than this are too many to listen to. */
const SPOKEN_MAX = 9;

/**
 * A chart's cursor for keys, and for those who listen: a slider over the times, whose value is what the chart shows
 * there. A screen reader says the value of a slider when it changes and leaves off when it changes again, so
 * whoever holds an arrow down is not flooded.
 */
export function PointInTime(props: PointInTimeProps) {
  /** Places of the first and the last time that is on show. */
  const ends = createMemo(() => {
    const { from, to } = props.shown;
    const first = props.times.findIndex((at) => at >= from);
    const last = props.times.findLastIndex((at) => at <= to);
    return first < 0 || last < first ? undefined : { first, last };
  });
  const point = (index: number) => {
    const reach = ends();
    if (reach) props.onPoint(props.times[Math.min(reach.last, Math.max(reach.first, index))]);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const reach = ends();
    if (event.ctrlKey || event.metaKey || event.altKey || !reach) return;
    const here = props.cursor ?? reach.last;
    const target: Record<string, number> = {
      ArrowLeft: here - (event.shiftKey ? FAR : 1),
      ArrowRight: here + (event.shiftKey ? FAR : 1),
      PageDown: here - FAR,
      PageUp: here + FAR,
      Home: reach.first,
      End: reach.last,
    };
    const index = target[event.key];
    if (index !== undefined) point(index);
    else if (event.key === "Enter") props.onEnter();
    else return;
    event.preventDefault();
  };
  const words = createMemo(() => {
    const at = props.cursor === null ? undefined : props.times[props.cursor];
    if (at === undefined) return "";
    const form = formFor(props.spec);
    const values = props.spec.lines.slice(0, SPOKEN_MAX).map(({ label }, line) => {
      const [now, before] = [props.value(line), props.before?.(line)];
      const told = now === undefined ? "unknown" : text(form.figure(now));
      if (!props.before || before === undefined) return `${label} ${told}`;
      return `${label} ${told}, ${props.comparison} ${text(form.figure(before))}, ${difference(form, now, before)}`;
    });
    const marks = props.marks.map((mark) => [mark.words, lengthOf(mark)].filter(Boolean).join(" for "));
    return [props.words(at), ...values, ...marks].join("; ");
  });
  return (
    <div
      role="slider"
      tabIndex={0}
      data-own-arrows=""
      aria-label={`${props.title}, point in time`}
      aria-valuemin={ends()?.first ?? 0}
      aria-valuemax={ends()?.last ?? 0}
      aria-valuenow={props.cursor ?? ends()?.last ?? 0}
      aria-valuetext={words() || "Arrow keys move through time, Enter opens the table"}
      class="pointer-events-none absolute inset-x-0 top-0 bottom-6 rounded-sm -outline-offset-1"
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.currentTarget.matches(":focus-visible")) point(props.cursor ?? Number.MAX_SAFE_INTEGER);
      }}
      onBlur={() => props.onPoint(undefined)}
    />
  );
}
