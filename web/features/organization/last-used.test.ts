import { expect, test } from "bun:test";
import { byLastUse, withUsed } from "./last-used.ts";

const entries = ["a", "b", "c", "d"].map((id) => ({ id }));

test("the last used comes first, the never used keep their order", () => {
  expect(byLastUse(entries, ["c", "a"]).map(({ id }) => id)).toEqual(["c", "a", "b", "d"]);
  expect(byLastUse(entries, []).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
});

test("what is used again moves to the front and is kept once", () => {
  expect(withUsed(["a", "b"], "b")).toEqual(["b", "a"]);
});

test("no more than twenty are kept", () => {
  const many = Array.from({ length: 30 }, (_, index) => String(index));
  expect(withUsed(many, "new")).toHaveLength(20);
});
