import { expect, test } from "bun:test";
import { ORG_LIMITS } from "../../../server/contract/limits.ts";
import { changesOf, LIMIT_WORDS, limitFault, textsOf } from "./limit-words.ts";

test("every limit of the server has words and the same figures", () => {
  const figures = Object.fromEntries(
    Object.entries(LIMIT_WORDS).map(([name, { standard, ceiling }]) => [name, { standard, ceiling }]),
  );
  expect(figures).toEqual({ ...ORG_LIMITS });
});

test("only what differs is sent, and an emptied limit goes back to the standard value", () => {
  const set = { members: 20, tokens: 5 };
  const texts = { ...textsOf(set), tokens: "", agents: "7" };
  expect(changesOf(set, texts)).toEqual({ tokens: null, agents: 7 });
  expect(changesOf(set, textsOf(set))).toEqual({});
});

test("a limit is a whole number up to the ceiling", () => {
  expect(limitFault("tokens", "12")).toBeUndefined();
  expect(limitFault("tokens", " ")).toBeUndefined();
  expect(limitFault("tokens", "-1")).toContain("whole number");
  expect(limitFault("tokens", "1001")).toBe("At most 1,000.");
});
