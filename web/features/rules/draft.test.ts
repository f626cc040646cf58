import { expect, test } from "bun:test";
import type { RuleInfo } from "../../../server/contract/alerts.ts";
import { draftOf, readDraft, withTrigger } from "./draft.ts";

const rule = (fields: Partial<RuleInfo>): RuleInfo => ({
  name: "x",
  title: "X",
  says: "",
  off: false,
  clearAfterMs: 0,
  ...fields,
});
const FILESYSTEM = rule({
  metric: "filesystem_used_percent",
  direction: "above",
  warning: { trigger: 90, clear: 88, delayMs: 0 },
  critical: { trigger: 95, clear: 93, delayMs: 60_000 },
});
const FULL_IN = rule({
  metric: "full_in_seconds",
  direction: "below",
  warning: { trigger: 604_800, clear: 777_600, delayMs: 3_600_000 },
});
const STATE = rule({ warning: { delayMs: 60_000 } });

test("what nobody changes is read as it was", () => {
  for (const one of [FILESYSTEM, FULL_IN, STATE]) {
    const { wanted, faults } = readDraft(draftOf(one), one);
    expect(faults).toEqual({});
    const { off, clearAfterMs, warning, critical } = one;
    expect(wanted).toEqual({ off, clearAfterMs, ...(warning && { warning }), ...(critical && { critical }) });
  }
});

test("where it clears goes along with the trigger until somebody moves it by itself", () => {
  const { warning } = draftOf(FILESYSTEM);
  const before = { trigger: 90, clear: 88, delayMs: 0 };
  const metric = "filesystem_used_percent";
  let moved = withTrigger(warning, "8", before, metric);
  moved = withTrigger(moved, "80", before, metric);
  expect([moved.trigger, moved.clear]).toEqual(["80", "78"]);
  const own = withTrigger({ ...moved, clear: "70", follows: false }, "85", before, metric);
  expect([own.trigger, own.clear]).toEqual(["85", "70"]);
  const emptied = withTrigger(withTrigger(warning, "", before, metric), "50", before, metric);
  expect([emptied.trigger, emptied.clear]).toEqual(["50", "48"]);
});

test("where it clears stays within what there is: a low limit is over again below itself", () => {
  const { warning } = draftOf(FILESYSTEM);
  const before = { trigger: 90, clear: 88, delayMs: 0 };
  const clearAt = (typed: string) => withTrigger(warning, typed, before, FILESYSTEM.metric).clear;
  expect(["3", "2", "1"].map(clearAt)).toEqual(["1", "2", "1"]);
  const left = { trigger: 10, clear: 15, delayMs: 0 };
  expect(withTrigger(warning, "97", left, "life_left_percent").clear).toBe("97");
  expect(withTrigger(warning, "1 MB", { trigger: 10e6, clear: 5e6, delayMs: 0 }, "rx_bytes").clear).toBe(
    "1 MB",
  );
  expect(withTrigger(warning, "1", before, "temperature_celsius").clear).toBe("-1");
});

test("what is never reached, or never over, stands at its field", () => {
  const faultsOf = (one: RuleInfo, part: object) => {
    const draft = draftOf(one);
    const { faults } = readDraft({ ...draft, warning: { ...draft.warning, ...part } }, one);
    return JSON.parse(JSON.stringify(faults).replaceAll("\u00a0", " "));
  };
  const room = rule({ ...FILESYSTEM, critical: undefined as never });
  expect(faultsOf(room, { trigger: "150" })).toEqual({
    "warning.trigger": "At most 100 %: there is no more.",
  });
  expect(faultsOf(room, { trigger: "1", clear: "-2" })).toEqual({
    "warning.clear": "At least 0 %: there is no less, and it would never be over.",
  });
  expect(faultsOf(room, { trigger: "0", clear: "0" })).toEqual({
    "warning.trigger": "More than 0 %: it is always so much, and would never be over.",
  });
  expect(faultsOf(room, { trigger: "1", clear: "0" })).toEqual({});
  const left = rule({ ...room, metric: "life_left_percent", direction: "below" });
  expect(faultsOf(left, { trigger: "95", clear: "101" })).toEqual({
    "warning.clear": "At most 100 %: there is no more, and it would never be over.",
  });
  expect(faultsOf(left, { trigger: "100", clear: "100" })).toEqual({
    "warning.trigger": "Less than 100 %: it is never more, and would never be over.",
  });
  const cold = rule({ ...room, metric: "temperature_celsius" });
  expect(faultsOf(cold, { trigger: "-10", clear: "-12" })).toEqual({});
});

test("what cannot be stands at its field, with what would be right", () => {
  const plain = (faults: object) => JSON.parse(JSON.stringify(faults).replaceAll("\u00a0", " "));
  const draft = draftOf(FILESYSTEM);
  const change = (part: object, level: "warning" | "critical" = "warning") =>
    plain(readDraft({ ...draft, [level]: { ...draft[level], ...part } }, FILESYSTEM).faults);
  expect(change({ trigger: "much", clear: "" })).toEqual({ "warning.trigger": "A number, in %." });
  expect(change({ clear: "92" })).toEqual({ "warning.clear": "At most 90 %, where it begins." });
  expect(change({ delay: "soon" })).toEqual({ "warning.delay": "A time like 30 s, 5 min or 2 h." });
  expect(change({ delay: "31 d" })).toEqual({ "warning.delay": "At most 30 days." });
  expect(change({ trigger: "85", clear: "80" }, "critical")).toEqual({
    "critical.trigger": "At least where it warns: 90 %.",
  });
  const neither = {
    ...draft,
    warning: { ...draft.warning, isSet: false },
    critical: { ...draft.critical, isSet: false },
  };
  expect(readDraft(neither, FILESYSTEM).faults.levels).toContain("At least one");
  expect(readDraft({ ...neither, isOn: false }, FILESYSTEM).faults).toEqual({});
  const late = { ...draftOf(FULL_IN).warning, clear: "1 d" };
  expect(plain(readDraft({ ...draftOf(FULL_IN), warning: late }, FULL_IN).faults)).toEqual({
    "warning.clear": "At least 7 d, where it begins.",
  });
});
