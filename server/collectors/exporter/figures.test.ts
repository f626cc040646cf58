import { expect, test } from "bun:test";
import { capturedPage } from "../exposition/captured-page.ts";
import { parseExposition } from "../exposition/parse.ts";
import { figuresOf, labelKeyOf } from "./figures.ts";
import { Meter } from "./meter.ts";

const figures = (page: string) => figuresOf(parseExposition(new TextEncoder().encode(page)));
const told = (page: string) =>
  figures(page).map(({ metric, labelKey, how, value }) => [metric, labelKey, how, value]);

test("gauges are themselves, counters rates, and what has no type goes by its name", () => {
  expect(
    told(
      "# TYPE a gauge\na 1\n# TYPE b_total counter\nb_total 2\n# TYPE c counter\nc 3\nd_total 4\ne 5\n" +
        "# TYPE f_total gauge\nf_total 6\n",
    ),
  ).toEqual([
    ["a", "", "gauge", 1],
    ["b_per_second", "", "rate", 2],
    ["c_per_second", "", "rate", 3],
    ["d_per_second", "", "rate", 4],
    ["e", "", "gauge", 5],
    ["f_total", "", "gauge", 6],
  ]);
});

test("of a histogram and a summary the rate, the mean and the quantiles that are given", () => {
  expect(
    told(
      '# TYPE h_seconds histogram\nh_seconds_bucket{le="1"} 1\nh_seconds_bucket{le="+Inf"} 4\n' +
        "h_seconds_sum 3\nh_seconds_count 4\nh_seconds_created 1.7e9\n" +
        '# TYPE s summary\ns{q="x",quantile="0.9"} 7\ns{q="x",quantile="?"} 8\ns_count{q="x"} 2\n',
    ),
  ).toEqual([
    ["h_seconds_count_per_second", "", "rate", 4],
    ["h_mean_seconds", "", "mean", 3],
    ["s_p90", 'q="x"', "gauge", 7],
    ["s_count_per_second", 'q="x"', "rate", 2],
  ]);
});

test("what a client library says in OpenMetrics", () => {
  const page = parseExposition(capturedPage("python-client-openmetrics"), "openmetrics");
  expect(figuresOf(page).map(({ metric, labelKey }) => `${metric} ${labelKey}`)).toEqual([
    'jobs_per_second queue="mail"',
    'jobs_per_second queue="a\\"b\\\\c\\nd"',
    'temperature_celsius room="köln"',
    'request_duration_seconds_count_per_second path="/"',
    'request_duration_mean_seconds path="/"',
    "payload_bytes_count_per_second ",
    "payload_mean_bytes ",
    'build_info revision="abc",version="1.2.3"',
    'task_state task_state="starting"',
    'task_state task_state="running"',
    'task_state task_state="stopped"',
  ]);
});

test("a set of labels is the same in whatever order it comes, and no two are taken for one", () => {
  const [a, b] = [
    { name: "a", value: '1",b="2' },
    { name: "b", value: "2" },
  ];
  expect(labelKeyOf([a, b])).toBe(labelKeyOf([b, a]));
  expect(labelKeyOf([a])).not.toBe(labelKeyOf([{ name: "a", value: "1" }, b]));
  expect(labelKeyOf([{ name: "a", value: "ü\0€" }])).toBe('a="ü\\u0000€"');
});

/** What each page, ten seconds after the one before, is worth. */
function worth(pages: string[], name: string): (number | undefined)[] {
  const meter = new Meter();
  return pages.map((page, index) =>
    meter.round((measure) => {
      const found = figures(page).find(({ metric }) => metric === name);
      return found && measure(found.labelKey, found, 1_000 + index * 10_000);
    }),
  );
}

test("a rate is known from the second look on, and not over a new start of the counter", () => {
  const pages = ["a_total 100", "a_total 150", "a_total 150", "a_total 20", "a_total 25"];
  expect(worth(pages, "a_per_second")).toEqual([undefined, 5, 0, undefined, 0.5]);
  expect(worth(["a_total 1", "b 1", "a_total 5"], "a_per_second")).toEqual([undefined, undefined, undefined]);
  expect(worth(["a_total NaN", "a_total 5", "a_total +Inf"], "a_per_second")).toEqual(
    Array(3).fill(undefined),
  );
});

test("a mean is of what was observed in between; without an observation there is none", () => {
  const page = (count: number, total: number) => `# TYPE h histogram\nh_sum ${total}\nh_count ${count}\n`;
  expect(worth([page(4, 8), page(6, 11), page(6, 11), page(1, 9)], "h_mean")).toEqual([
    undefined,
    1.5,
    undefined,
    undefined,
  ]);
});

test("the exporter's own times count, and a value it did not count anew is not a standstill", () => {
  const pages = ["a_total 100 50000", "a_total 200 55000", "a_total 200 55000", "a_total 260 61000"];
  expect(worth(pages, "a_per_second")).toEqual([undefined, 20, 20, 10]);
});
