/**
 * P: that this proof has power. What P01 and P03 say is done in tests/isolation; here it is held that it is there, and
 * that no line of the acceptance list is without a test.
 */
import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { appRouter } from "../../server/api/router.ts";
import { orgVerbs } from "../../server/runtime/org-verbs.ts";
import { mutants } from "../isolation/mutants/mutants.ts";
import { root } from "../support/checkout.ts";

/** Every line of the acceptance list, by section, in the order it has there. */
const LINES: Record<string, number> = { G: 10, R: 12, M: 13, O: 11, S: 8, L: 9, I: 10, K: 5, P: 3 };
const IDS = Object.entries(LINES).flatMap(([section, count]) =>
  Array.from({ length: count }, (_, index) => `${section}${String(index + 1).padStart(2, "0")}`),
);

/** Where a line is held by a test that is not here, and a word by which that test is known. */
const ELSEWHERE: Record<string, [file: string, word: string]> = {
  L09: ["tests/browser/live.test.ts", "twelve tabs"],
  I10: ["tests/browser/switching.test.ts", "I10"],
  P01: ["tests/isolation/sweep.test.ts", "P01"],
  P02: ["tests/isolation/mutants/mutants.test.ts", "P02"],
  P03: ["tests/isolation/canary.test.ts", "P03"],
};

/**
 * What cannot be tested because what it is about is not there. `missing` names the router, or the way through a
 * share's door, whose arrival makes this entry a lie: the test below fails on that day, so that the line gets its test.
 */
const NOT_YET: { id: string; part: string; missing: string }[] = [];
/** Commands that a line is about and that are not there; `pulse help` is where they would appear. */
const NO_COMMAND_YET: { id: string; part: string; word: string }[] = [
  { id: "I06", part: "exports", word: "pulse org export" },
  { id: "I06", part: "backups", word: "pulse backup" },
];

function testFiles(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => name.endsWith(".ts"));
}

const titles = testFiles("tests/tenancy")
  .filter((file) => file.endsWith(".test.ts") && !file.endsWith("power.test.ts"))
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join("\n");
const hasTitle = (id: string) => new RegExp(`(?:test|describe)\\(\\s*["'\`]${id} `).test(titles);

describe("P01 nothing is without a row or a test:", () => {
  test("every line of the acceptance list has a test of its name, or says where it is held", () => {
    const wholeLater = new Set(NOT_YET.filter(({ id }) => !hasTitle(id)).map(({ id }) => id));
    expect(IDS.filter((id) => !hasTitle(id) && !ELSEWHERE[id] && !wholeLater.has(id))).toEqual([]);
    expect([...wholeLater]).toEqual([]);
  });

  test("what is held elsewhere is there", () => {
    const missing = Object.entries(ELSEWHERE).filter(([, [file, word]]) => {
      const path = join(root, file);
      return !existsSync(path) || !readFileSync(path, "utf8").includes(word);
    });
    expect(missing).toEqual([]);
  });

  test("no test is named after a line that is not in the list", () => {
    const named = [...titles.matchAll(/(?:test|describe)\(\s*["'`]([A-Z]\d\d) /g)].map(
      ([, id]) => id as string,
    );
    expect(named.length).toBeGreaterThan(70);
    expect(named.filter((id) => !IDS.includes(id))).toEqual([]);
  });

  test("what cannot be tested yet is still not there", () => {
    const there = new Set(Object.keys(appRouter._def.procedures).map((path) => path.split(".")[0]));
    for (const verb of Object.keys(orgVerbs.door)) there.add(`door.${verb}`);
    expect(NOT_YET.filter(({ missing }) => there.has(missing))).toEqual([]);
    const cli = testFiles("server/cli")
      .map((file) => readFileSync(join(root, file), "utf8"))
      .join("\n");
    expect(NO_COMMAND_YET.filter(({ word }) => cli.includes(word))).toEqual([]);
    expect([...NOT_YET, ...NO_COMMAND_YET].filter(({ id }) => !IDS.includes(id))).toEqual([]);
  });
});

test("P02 25 planted bugs, each caught: the list is there, and only what has nowhere to be planted is missing", () => {
  /* An assistant's tool, a notifier's channel, an export, and jobs other than the ones there are. */
  const NOWHERE_YET = 4;
  expect(mutants.length).toBeGreaterThanOrEqual(25 - NOWHERE_YET);
  expect(new Set(mutants.map(({ what }) => what)).size).toBe(mutants.length);
  for (const { file, find } of mutants)
    expect([file, find, readFileSync(join(root, file), "utf8").split(find).length]).toEqual([file, find, 2]);
});

test("P03 every canary is seen by its own owner: the test is there", () => {
  expect(readFileSync(join(root, "tests/isolation/canary.test.ts"), "utf8")).toMatch(/test\(\s*["'`]P03/);
});
