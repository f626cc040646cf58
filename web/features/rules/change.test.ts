import { expect, test } from "bun:test";
import type { RuleOverride, RuleSettings } from "../../../server/contract/alerts.ts";
import {
  applied,
  changeFrom,
  changeTo,
  followingClear,
  nameFor,
  type Wanted,
  wholeChange,
  withOverride,
  withOwn,
  withoutOverride,
  withoutOwn,
  withRule,
} from "./change.ts";

const FILESYSTEM: Wanted = {
  off: false,
  clearAfterMs: 0,
  warning: { trigger: 90, clear: 88, delayMs: 0 },
  critical: { trigger: 95, clear: 93, delayMs: 0 },
};
const SWAP: Wanted = { off: true, clearAfterMs: 0, warning: { trigger: 90, clear: 80, delayMs: 900_000 } };
const STATE: Wanted = { off: false, clearAfterMs: 0, warning: { delayMs: 60_000 } };

test("only what is different is kept, and applied again it is what was wanted", () => {
  const cases: [before: Wanted, wanted: Partial<Wanted>, change: object | undefined][] = [
    [FILESYSTEM, {}, undefined],
    [FILESYSTEM, { warning: { trigger: 80, clear: 78, delayMs: 0 } }, { warning: { trigger: 80 } }],
    [
      FILESYSTEM,
      { warning: { trigger: 80, clear: 75, delayMs: 60_000 } },
      { warning: { trigger: 80, clear: 75, delayMs: 60_000 } },
    ],
    [FILESYSTEM, { critical: undefined }, { critical: null }],
    [FILESYSTEM, { off: true }, { off: true }],
    [FILESYSTEM, { clearAfterMs: 300_000 }, { clearAfterMs: 300_000 }],
    [SWAP, { off: false }, { off: false }],
    [
      SWAP,
      { off: false, warning: { trigger: 95, clear: 85, delayMs: 900_000 } },
      { warning: { trigger: 95 } },
    ],
    [
      SWAP,
      { warning: { trigger: 95, clear: 85, delayMs: 900_000 } },
      { warning: { trigger: 95 }, off: true },
    ],
    [STATE, { critical: { delayMs: 0 } }, { critical: { delayMs: 0 } }],
    [STATE, { warning: { delayMs: 0 } }, { warning: { delayMs: 0 } }],
  ];
  for (const [before, part, change] of cases) {
    const wanted: Wanted = { ...before, ...part };
    const found = changeTo(wanted, before);
    expect(found as object | undefined).toEqual(change);
    const again = found ? applied(before, found, before) : before;
    expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(wanted)));
  }
});

test("what is wanted for some is said whole where it is the same now, so that it stays", () => {
  expect(changeFrom(FILESYSTEM, FILESYSTEM)).toEqual({ ...FILESYSTEM });
  expect(changeFrom({ ...FILESYSTEM, off: true }, FILESYSTEM)).toEqual({ off: true });
  expect(wholeChange(STATE)).toEqual({ ...STATE, critical: null });
  expect(wholeChange({ ...SWAP, warning: undefined })).toEqual({ off: true });
});

test("where a level clears follows its trigger, to the tenth", () => {
  expect(followingClear(85.3, { trigger: 90, clear: 88, delayMs: 0 })).toBe(83.3);
  expect(followingClear(500, { delayMs: 0 })).toBe(500);
  expect(followingClear(undefined, { delayMs: 0 })).toBeUndefined();
});

const EMPTY: RuleSettings = { rules: {}, overrides: [], own: [] };

test("a setting is changed without touching the others, and taken back without a trace", () => {
  const changed = withRule({ ...EMPTY, rules: { cpu: { off: true } } }, "swap", { off: false });
  expect(changed.rules).toEqual({ cpu: { off: true }, swap: { off: false } });
  expect(withRule(changed, "swap", undefined).rules).toEqual({ cpu: { off: true } });
  const db: RuleOverride = { scope: { tag: "db" }, rule: "cpu", change: { off: true } };
  const nas: RuleOverride = { scope: { resourceId: "r1" as never }, rule: "cpu", change: { off: true } };
  const both = withOverride(withOverride(EMPTY, db), nas);
  const note = { ...db, note: "busy by design" };
  expect(withOverride(both, note).overrides).toEqual([note, nas]);
  expect(withoutOverride(both, db).overrides).toEqual([nas]);
});

test("a rule of one's own goes with everything that was said about it", () => {
  const own = { name: "own_queue", title: "Queue", metric: "queue_length", direction: "above" as const };
  const settings = withOverride(withOwn(EMPTY, own), {
    scope: { tag: "db" },
    rule: "own_queue",
    change: { off: true },
  });
  expect(withOwn(settings, { ...own, title: "Mail queue" }).own.map(({ title }) => title)).toEqual([
    "Mail queue",
  ]);
  expect(withoutOwn(settings, "own_queue")).toEqual(EMPTY);
});

test("a new rule gets a name the contract takes and no other has", () => {
  expect(nameFor("Mail queue, länger", [])).toBe("own_mail_queue_la_nger");
  expect(nameFor("Mail queue", ["own_mail_queue", "own_mail_queue_2"])).toBe("own_mail_queue_3");
  expect(nameFor("Очередь", [])).toBe("own_rule");
  expect(nameFor("x".repeat(200), []).length).toBeLessThanOrEqual(60);
});
