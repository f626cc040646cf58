import { expect, test } from "bun:test";
import {
  ago,
  bytes,
  bytesPerSecond,
  celsius,
  clockOrDay,
  count,
  duration,
  latency,
  linkSpeed,
  percent,
  plural,
  significant,
  text,
} from "./format.ts";

const plain = (words: string) => words.replaceAll("\u00a0", " ");

test("three significant digits", () => {
  expect([0, 0.123, 1.234, 9.996, 12.34, 99.96, 123.4, 1234.5].map(significant)).toEqual([
    "0",
    "0.12",
    "1.23",
    "10.0",
    "12.3",
    "100",
    "123",
    "1,235",
  ]);
});

test("unknown is a dash, never zero", () => {
  for (const format of [percent, bytes, bytesPerSecond, celsius, count, latency, linkSpeed]) {
    expect(text(format(undefined))).toBe("–");
    expect(text(format(null))).toBe("–");
    expect(text(format(Number.NaN))).toBe("–");
  }
  expect(duration(undefined)).toBe("–");
});

test("shares have one decimal until they are full", () => {
  expect([0, 4.25, 99.94, 99.96, 100].map((value) => percent(value).number)).toEqual([
    "0.0",
    "4.3",
    "99.9",
    "100",
    "100",
  ]);
});

test("bytes are binary and never show four digits", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "0.98 KiB"],
    [1024, "1.00 KiB"],
    [1536 * 1024, "1.50 MiB"],
    [1023 * 1024 ** 2, "1.00 GiB"],
    [16.5 * 1024 ** 3, "16.5 GiB"],
    [3.64 * 1024 ** 4, "3.64 TiB"],
  ];
  for (const [value, words] of cases) expect(plain(text(bytes(value)))).toBe(words);
  expect(plain(text(bytesPerSecond(2048)))).toBe("2.00 KiB/s");
});

test("what takes time is told in the unit that fits", () => {
  expect([0.000_25, 0.004_2, 1.5, 0].map((value) => plain(text(latency(value))))).toEqual([
    "250 µs",
    "4.20 ms",
    "1.50 s",
    "0 ms",
  ]);
});

test("durations use their two largest units", () => {
  expect([5, 59, 60, 3_600, 3_660, 86_400, 90_000, 1_040_400].map((s) => plain(duration(s)))).toEqual([
    "5 s",
    "59 s",
    "1 min",
    "1 h",
    "1 h 1 min",
    "1 d",
    "1 d 1 h",
    "12 d 1 h",
  ]);
});

test("relative times", () => {
  const now = 1_000_000_000;
  const after = (seconds: number) => plain(ago(now - seconds * 1_000, now));
  expect([-3, 2, 12, 90, 7_200, 200_000].map(after)).toEqual([
    "just now",
    "just now",
    "12 s ago",
    "1 min ago",
    "2 h ago",
    "2 d ago",
  ]);
});

test("a time of another day says which", () => {
  const noon = new Date(2026, 10, 29, 12, 18).getTime();
  expect(clockOrDay(noon, noon + 3_600_000)).toBe("12:18");
  expect(clockOrDay(noon + 7 * 86_400_000, noon)).toBe("6 Dec, 12:18");
  expect(clockOrDay(noon - 86_400_000, noon)).toBe("28 Nov, 12:18");
});

test("link speeds and plurals", () => {
  expect(plain(text(linkSpeed(2_500_000_000)))).toBe("2.5 Gbit/s");
  expect(plain(text(linkSpeed(-1)))).toBe("–");
  expect(plural(1, "machine")).toBe("1 machine");
  expect(plural(1_200, "machine")).toBe("1,200 machines");
});
