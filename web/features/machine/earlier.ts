import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { type ChartData, type Column, valueAt } from "./chart-data.ts";
import type { MachineHistory } from "./history.ts";
import { type History, HistoryAnswers, REPORT_EVERY_MS } from "./history-answers.ts";
import { type Bounds, type Comparison, pointsFor } from "./window.ts";

/** How it was the same time before, as far as it has been read. */
export interface Earlier {
  comparison: Comparison;
  series: History;
}

/** A window that moves on needs what comes next, until history is asked for anew. */
const AHEAD_MS = 360_000;

/** History of the same time before, asked for whenever that of now is. */
export function createEarlier(
  history: Pick<MachineHistory, "asked">,
  metrics: Accessor<ReadonlyMap<string, ReadonlySet<string>>>,
  comparison: Accessor<Comparison | undefined>,
  width: () => number,
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
      if (earlier()?.comparison !== chosen) setEarlier({ comparison: chosen, series: new Map() });
      const [from, to] = [asked.from - chosen.ms, asked.to - chosen.ms + AHEAD_MS];
      const question = {
        wanted: metrics(),
        from,
        to,
        maxPoints: pointsFor(to - from, REPORT_EVERY_MS, width()),
      };
      answers.leave(question);
      const { series } = await answers.ask(question);
      if (newest === asked && comparison() === chosen) setEarlier({ comparison: chosen, series });
    }),
  );
  onCleanup(() => {
    newest = undefined;
    answers.forget();
  });
  return earlier;
}

/** What was known then of each step of now; steps of then may be longer and begin elsewhere. */
export function besideNow(now: ChartData, then: ChartData, distanceMs: number): Column[] {
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

/** All lines put together, where any is known: what a stack adds up to. */
export function totalOf(columns: readonly Column[], length: number): Column {
  return Array.from({ length }, (_, index) => {
    let total: number | null = null;
    for (const column of columns) {
      const value = column[index];
      if (value !== null && value !== undefined) total = (total ?? 0) + value;
    }
    return total;
  });
}
