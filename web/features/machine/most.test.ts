import { expect, test } from "bun:test";
import type { ChartSpec } from "./charts.ts";
import type { History } from "./history-answers.ts";
import { MOST_SHOWN, mostOf, Palette } from "./most.ts";

function held(values: Record<string, (number | null)[]>): History {
  return new Map(
    Object.entries(values).map(([id, avg]) => [
      `${id} m`,
      {
        metric: "m",
        unit: "count" as const,
        step: 10,
        times: avg.map((_, index) => index * 10),
        avg,
        min: avg,
        max: avg,
        inLast: 1,
      },
    ]),
  );
}

function specOf(ids: readonly string[]): ChartSpec {
  const lines = ids.map((id) => ({ label: id, sources: [{ resourceId: id, metric: "m" }] }));
  return { id: "c", title: "C", unit: "count", form: "stack", most: true, lines };
}

test("the highest on average are shown, what was there for a part of the time by that part", () => {
  const history = held({ short: [null, null, null, 40], steady: [20, 20, 20, 20], none: [null, null] });
  const shown = mostOf(specOf(["short", "steady", "none", "unheard"]), history, new Palette());
  expect(shown.lines.map(({ label }) => label)).toEqual(["steady", "short"]);
});

test("all others are one line, and a single other is itself", () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`);
  const shownOf = (count: number) => {
    const history = held(Object.fromEntries(ids(count).map((id, index) => [id, [100 - index]])));
    return mostOf(specOf(ids(count)), history, new Palette()).lines;
  };
  expect(shownOf(MOST_SHOWN + 1).map(({ label }) => label)).toEqual(ids(MOST_SHOWN + 1));
  const many = shownOf(MOST_SHOWN + 12);
  expect(many.length).toBe(MOST_SHOWN + 1);
  expect(many.at(-1)?.label).toBe("12 others");
  expect(many.at(-1)?.sources.length).toBe(12);
});

test("a colour stays with whom it was given first, and no two in one chart have the same", () => {
  const palette = new Palette();
  expect(palette.placesOf(["a", "b", "c"])).toEqual([0, 1, 2]);
  expect(palette.placesOf(["c", "d", "a"])).toEqual([2, 1, 0]);
  expect(new Set(palette.placesOf(["a", "b", "c", "d"])).size).toBe(4);
});
