import { expect, test } from "bun:test";
import { parsePressure } from "./pressure.ts";

test("the share of the last ten seconds in which some task waited", () => {
  expect(
    parsePressure(
      "some avg10=1.53 avg60=0.87 avg300=0.20 total=7629273\nfull avg10=9.00 avg60=0 avg300=0 total=0\n",
    ),
  ).toBe(1.53);
  expect(parsePressure("full avg10=9.00 avg60=0.00 avg300=0.00 total=0\n")).toBeUndefined();
  expect(parsePressure("")).toBeUndefined();
});
