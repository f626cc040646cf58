import { expect, test } from "bun:test";
import { packValues, tidy, valueAt } from "./sample-codec.ts";

const there = (value: number) => valueAt(packValues([value]), 0);

test.each([0, -0, 1, -1, 0.5, 0.25, 100, 65_535, 16_777_215, -16_777_215, 2 ** 100, 16_777_217, 2 ** 53 - 1])(
  "%p comes back exactly",
  (value) => {
    expect(there(value)).toBe(value);
  },
);

test("whole numbers that no float32 holds come back exactly, beside others and gaps", () => {
  const values = [0.5, 16_777_217, Number.NaN, -9_007_199_254_740_991, 3, 8 * 1024 ** 4 + 1];
  const packed = packValues(values);
  expect(values.map((_, column) => valueAt(packed, column))).toEqual(values);
  expect(packed).toHaveLength(values.length * 4 + 3 * 8);
});

test("any other value comes back within 6e-8 of itself", () => {
  for (let exponent = -30; exponent <= 30; exponent++) {
    const value = 1.234567890123 * 10 ** exponent;
    expect(Math.abs(there(value) - value) / value).toBeLessThanOrEqual(2 ** -24);
  }
});

test("no value stays no value, and so does what the bytes do not reach", () => {
  const packed = packValues([1, Number.NaN, 3]);
  expect([0, 1, 2, 3, 100].map((column) => valueAt(packed, column))).toEqual([
    1,
    Number.NaN,
    3,
    Number.NaN,
    Number.NaN,
  ]);
  expect(valueAt(packed.subarray(0, 6), 1)).toBeNaN();
});

test("a value too large for the form is the largest there is, never infinity", () => {
  expect(there(1e300)).toBe(3.4028234663852886e38);
  expect(there(-1e300)).toBe(-3.4028234663852886e38);
  expect(JSON.parse(JSON.stringify(tidy(there(1e300))))).toBeGreaterThan(3.4e38);
});

test("the bytes are little-endian float32, four to a value", () => {
  expect(packValues([1, -2]).toString("hex")).toBe("0000803f000000c0");
  expect(packValues([])).toHaveLength(0);
});

test("a tidy value has the digits that were measured and none of the rounding", () => {
  for (const value of [12.34, 0.1, 99.9, 1_234.567, 16_777_215, 8 * 1024 ** 3])
    expect(tidy(there(value))).toBe(value);
});

test("a tidy value is that of seven digits in text, for any size", () => {
  for (let exponent = -12; exponent <= 12; exponent++) {
    for (let n = 1; n < 200; n++) {
      const value = Math.fround((n % 2 ? -1 : 1) * (n / 7.3) * 10 ** exponent);
      if (!Number.isInteger(value)) expect(tidy(value)).toBe(Number(value.toPrecision(7)));
    }
  }
  for (const edge of [0.001, 0.0009999999, 0.1, 0.9999999, 9.9999999, 999_999.9, 9_999_999.5])
    expect(tidy(edge)).toBe(Number(edge.toPrecision(7)));
  expect(tidy(Number.NaN)).toBeNaN();
});
