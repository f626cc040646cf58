import { describe, expect, test } from "bun:test";
import { Report } from "../contract/report.ts";
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import { isPlainReport } from "./plain-report.ts";

const resource = {
  kind: "host",
  key: "host",
  name: "nas",
  status: "up",
  attributes: { os: "Debian 12", cpu_count: 4, addresses: ["192.0.2.1"] },
  metrics: { cpu_percent: 12.5, memory_used_bytes: 2_147_483_648 },
};
const part = { ...resource, kind: "container", key: "container/a", parent: "host" };
const report = {
  v: 1,
  boot: "boot-0001",
  seq: 42,
  at: 1_790_000_000_000,
  intervalMs: 10_000,
  resources: [resource, part],
};

test("an ordinary report is plain", () => {
  expect(isPlainReport(report)).toBe(true);
});

/** What a value may be replaced by: near the limits, and of every wrong type. */
const ODD: unknown[] = [
  undefined,
  null,
  "",
  "x",
  "x".repeat(199),
  "x".repeat(201),
  "x".repeat(17_000),
  -1,
  0,
  0.5,
  1e300,
  999,
  3_600_001,
  2 ** 53,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  [],
  {},
  [[1]],
  ["x".repeat(100)],
  Array.from({ length: 2_001 }, (_, n) => ({ ...resource, key: `k${n}` })),
  [resource, resource],
  Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`m${n}`, n])),
  Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`m${n}`, n])),
  { "A B": 1 },
  { a: { b: 1 } },
  { a: { b: { c: { d: { e: 1 } } } } },
  { a: undefined },
  { constructor: 1 },
  JSON.parse('{"__proto__": 1}'),
];

function* spoiled(value: unknown): Generator<unknown> {
  yield* ODD;
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    const held = value as Record<string, unknown>;
    for (const odd of spoiled(held[key]))
      yield Array.isArray(value)
        ? value.map((entry, index) => (String(index) === key ? odd : entry))
        : { ...held, [key]: odd };
    if (!Array.isArray(value)) {
      const { [key]: _, ...rest } = held;
      yield rest;
      yield { ...held, [`${key}_more`]: 1 };
    }
  }
}

describe("what is plain", () => {
  test("the schema takes as it is, whatever is put into whatever place", () => {
    let plain = 0;
    let tried = 0;
    for (const sent of spoiled(report)) {
      tried++;
      if (!isPlainReport(sent)) continue;
      plain++;
      const parsed = Report.safeParse(sent);
      expect(parsed.success, JSON.stringify(sent)?.slice(0, 300)).toBe(true);
      expect(parsed.data as unknown).toEqual(sent);
    }
    expect(tried).toBeGreaterThan(500);
    expect(plain).toBeGreaterThan(20);
  });

  test("is never larger than attributes may be", () => {
    const { attributeBytes } = REPORT_LIMITS;
    for (const text of ["x", '"', "\\", "\n", "é", "😀"]) {
      for (let length = attributeBytes / 2 - 40; length < attributeBytes; length += 7) {
        const attributes = { list: [{ text: text.repeat(length / text.length) }] };
        const sent = { ...report, resources: [{ ...resource, attributes }] };
        if (isPlainReport(sent))
          expect(JSON.stringify(attributes).length).toBeLessThanOrEqual(attributeBytes);
        else break;
      }
    }
  });

  test("holds pictures of the moment, like the processes of a machine", () => {
    const top = [{ name: "postgres", pid: 1, cpu_percent: 2.5, memory_bytes: 1e9 }];
    const attributes = { ...resource.attributes, top_processes: top };
    expect(isPlainReport({ ...report, resources: [{ ...resource, attributes }] })).toBe(true);
  });
});
