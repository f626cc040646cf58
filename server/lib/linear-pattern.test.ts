import { describe, expect, test } from "bun:test";
import { SEED, Seeded } from "../../tests/support/seeded.ts";
import { linearPattern, PatternError } from "./linear-pattern.ts";

test("a pattern means the whole text", () => {
  const cases: [pattern: string, yes: string[], no: string[]][] = [
    ["nas", ["nas"], ["nas1", "xnas", ""]],
    ["", [""], ["a"]],
    ["nas|web.*", ["nas", "web", "web-1"], ["nasty", "aweb"]],
    ["^nas$", ["nas"], ["nas "]],
    ["web\\.example\\.org", ["web.example.org"], ["webXexample.org"]],
    ["[a-c0-9_.-]+", ["a-1_.", "c"], ["d", ""]],
    ["[^a]", ["b", "ä", "😀"], ["a", "bb"]],
    ["[]a]", ["]", "a"], ["b"]],
    ["\\d{2,3}", ["12", "123"], ["1", "1234"]],
    ["(?:ab){2}c?", ["abab", "ababc"], ["ab", "ababcc"]],
    ["(?i)NAS[x-z]", ["nasX", "NASz"], ["nasA"]],
    [".+", ["a", "ä😀"], ["", "a\nb"]],
    ["(a|)*b", ["b", "aab"], ["a"]],
    ["\\S+\\s\\w*", ["a b", "+ "], ["a  b"]],
  ];
  for (const [pattern, yes, no] of cases) {
    const matches = linearPattern(pattern);
    expect([pattern, yes.filter((text) => !matches(text)), no.filter(matches)]).toEqual([pattern, [], []]);
  }
});

describe("what is refused", () => {
  for (const pattern of [
    "(",
    ")",
    "[",
    "a**",
    "*",
    "a{",
    "a{2,1}",
    "a{101}",
    "(?=a)",
    "(?<n>a)",
    "\\1",
    "\\b",
    "a^b",
    "[b-a]",
    "[[:alpha:]]",
    "\\",
    "a".repeat(501),
    "((a{50}){50}){50}",
    "(".repeat(60) + ")".repeat(60),
  ])
    test(`${pattern.slice(0, 30)} says what is wrong`, () => {
      expect(() => linearPattern(pattern)).toThrow(PatternError);
    });
});

test("no pattern takes long: what keeps others busy for years is done at once", () => {
  const startedAt = performance.now();
  for (const pattern of ["(a+)+b", "(a|a)*b", "(a|aa)+c", "(.*)*x", "([a-z]+)*\\d", "(a?){100}a{100}"])
    expect(linearPattern(pattern)("a".repeat(200))).toBe(pattern.startsWith("(a?)"));
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});

test(`says the same as JavaScript's own, of patterns made by chance (seed ${SEED})`, () => {
  const random = new Seeded(SEED);
  const make = (depth: number): string => {
    const one = () => {
      const atom =
        depth > 0 && random.below(3) === 0
          ? `(?:${make(depth - 1)})`
          : random.pick(["a", "b", ".", "[ab]", "[^b]", "\\w"]);
      return atom + random.pick(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}"]);
    };
    const sequence = () => Array.from({ length: 1 + random.below(3) }, one).join("");
    return Array.from({ length: 1 + random.below(2) }, sequence).join("|");
  };
  for (let turn = 0; turn < 3_000; turn++) {
    const pattern = make(2);
    const mine = linearPattern(pattern);
    const theirs = new RegExp(`^(?:${pattern})$`);
    for (let n = 0; n < 5; n++) {
      const text = Array.from({ length: random.below(7) }, () => random.pick(["a", "b", "c"])).join("");
      expect([pattern, text, mine(text)]).toEqual([pattern, text, theirs.test(text)]);
    }
  }
});
