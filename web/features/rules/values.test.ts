import { expect, test } from "bun:test";
import { durationOf, durationText, valueFormOf, valueWords } from "./values.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");

test("limits are read in the unit of their metric", () => {
  const said: [metric: string, value: number, words: string][] = [
    ["filesystem_used_percent", 90, "90 %"],
    ["filesystem_used_percent", 92.5, "92.5 %"],
    ["temperature_celsius", 85, "85 °C"],
    ["memory_available_bytes", 2 * 2 ** 30, "2 GiB"],
    ["memory_available_bytes", 500, "500 B"],
    ["network_receive_bytes_per_second", 20e6, "20 MB/s"],
    ["full_in_seconds", 7 * 86_400, "7 d"],
    ["check_response_seconds", 0.25, "250 ms"],
    ["queue_length", 500, "500"],
  ];
  for (const [metric, value, words] of said) {
    expect(plain(valueWords(metric, value))).toBe(words);
    const form = valueFormOf(metric);
    expect([words, form.parse(form.text(value))]).toEqual([words, value]);
  }
});

test("what is no such value is none, with a comma it is the same", () => {
  expect(valueFormOf("cpu_percent").parse("92,5")).toBe(92.5);
  expect(valueFormOf("cpu_percent").parse("much")).toBeUndefined();
  expect(valueFormOf("cpu_percent").parse("")).toBeUndefined();
  expect(valueFormOf("memory_available_bytes").parse("2 pounds")).toBeUndefined();
  expect(valueFormOf("memory_available_bytes").parse("1,5 GB")).toBe(1.5e9);
  expect(valueFormOf("network_receive_bytes_per_second").parse("20 MB / s")).toBe(20e6);
});

test("times are written in the largest unit in which they are whole, and read in any", () => {
  expect([0, 30_000, 90_000, 900_000, 7 * 86_400_000, 1_500].map(durationText)).toEqual([
    "0 s",
    "30 s",
    "90 s",
    "15 min",
    "7 d",
    "1500 ms",
  ]);
});

test("a time is read as people write it, and what is none is none", () => {
  const read = (...typed: string[]) => typed.map((one) => (durationOf(one) ?? Number.NaN) / 1_000);
  expect(read("", "0", "at once")).toEqual([0, 0, 0]);
  expect(read("30s", "250 ms", "5 m", "1.5 h", "2 days", "1 w")).toEqual([
    30, 0.25, 300, 5_400, 172_800, 604_800,
  ]);
  expect(read("5 minutes", "1 minute", "2 hours", "10 mins", "3 hrs", "2 weeks", "45 seconds")).toEqual([
    300, 60, 7_200, 600, 10_800, 1_209_600, 45,
  ]);
  expect(read("1h30", "1h 30m", "1 h 30 min", "1 hour 30 minutes", "1d12", "5m30")).toEqual([
    5_400, 5_400, 5_400, 5_400, 129_600, 330,
  ]);
  for (const typed of ["5", "soon", "30 min 1 h", "1 h 1 h", "h", "5 constructor", "1 h and 5 min", "250ms5"])
    expect([typed, durationOf(typed)]).toEqual([typed, undefined]);
});
