import { expect, test } from "bun:test";
import {
  clip,
  increase,
  known,
  largest,
  percentOf,
  perSecond,
  resourceKey,
  rounded,
  sum,
} from "./figures.ts";

test("a counter that wrapped, started anew or is seen for the first time says nothing", () => {
  expect(increase(undefined, 5)).toBeUndefined();
  expect(increase(4_294_967_290, 5)).toBeUndefined();
  expect(increase(5, undefined)).toBeUndefined();
  expect(increase(5, 5)).toBe(0);
  expect(perSecond(0, 100, 0)).toBeUndefined();
  expect(perSecond(0, 100, -1)).toBeUndefined();
  expect(perSecond(0, 105, 10)).toBe(11);
  expect(perSecond(0, 105, 10, 2)).toBe(10.5);
});

test("a share stays between nothing and all", () => {
  expect(percentOf(1, 3)).toBe(33.33);
  expect(percentOf(10_040, 10_000)).toBe(100);
  expect(percentOf(1, 0)).toBeUndefined();
  expect(percentOf(undefined, 10)).toBeUndefined();
});

test("what is unknown is left out, not added as zero", () => {
  expect(known({ a: 0, b: undefined, c: Number.NaN, d: Number.POSITIVE_INFINITY, e: 2 })).toEqual({
    a: 0,
    e: 2,
  });
  expect(sum([undefined, 2, 3])).toBe(5);
  expect(sum([undefined])).toBeUndefined();
  expect(largest([undefined, 2, 3])).toBe(3);
  expect(largest([])).toBeUndefined();
  expect(rounded(undefined)).toBeUndefined();
});

test("text from the machine is printable and short", () => {
  expect(clip(" a\u0000b\n\u001b[31mc ")).toBe("a b [31mc");
  expect(clip("x".repeat(500))).toHaveLength(200);
  expect(clip(`${"x".repeat(199)}😀`).isWellFormed()).toBe(true);
});

test("long keys that begin alike stay different and within the limit", () => {
  const long = `/${"deep/".repeat(60)}`;
  const keys = ["a", "b"].map((end) => resourceKey("host", "filesystem", long + end));
  expect(keys[0]).not.toBe(keys[1]);
  expect(keys.map((key) => key.length)).toEqual([200, 200]);
  expect(resourceKey("host", "core", "3")).toBe("host/core/3");
});
