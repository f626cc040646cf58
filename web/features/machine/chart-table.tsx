import { createMemo, For, Show } from "solid-js";
import { clock, clockWithSeconds, date, day, text } from "../../ui/format.ts";
import { createWindowedBox } from "../../ui/windowed-box.ts";
import type { ChartData, Column } from "./chart-data.ts";
import type { ChartSpec } from "./charts.ts";
import { difference, formFor } from "./units.ts";

/** Up to so many cells all rows are there, for whoever reads on without scrolling; more are drawn as they come. */
const CELLS_MAX = 4_000;
/** As in the classes of its cells. */
const ROW_HEIGHT = 30;
const DAY = 86_400_000;

interface ChartTableProps {
  spec: ChartSpec;
  data: ChartData;
  /** The same time before, by line. */
  before: Column[] | undefined;
  comparison: string | undefined;
  /** The time the chart shows; while another is being asked for, the data reach further. */
  from: number;
  to: number;
}

interface Heading {
  label: string;
  figure: (index: number) => string;
}

/** The figures behind a chart, newest first. */
export function ChartTable(props: ChartTableProps) {
  const rows = createMemo(() => {
    const { times, step } = props.data;
    return times.flatMap((at, index) => (at + step > props.from && at <= props.to ? [index] : [])).reverse();
  });
  const headings = createMemo(() => {
    const unit = formFor(props.spec);
    const { values, band } = props.data;
    const column = (label: string, of: Column | undefined): Heading[] =>
      of ? [{ label, figure: (index) => text(unit.figure(of[index])) }] : [];
    return props.spec.lines.flatMap(({ label }, line): Heading[] => {
      const before = props.before?.[line];
      return [
        ...column(label, values[line]),
        ...column(`${label}, least`, band?.min[line]),
        ...column(`${label}, most`, band?.max[line]),
        ...column(`${label}, ${props.comparison}`, before),
        ...(before
          ? [
              {
                label: `${label}, difference`,
                figure: (index: number) =>
                  difference(unit, values[line]?.[index] ?? undefined, before[index] ?? undefined) || "–",
              },
            ]
          : []),
      ];
    });
  });
  const isWhole = () => rows().length * headings().length <= CELLS_MAX;
  const { span, look } = createWindowedBox(ROW_HEIGHT, () => rows().length);
  const drawn = createMemo(() => (isWhole() ? { from: 0, to: rows().length } : span()));
  const timeOf = (index: number) => {
    const at = props.data.times[index] ?? 0;
    if (props.data.step >= DAY) return date(at);
    if (props.data.step >= 60_000) return `${date(at)}, ${clock(at)}`;
    return props.to - props.from > DAY / 2 ? `${day(at)}, ${clockWithSeconds(at)}` : clockWithSeconds(at);
  };
  return (
    <section
      class="mt-2 max-h-64 overflow-auto rounded-md border border-line px-3 [overflow-anchor:none]"
      tabindex="0"
      data-own-arrows=""
      aria-label={`${props.spec.title}, figures`}
      onScroll={(event) => look(event.currentTarget)}
    >
      <table class="figures w-full text-sm" aria-rowcount={isWhole() ? undefined : rows().length + 1}>
        <thead class="sticky top-0 bg-page">
          <tr>
            <th scope="col">Time</th>
            <For each={headings()}>{({ label }) => <th scope="col">{label}</th>}</For>
          </tr>
        </thead>
        <Gap rows={drawn().from} />
        <tbody>
          <For each={rows().slice(drawn().from, drawn().to)}>
            {(index, place) => (
              <tr class="h-[30px]" aria-rowindex={isWhole() ? undefined : drawn().from + place() + 2}>
                <td class="h-[30px]!">{timeOf(index)}</td>
                <For each={headings()}>{({ figure }) => <td class="h-[30px]!">{figure(index)}</td>}</For>
              </tr>
            )}
          </For>
        </tbody>
        <Gap rows={rows().length - drawn().to} />
      </table>
    </section>
  );
}

/** In place of rows that are not drawn. */
function Gap(props: { rows: number }) {
  return (
    <Show when={props.rows > 0}>
      <tbody aria-hidden="true">
        <tr style={{ height: `${props.rows * ROW_HEIGHT}px` }} />
      </tbody>
    </Show>
  );
}
