import { describe, expect, test } from "bun:test";
import type { SelectedSeries, SelectInput } from "../../contract/prometheus.ts";
import { evaluate } from "./evaluate.ts";
import { parseQuery, parseSelector } from "./parse-query.ts";

const HOUR = 3_600_000;
const asked: SelectInput[] = [];

/** Two machines with two disks each; of one nothing is known at the second time. */
const DISKS: SelectedSeries[] = [
  ["nas", "sda", [1, 2]],
  ["nas", "sdb", [3, 4]],
  ["web", "sda", [-5.5, Number.NaN]],
  ["web", "sdb", [7, 8]],
].map(([machine, name, values]) => ({
  labels: { __name__: "pulse_busy_percent", machine: String(machine), name: String(name), kind: "disk" },
  values: Float64Array.from(values as number[]),
}));

async function result(text: string, stepMs = 60_000): Promise<Record<string, number[]> | number[]> {
  asked.length = 0;
  const select = async (input: SelectInput) => {
    asked.push(input);
    const name = input.selector.find(({ label }) => label === "name")?.value;
    return DISKS.filter(({ labels }) => name === undefined || labels.name === name);
  };
  const found = await evaluate(parseQuery(text), { startAt: 10 * HOUR, stepMs, count: 2 }, select);
  if (found.is === "scalar") return [...found.values];
  return Object.fromEntries(
    found.series.map(({ labels, values }) => [
      Object.entries(labels)
        .filter(([label]) => label !== "kind")
        .map(([label, value]) => `${label}=${value}`)
        .sort()
        .join(" "),
      [...values].map((value) => (Number.isNaN(value) ? -999 : value)),
    ]),
  );
}

describe("a query comes to what Prometheus would say", () => {
  const cases: [query: string, expected: Record<string, number[]> | number[]][] = [
    ["1+1", [2, 2]],
    ["-2^2 + 3 * (4 - 1) % 5", [0, 0]],
    ["2 ^ 3 ^ 2", [512, 512]],
    ["sum(pulse_busy_percent)", { "": [5.5, 14] }],
    ["sum by (machine) (pulse_busy_percent)", { "machine=nas": [4, 6], "machine=web": [1.5, 8] }],
    ["avg(pulse_busy_percent) by (name)", { "name=sda": [-2.25, 2], "name=sdb": [5, 6] }],
    ["count without (name, kind) (pulse_busy_percent)", { "machine=nas": [2, 2], "machine=web": [2, 1] }],
    ["max(pulse_busy_percent) - min(pulse_busy_percent)", { "": [12.5, 6] }],
    [
      "topk(1, pulse_busy_percent) by (machine)",
      {
        "__name__=pulse_busy_percent machine=nas name=sdb": [3, 4],
        "__name__=pulse_busy_percent machine=web name=sdb": [7, 8],
      },
    ],
    [
      "bottomk(1, pulse_busy_percent)",
      {
        "__name__=pulse_busy_percent machine=web name=sda": [-5.5, -999],
        "__name__=pulse_busy_percent machine=nas name=sda": [-999, 2],
      },
    ],
    [
      "abs(pulse_busy_percent{name='sda'})",
      { "machine=nas name=sda": [1, 2], "machine=web name=sda": [5.5, -999] },
    ],
    [
      'clamp_max(clamp_min(pulse_busy_percent{name="sda"}, 0), 1.5)',
      {
        "machine=nas name=sda": [1, 1.5],
        "machine=web name=sda": [0, -999],
      },
    ],
    [
      "round(pulse_busy_percent{name=`sda`} / 2)",
      { "machine=nas name=sda": [1, 1], "machine=web name=sda": [-3, -999] },
    ],
    [
      "pulse_busy_percent > 2",
      {
        "__name__=pulse_busy_percent machine=nas name=sda": [-999, -999],
        "__name__=pulse_busy_percent machine=nas name=sdb": [3, 4],
        "__name__=pulse_busy_percent machine=web name=sda": [-999, -999],
        "__name__=pulse_busy_percent machine=web name=sdb": [7, 8],
      },
    ],
    [
      "2 >= pulse_busy_percent{name='sda'}",
      {
        "__name__=pulse_busy_percent machine=nas name=sda": [1, 2],
        "__name__=pulse_busy_percent machine=web name=sda": [-5.5, -999],
      },
    ],
    [
      "pulse_busy_percent{name='sda'} / on (machine) sum by (machine) (pulse_busy_percent)",
      { "machine=nas": [0.25, 1 / 3], "machine=web": [-5.5 / 1.5, -999] },
    ],
    [
      "pulse_busy_percent{name='sda'} + ignoring (name) pulse_busy_percent{name='sdb'}",
      { "machine=nas": [4, 6], "machine=web": [1.5, -999] },
    ],
  ];
  for (const [query, expected] of cases)
    test(query, async () => {
      expect(await result(query)).toEqual(expected);
    });
});

test("a selector is asked for as it stands, at the times and with the windows that are meant", async () => {
  await result('avg_over_time(pulse_load1{machine=~"n.*",kind!="vm"}[1h30m] offset 1d)');
  expect(asked).toEqual([
    {
      selector: [
        { label: "__name__", operator: "=", value: "pulse_load1" },
        { label: "machine", operator: "=~", value: "n.*" },
        { label: "kind", operator: "!=", value: "vm" },
      ],
      over: "avg",
      windowMs: 90 * 60_000,
      startAt: -14 * HOUR,
      stepMs: 60_000,
      count: 2,
    },
  ]);
  await result("pulse_load1");
  expect(asked[0]).toMatchObject({ over: "last", windowMs: 300_000 });
  await result("pulse_load1", HOUR);
  expect(asked[0]).toMatchObject({ over: "avg", windowMs: HOUR });
  await result("max_over_time(pulse_load1[1h])", HOUR);
  expect(asked[0]).toMatchObject({ over: "max", windowMs: HOUR });
});

describe("what is not understood is refused with words", () => {
  const cases: [query: string, words: string][] = [
    ["", "is empty"],
    ["pulse_load1[5m]", "a range alone"],
    ["rate(pulse_network_receive_bytes[5m])", "kept as a rate"],
    ["histogram_quantile(0.9, x)", "histogram_quantile(), which is not known. These are: avg_over_time"],
    ["avg_over_time(x)", "needs a range"],
    ["avg_over_time(x[5m:1m])", "subquery"],
    ["x and y", "has and"],
    ["x @ 5", "use offset"],
    ["a * on (b) group_left c", "group_left"],
    ["a > bool 1", "bool"],
    ["1 > 2", "needs bool"],
    ["sum(1)", "needs series"],
    ["{}", "needs a name"],
    ["x{a=b}", "in quotes"],
    ['x{a="b" c="d"}', "a , or a }"],
    ['x{a=~"("}', "a pattern that is not understood"],
    ["x{", "matchers"],
    ["sum(x", "needs a ) at its end"],
    ["x y", "where it should end"],
    ["x ? y", "cannot be read from character 3"],
    ["avg_over_time(x[0s])", "a duration"],
    [`${"(".repeat(30)}1${")".repeat(30)}`, "nested too deeply"],
    ["x".repeat(4_001), "longer than"],
    [Array.from({ length: 11 }, (_, n) => `x${n}`).join("+"), "more than 10 selectors"],
    ["pulse_busy_percent + pulse_busy_percent{name='sda'} + on (kind) x", "several series with one"],
  ];
  for (const [query, words] of cases)
    test(`${query.slice(0, 60)}: ${words}`, async () => {
      const refused = await result(query).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(refused).toMatchObject({ reason: "invalid_request", message: expect.stringContaining(words) });
    });

  test("in match[] stands a selector alone", () => {
    expect(parseSelector('{machine="nas"}')).toHaveLength(1);
    for (const text of ["sum(x)", "x offset 1d", "1", "avg_over_time(x[1m])"])
      expect(() => parseSelector(text)).toThrow("a selector alone");
  });
});
