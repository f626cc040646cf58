import { createMemo, For } from "solid-js";
import { clockWithSeconds, day, text } from "../../ui/format.ts";
import type { ChartData } from "./chart-data.ts";
import type { ChartSpec } from "./charts.ts";
import { formFor } from "./units.ts";

/** Rows one can read; the chart has the rest. */
const ROWS_MAX = 60;

interface ChartTableProps {
  spec: ChartSpec;
  data: ChartData;
  /** The time the chart shows; while another is being asked for, the data reach further. */
  from: number;
  to: number;
}

/** The figures behind a chart, newest first. */
export function ChartTable(props: ChartTableProps) {
  const unit = () => formFor(props.spec);
  const rows = createMemo(() => {
    const { times, step } = props.data;
    const shown = times.flatMap((at, index) => (at + step > props.from && at <= props.to ? [index] : []));
    const every = Math.max(1, Math.ceil(shown.length / ROWS_MAX));
    return shown.reverse().filter((_, place) => place % every === 0);
  });
  const timeOf = (index: number) => {
    const at = props.data.times[index] ?? 0;
    return props.data.step >= 300_000 ? `${day(at)}, ${clockWithSeconds(at)}` : clockWithSeconds(at);
  };
  return (
    <section
      class="mt-2 max-h-64 overflow-auto rounded-md border border-line px-3"
      tabindex="0"
      aria-label={`${props.spec.title}, figures`}
    >
      <table class="figures w-full text-sm">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <For each={props.spec.lines}>{(line) => <th scope="col">{line.label}</th>}</For>
          </tr>
        </thead>
        <tbody>
          <For each={rows()}>
            {(index) => (
              <tr>
                <td>{timeOf(index)}</td>
                <For each={props.spec.lines}>
                  {(_, line) => <td>{text(unit().figure(props.data.values[line()]?.[index]))}</td>}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  );
}
