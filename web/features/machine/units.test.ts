import { expect, test } from "bun:test";
import { axisTexts } from "./units.ts";

const words = (unit: Parameters<typeof axisTexts>[0], highest: number) =>
  axisTexts(unit, [0, highest / 2, highest]).map((each) => each.replace("\u00a0", " "));

test("the texts of an axis have one unit and the same decimals", () => {
  expect(words("count", 5)).toEqual(["0", "2.5", "5.0"]);
  expect(words("count", 1)).toEqual(["0", "0.5", "1.0"]);
  expect(words("count", 2_000)).toEqual(["0", "1,000", "2,000"]);
  expect(words("percent", 25)).toEqual(["0 %", "12.5 %", "25.0 %"]);
  expect(words("percent", 100)).toEqual(["0 %", "50 %", "100 %"]);
  expect(words("bytes_per_second", 1_536)).toEqual(["0", "0.75 KiB/s", "1.50 KiB/s"]);
  expect(words("bytes", 1_048_576)).toEqual(["0", "0.5 MiB", "1.0 MiB"]);
  expect(words("seconds", 0.001)).toEqual(["0", "0.5 ms", "1.0 ms"]);
});

test("where the highest is no round number three of its digits are enough", () => {
  expect(words("bytes", 16_728_000_000)).toEqual(["0", "7.8 GiB", "15.6 GiB"]);
});
