import { expect, test } from "bun:test";
import { seededRandom } from "../../../tests/support/hostile-pages.ts";
import { capturedPage } from "../exposition/captured-page.ts";
import { parseExposition } from "../exposition/parse.ts";
import { figuresOf } from "./figures.ts";
import { type Placement, place, type Wanted } from "./placement.ts";

const figures = (page: string) => figuresOf(parseExposition(new TextEncoder().encode(page)));
const ALL: Wanted = { shown: [], onlyShown: false, maxSeries: 10_000, maxResources: 1_999 };

function outline({ exporter, groups, leftOut }: Placement) {
  const named = (map: Map<string, unknown>) => [...map.keys()].sort();
  return {
    exporter: named(exporter),
    groups: groups.map(({ labelKey, prefix, figures }) => [labelKey, prefix, ...named(figures)]),
    leftOut,
  };
}

test("one set of labels is one group, and what has no labels is the exporter's", () => {
  const page = 'up 1\na{x="1"} 1\nb{x="1"} 2\na{x="2"} 3\na{y="1",x="1"} 4\na{x="1",y="1"} 5\n';
  expect(outline(place(figures(page), ALL))).toEqual({
    exporter: ["up"],
    groups: [
      ['x="1"', "", "a", "b"],
      ['x="2"', "", "a"],
      ['x="1",y="1"', "", "a"],
    ],
    leftOut: 1,
  });
});

test("what is left out is the same in whatever order the page is, and the first are what was chosen", () => {
  const lines = Array.from({ length: 50 }, (_, n) => `m{n="${n}"} 1`);
  lines.push('go_x{n="0"} 1', 'z{n="99"} 1');
  const random = seededRandom(7);
  const shuffled = [...lines].sort(() => random(3) - 1);
  const wanted = { ...ALL, maxSeries: 20, shown: [{ metric: "z" }] };
  const one = outline(place(figures(lines.join("\n")), wanted));
  expect(outline(place(figures(shuffled.join("\n")), wanted))).toEqual(one);
  expect(one.groups).toHaveLength(20);
  expect(one.groups[0]).toEqual(['n="99"', "", "z"]);
  expect(one.leftOut).toBe(32);
  expect(one.groups.flat()).not.toContain("go_x");
  const fewer = outline(place(figures(lines.join("\n")), { ...ALL, maxResources: 10 }));
  expect(fewer.groups).toHaveLength(10);
  expect(fewer.leftOut).toBe(41);
});

test("a chosen series is on the exporter, several rates as their sum, several gauges not at all", () => {
  const page = 'a_total{x="1"} 1\na_total{x="2"} 2\ng{x="1"} 1\ng{x="2"} 2\nh 1\n';
  const shown = [{ metric: "a_total" }, { metric: "g" }, { metric: "h" }];
  const placement = place(figures(page), { ...ALL, shown });
  expect([...placement.shown].map(([metric, all]) => [metric, all.length])).toEqual([["a_per_second", 2]]);
  expect(placement.chosen).toEqual(["h", "a_per_second"]);
  const one = place(figures(page), { ...ALL, onlyShown: true, shown: [{ metric: "g", labels: { x: "2" } }] });
  expect([...one.shown.keys()]).toEqual(["g"]);
  expect(outline(one)).toEqual({ exporter: [], groups: [['x="2"', "", "g"]], leftOut: 0 });
});

test("more metrics than a resource holds are told apart by how their names begin, and none is lost", () => {
  const all = figuresOf(parseExposition(capturedPage("redis-exporter")));
  const placement = place(all, ALL);
  expect(placement.leftOut).toBe(0);
  expect(placement.exporter.size).toBeLessThanOrEqual(61);
  const prefixes = placement.groups.map(({ prefix }) => prefix).filter(Boolean);
  expect(prefixes.length).toBeGreaterThan(1);
  for (const { prefix, figures: group } of placement.groups) {
    expect(group.size).toBeLessThanOrEqual(64);
    for (const metric of group.keys()) expect(metric.startsWith(prefix)).toBe(true);
  }
});

test("a thousand names that begin alike are cut down to what fits, and the rest is counted", () => {
  const page = Array.from({ length: 1_000 }, (_, n) => `same ${n}\nx${n} 1\n`).join("");
  const placement = place(figures(page), ALL);
  expect(placement.exporter.size).toBe(61);
  expect(placement.leftOut).toBe(2_000 - 61);
});
