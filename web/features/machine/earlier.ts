import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { type ChartData, type Column, chartData, valueAt } from "./chart-data.ts";
import type { ChartLine } from "./charts.ts";
import type { MachineHistory } from "./history.ts";
import { type History, HistoryAnswers, type Most, REPORT_EVERY_MS, seriesKey } from "./history-answers.ts";
import { type Bounds, type Comparison, pointsFor } from "./window.ts";

/** How it was the same time before, as far as it has been read. */
export interface Earlier {
  comparison: Comparison;
  /** What was known then of each step of now, by line. */
  columnsFor: (lines: readonly ChartLine[], now: ChartData) => Column[];
}

/** A window that moves on needs what comes next, until history is asked for anew. */
const AHEAD_MS = 360_000;

/** History of the same time before, asked for whenever that of now is. */
export function createEarlier(
  history: Pick<MachineHistory, "asked">,
  metrics: Accessor<ReadonlyMap<string, ReadonlySet<string>>>,
  comparison: Accessor<Comparison | undefined>,
  width: () => number,
  most: Accessor<Most | undefined> = () => undefined,
): Accessor<Earlier | undefined> {
  const answers = new HistoryAnswers();
  const [earlier, setEarlier] = createSignal<Earlier>();
  let newest: Bounds | undefined;
  createEffect(
    on([history.asked, comparison], async ([asked, chosen]) => {
      newest = asked;
      if (!chosen || !asked) {
        answers.leave();
        setEarlier(undefined);
        return;
      }
      if (earlier()?.comparison !== chosen) setEarlier(toldBy(chosen, new Map()));
      const [from, to] = [asked.from - chosen.ms, asked.to - chosen.ms + AHEAD_MS];
      const question = {
        wanted: metrics(),
        most: most(),
        from,
        to,
        maxPoints: pointsFor(to - from, REPORT_EVERY_MS, width()),
      };
      answers.leave(question);
      const { series } = await answers.ask(question);
      if (newest === asked && comparison() === chosen) setEarlier(toldBy(chosen, series));
    }),
  );
  onCleanup(() => {
    newest = undefined;
    answers.forget();
  });
  return earlier;
}

function toldBy(comparison: Comparison, series: History): Earlier {
  const find = (resource: string, metric: string) => series.get(seriesKey(resource, metric));
  return {
    comparison,
    columnsFor: (lines, now) => besideNow(now, chartData(lines, find, REPORT_EVERY_MS), comparison.ms),
  };
}

/** What was known then of each step of now; steps of then may be longer and begin elsewhere. */
function besideNow(now: ChartData, then: ChartData, distanceMs: number): Column[] {
  const places: (number | undefined)[] = [];
  let next = 0;
  for (const at of now.times) {
    const wanted = at - distanceMs + Math.min(now.step, then.step) / 2;
    while (next + 1 < then.times.length && (then.times[next + 1] as number) <= wanted) next += 1;
    const start = then.times[next];
    const isIn = start !== undefined && start <= wanted && wanted < start + then.step;
    places.push(isIn ? next : undefined);
  }
  return then.values.map((column) =>
    places.map((place) => (place === undefined ? null : (valueAt(column, place) ?? null))),
  );
}
