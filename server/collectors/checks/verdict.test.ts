import { describe, expect, test } from "bun:test";
import type { ResourceStatus } from "../../contract/resource.ts";
import { nextTryMs, nextVerdict, type Verdict } from "./verdict.ts";

/** Tries as letters, and after each what is said: `+` up, `~` degraded, `-` down, `?` unknown. */
const STATUS: Record<string, ResourceStatus> = { "+": "up", "~": "degraded", "-": "down", "?": "unknown" };
const LETTER = Object.fromEntries(Object.entries(STATUS).map(([letter, status]) => [status, letter]));

const cases: [promise: string, retries: number, tries: string, said: string, failed: number[]][] = [
  ["without retries the first failure counts", 0, "+-+", "+-+", [0, 1, 0]],
  ["within the retries the last status is kept", 2, "+---", "+++-", [0, 1, 2, 3]],
  ["one that goes well starts the count anew", 2, "+--+--", "++++++", [0, 1, 2, 0, 1, 2]],
  ["once down it stays so, and the count ends", 1, "+----", "++---", [0, 1, 2, 2, 2]],
  ["back up it is at once", 3, "+----+", "++++-+", [0, 1, 2, 3, 4, 0]],
  ["degraded is no failure and is kept like any other", 1, "~-~+", "~~~+", [0, 1, 0, 0]],
  ["what was never up is unknown until it is down", 2, "---", "??-", [1, 2, 3]],
  ["what cannot be tried is unknown, and no failure", 1, "+-?-", "++??", [0, 1, 0, 1]],
  ["and then down, when it fails", 1, "+?--", "+??-", [0, 0, 1, 2]],
];
for (const [promise, retries, tries, said, failed] of cases) {
  test(promise, () => {
    const verdicts: Verdict[] = [];
    for (const letter of tries) verdicts.push(nextVerdict(verdicts.at(-1), STATUS[letter]!, retries));
    expect(verdicts.map(({ status }) => LETTER[status]).join("")).toBe(said);
    expect(verdicts.map(({ attemptsFailed }) => attemptsFailed)).toEqual(failed);
  });
}

describe("it is looked again", () => {
  test("sooner while a failure is being made sure of, never later than usual", () => {
    expect(nextTryMs({ status: "up", attemptsFailed: 1 }, 3_600_000)).toBe(15_000);
    expect(nextTryMs({ status: "unknown", attemptsFailed: 1 }, 60_000)).toBe(15_000);
    expect(nextTryMs({ status: "up", attemptsFailed: 1 }, 10_000)).toBe(10_000);
  });
  test("as usual otherwise", () => {
    expect(nextTryMs(undefined, 60_000)).toBe(60_000);
    expect(nextTryMs({ status: "up", attemptsFailed: 0 }, 60_000)).toBe(60_000);
    expect(nextTryMs({ status: "down", attemptsFailed: 3 }, 60_000)).toBe(60_000);
  });
});
