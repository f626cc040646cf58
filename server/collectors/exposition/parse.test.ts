import { describe, expect, test } from "bun:test";
import { randomPage, seededRandom, spoiled } from "../../../tests/support/hostile-pages.ts";
import { capturedPage } from "./captured-page.ts";
import { parseNaively } from "./naive-parser.ts";
import {
  EXPOSITION_LIMITS,
  ExpositionError,
  type ExpositionFormat,
  labelOf,
  parseExposition,
} from "./parse.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, format?: ExpositionFormat) => parseExposition(bytes(text), format);
const only = (text: string, format?: ExpositionFormat) => parse(text, format)[0]?.samples[0];

/** The error a page is refused with. */
function refusal(text: string, format?: ExpositionFormat): ExpositionError {
  try {
    parse(text, format);
  } catch (error) {
    if (error instanceof ExpositionError) return error;
    throw error;
  }
  throw new Error("was not refused");
}

test("a family is what it is said to be, and its samples", () => {
  expect(
    parse(
      "# HELP http_requests_total Requests,\\nby \\\\ code.\n# TYPE http_requests_total counter\n" +
        'http_requests_total{method="post",code="200"} 1027 1395066363000\n# a remark\n\n' +
        'http_requests_total{code="400"}\t3\nup 1',
    ),
  ).toEqual([
    {
      name: "http_requests_total",
      type: "counter",
      help: "Requests,\nby \\ code.",
      samples: [
        {
          name: "http_requests_total",
          labels: [
            { name: "method", value: "post" },
            { name: "code", value: "200" },
          ],
          value: 1027,
          timestampMs: 1_395_066_363_000,
        },
        { name: "http_requests_total", labels: [{ name: "code", value: "400" }], value: 3 },
      ],
    },
    { name: "up", type: "unknown", samples: [{ name: "up", labels: [], value: 1 }] },
  ]);
});

test("a label value holds what was put into it", () => {
  const sample = only('a { path = "C:\\\\DIR\\n\\"x\\" {,}=# ü" , other="\\d", } 1');
  expect(sample?.labels.map(({ value }) => value)).toEqual(['C:\\DIR\n"x" {,}=# ü', "\\d"]);
  expect(only('a{b="",c="d"} 1')?.labels).toEqual([{ name: "c", value: "d" }]);
  expect(only('a{__proto__="x"} 1')?.labels).toEqual([{ name: "__proto__", value: "x" }]);
  expect(parse("constructor 1\n__proto__ 2").map((family) => family.name)).toEqual([
    "constructor",
    "__proto__",
  ]);
});

test.each<[string, number]>([
  ["12.47", 12.47],
  ["-1.7560473e+07", -17_560_473],
  [".5", 0.5],
  ["5.", 5],
  ["+3", 3],
  ["NaN", Number.NaN],
  ["+Inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
])("the value %s", (text, value) => {
  expect(only(`a ${text}`)?.value).toBe(value);
});

test.each(["0x1F", "1_000", "0b1", "1e", "e5", "--1", "Infinit", "\u00a01", "1\u2028", "1,5", ""])(
  "what JavaScript or a person may take for a number is none: %j",
  (text) => {
    expect(refusal(`# first\na ${text}`).message).toMatch(
      /^line 2: a (value that is no number|metric without a value)$/,
    );
  },
);

test("samples of histograms and summaries belong to their family, those of a gauge do not", () => {
  const families = parse(
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n' +
      '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 1\ns_count 1\n# TYPE g gauge\ng 1\ng_sum 2\n',
  );
  expect(families.map(({ name, samples }) => [name, samples.length])).toEqual([
    ["h", 4],
    ["s", 3],
    ["g", 1],
    ["g_sum", 1],
  ]);
});

test("OpenMetrics: times are seconds, exemplars are read over, a page that was cut is refused", () => {
  const page =
    '# TYPE jobs counter\n# UNIT jobs jobs\njobs_total{q="a"} 3 1520879607.789 # {trace_id="x # }"} 0.67 1520879607.1\n';
  expect(only(`${page}# EOF\n`, "openmetrics")).toEqual({
    name: "jobs_total",
    labels: [{ name: "q", value: "a" }],
    value: 3,
    timestampMs: 1_520_879_607_789,
  });
  expect(refusal(page, "openmetrics").message).toBe("line 3: the page ends without # EOF: it was cut");
  expect(refusal("", "openmetrics").line).toBe(1);
  expect(refusal(`${page}# EOF\na 1\n`, "openmetrics").message).toBe("line 5: something after # EOF");
  expect(refusal(page).message).toBe("line 3: a time that is no whole number of milliseconds");
});

test.each([
  ['a{b="c" 1', "neither , nor } after a label"],
  ['a{b="c\n', "a label value without its closing quote"],
  ['a{b="c\\"} 1', "a label value without its closing quote"],
  ['a{b="c\\', "a label value without its closing quote"],
  ["a{b=c} 1", "a label value that is not in quotes"],
  ["a{b} 1", "a label name without = after it"],
  ["a{", "no beginning of a label name"],
  ['a{1="x"} 1', "no beginning of a label name"],
  ['a{b="1",b="2"} 1', "a label that is there twice"],
  ["a", "a metric without a value"],
  ["a 1 2 3", "something after the value"],
  ["a-b 1", "a metric name with a wrong character"],
  ["1a 1", "no beginning of a metric name"],
  ["é 1", "no beginning of a metric name"],
  ["# TYPE a thing", "an unknown type of metric"],
  ["# TYPE a constructor", "an unknown type of metric"],
  ["# TYPE 1 gauge", "no beginning of a metric name"],
  ["<!doctype html><title>Sign in</title>", "no beginning of a metric name"],
])("%j is refused by line and reason, and nothing of it is repeated", (line, problem) => {
  const error = refusal(`up 1\n\n${line}`);
  expect(error).toMatchObject({ line: 3, problem, message: `line 3: ${problem}` });
});

test("line ends of Windows, a mark of the byte order and bytes that are no text do no harm", () => {
  expect(parse("\ufeffup 1\r\n# TYPE b gauge\r\nb 2\r\n").map(({ type }) => type)).toEqual([
    "unknown",
    "gauge",
  ]);
  const latin = Uint8Array.from([...bytes('a{b="K'), 0xf6, ...bytes('ln"} 1')]);
  expect(parseExposition(latin)[0]?.samples[0]?.labels[0]?.value).toBe("K\ufffdln");
});

describe("limits", () => {
  const { bytes: most, series, lines, labelsPerSeries, nameLength, labelValueLength } = EXPOSITION_LIMITS;
  const labels = (count: number) => Array.from({ length: count }, (_, n) => `l${n}="x"`).join(",");
  test.each<[string, string, string]>([
    ["series", "a 1\n".repeat(series), "a 1"],
    ["lines", "\n".repeat(lines), "\n"],
    ["labels", `a{${labels(labelsPerSeries)}} 1\n`, `a{${labels(labelsPerSeries + 1)}} 1\n`],
    ["length of a name", `${"a".repeat(nameLength)} 1\n`, `${"a".repeat(nameLength + 1)} 1\n`],
    [
      "length of a label value",
      `a{b="${"x".repeat(labelValueLength)}"} 1\n`,
      `a{b="${"x".repeat(labelValueLength + 1)}"} 1\n`,
    ],
    ["bytes", `#${"x".repeat(most - 2)}\n`, "\n"],
  ])("%s", (_, within, more) => {
    parse(within);
    expect(refusal(within + more).message).toMatch(/more than \d+|longer than \d+/);
  });

  test("help is cut", () => {
    expect(parse(`# HELP a ${"x".repeat(2_000)}`)[0]?.help).toHaveLength(EXPOSITION_LIMITS.helpLength);
  });
});

test.each([
  ["node-exporter-1.5", "text", 503, 282],
  ["postgres-exporter", "text", 253, 93],
  ["redis-exporter", "text", 207, 157],
  ["blackbox-exporter", "text", 17, 13],
  ["haproxy", "text", 319, 187],
  ["python-client-openmetrics", "openmetrics", 19, 6],
] as const)("reads all that %s says", (name, format, samples, families) => {
  const page = capturedPage(name);
  const found = parseExposition(page, format);
  expect(found).toEqual(parseNaively(page.toString(), format) ?? []);
  expect(found.reduce((count, family) => count + family.samples.length, 0)).toBe(samples);
  expect(found).toHaveLength(families);
  expect(found.every((family) => family.type !== "unknown" || family.samples.length > 0)).toBe(true);
});

/** Both readers' opinion of a page. */
function compare(page: string, format: ExpositionFormat): "same" | "refused" {
  const expected = parseNaively(page, format);
  if (expected === undefined) {
    expect(() => parse(page, format)).toThrow(ExpositionError);
    return "refused";
  }
  expect(parse(page, format)).toEqual(expected);
  return "same";
}

test.each(["text", "openmetrics"] as const)(
  "reads %s as the obvious reader does, whatever it is",
  (format) => {
    const seen = { same: 0, refused: 0 };
    for (let seed = 1; seed <= 400; seed++) {
      const random = seededRandom(seed);
      const page = randomPage(random, format);
      try {
        expect(compare(page, format)).toBe("same");
        for (let round = 0; round < 8; round++) seen[compare(spoiled(page, random), format)]++;
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
    }
    // Neither all nor nothing of what was spoiled could still be read: the comparison compared something.
    expect(Math.min(seen.same, seen.refused)).toBeGreaterThan(300);
  },
);

test("random bytes are refused or read, and nothing else happens", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const noise = Uint8Array.from({ length: 200 }, () => random(256));
    for (const format of ["text", "openmetrics"] as const) {
      try {
        parseExposition(noise, format);
      } catch (error) {
        expect(error).toBeInstanceOf(ExpositionError);
      }
    }
  }
});

test("the worst page of 8 MiB takes no longer than its length allows", () => {
  const long = EXPOSITION_LIMITS.bytes;
  const worst = [
    `a{b="${"\\".repeat(long - 10)}`,
    'a{b="x',
    `${"a".repeat(long - 10)}`,
    `a ${"1".repeat(long - 10)}x`,
    `a${" ".repeat(long - 10)}`,
    "{".repeat(long - 10),
  ];
  for (const page of worst) {
    const startMs = performance.now();
    expect(refusal(page)).toBeInstanceOf(ExpositionError);
    expect(performance.now() - startMs).toBeLessThan(10_000);
  }
});

test("a label is found by its name", () => {
  const sample = only('a{b="c"} 1');
  expect(sample && labelOf(sample, "b")).toBe("c");
  expect(sample && labelOf(sample, "x")).toBeUndefined();
});
