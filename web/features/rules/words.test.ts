import { expect, test } from "bun:test";
import type { RuleInfo } from "../../../server/contract/alerts.ts";
import { GROUPS, groupOf, isSought } from "./groups.ts";
import { changeWords, fromWords, ruleWords, scopeOfOverride } from "./words.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const rule = (fields: Partial<RuleInfo>): RuleInfo => ({
  name: "x",
  title: "X",
  says: "",
  off: false,
  clearAfterMs: 0,
  ...fields,
});
const FILESYSTEM = rule({
  name: "filesystem",
  title: "Room on a filesystem",
  metric: "filesystem_used_percent",
  direction: "above",
  kinds: ["filesystem"],
  warning: { trigger: 90, clear: 88, delayMs: 0 },
  critical: { trigger: 95, clear: 93, delayMs: 0 },
});

test("a rule can be read aloud", () => {
  const said: [RuleInfo, string][] = [
    [FILESYSTEM, "warns at 90 %, critical at 95 %, at once; over at 88 %, critical until 93 %"],
    [{ ...FILESYSTEM, off: true }, "off"],
    [rule({ warning: { delayMs: 60_000 }, critical: { delayMs: 0 } }), "warns after 1 min, critical at once"],
    [rule({ warning: { delayMs: 0 }, clearAfterMs: 300_000 }), "warns at once; over after 5 min"],
    [
      rule({
        metric: "full_in_seconds",
        direction: "below",
        warning: { trigger: 604_800, clear: 604_800, delayMs: 3_600_000 },
      }),
      "warns at 7 d, after 1 h; over above 7 d",
    ],
    [
      rule({
        baseline: "cpu_percent",
        direction: "above",
        warning: { trigger: 4, clear: 2, delayMs: 1_800_000 },
      }),
      "warns at 4 spreads above its usual, after 30 min; over at 2 spreads above its usual",
    ],
    [rule({}), "no level: it says nothing"],
  ];
  for (const [one, words] of said) expect(plain(ruleWords(one))).toBe(words);
});

test("what is different somewhere is said with what it is different for", () => {
  expect(plain(changeWords(FILESYSTEM, { warning: { trigger: 97, clear: 95 }, critical: null }))).toBe(
    "warns at 97 %, over at 95 %; critical never",
  );
  expect(changeWords(FILESYSTEM, { off: true })).toBe("off");
  expect(plain(changeWords(FILESYSTEM, { off: false, clearAfterMs: 60_000 }))).toBe("on; over after 1 min");
  const nameOf = (id: string) => (id === "r1" ? "nas" : undefined);
  expect(scopeOfOverride({ tag: "db" }, nameOf)).toBe("tag db");
  expect(scopeOfOverride({ kind: "lxc" }, nameOf)).toBe("every LXC guest");
  expect(scopeOfOverride({ resourceId: "r1" as never }, nameOf)).toBe("nas");
  expect(scopeOfOverride({ resourceId: "r2" as never }, nameOf)).toBe("something that is gone");
  expect(fromWords(["default"])).toBe("as it comes");
  expect(fromWords(["default", "everywhere", "resource vm", "resource vm"])).toBe(
    "changed everywhere, then vm",
  );
  expect(fromWords(["default", "everywhere", "tag db", "resource nas"])).toBe(
    "changed everywhere, then tag db, then nas",
  );
});

test("every rule has its group, also one this page has never heard of", () => {
  const groups: [Partial<RuleInfo>, string][] = [
    [{ name: "filesystem", kinds: ["filesystem"] }, "storage"],
    [{ name: "cpu", kinds: ["host", "vm", "lxc"] }, "machines"],
    [{ name: "backup", kinds: ["vm", "lxc", "backup"] }, "guests"],
    [{ name: "check", kinds: ["check"] }, "checks"],
    [{ name: "agent_outdated", kinds: ["host"] }, "pulse"],
    [{ name: "silence" }, "machines"],
    [{ name: "own_queue", kinds: ["check"] }, "own"],
    [{ name: "unheard_of", kinds: ["something_new" as never] }, "machines"],
  ];
  for (const [one, group] of groups)
    expect([one.name, groupOf(rule(one))]).toEqual([one.name, group as never]);
  expect(new Set(groups.map(([, group]) => group)).size).toBe(GROUPS.length);
});

test("a rule is found by its title, what it looks at, its metric and its group", () => {
  for (const typed of ["room", "filesystem_used", "ROOM file", "storage room", ""])
    expect([typed, isSought(FILESYSTEM, typed, "Storage")]).toEqual([typed, true]);
  expect(isSought(FILESYSTEM, "memory", "Storage")).toBe(false);
});
