import { expect, test } from "bun:test";
import { findStatusRanges, isExpectedStatus } from "./status-ranges.ts";

test("single answers and ranges, in any number", () => {
  const text = "200-299, 301,404";
  expect([200, 250, 299, 301, 404].every((status) => isExpectedStatus(status, text))).toBe(true);
  expect([199, 300, 302, 403, 405, 500].some((status) => isExpectedStatus(status, text))).toBe(false);
});

test("what is no list of answers is none", () => {
  const odd = [
    "",
    ",",
    "200,",
    "20",
    "2000",
    "600",
    "099",
    "200-",
    "-299",
    "299-200",
    "2xx",
    "200;201",
    "200-299-300",
  ];
  for (const text of [...odd, Array(21).fill("200").join(",")])
    expect(findStatusRanges(text)).toBeUndefined();
});
