import { describe, expect, test } from "bun:test";
import type { RuleOverride, RuleSettings } from "../contract/alerts.ts";
import { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { DEFAULT_RULES } from "./defaults.ts";
import { RuleBook } from "./rule-book.ts";

const id = () => ResourceId.parse(mintId("r"));
const resource = (fields: Partial<Resource> = {}): Resource => ({
  id: id(),
  kind: "filesystem",
  name: "/var",
  status: "up",
  sources: ["local"],
  lastSeenAt: 0,
  attributes: {},
  metrics: {},
  ...fields,
});
const host = resource({ kind: "host", name: "nas", own: { tags: ["db"] } });
const disk = resource();
const book = (settings: Partial<RuleSettings>) =>
  new RuleBook({ rules: {}, overrides: [], own: [], ...settings });
const of = (settings: Partial<RuleSettings>, rule = "filesystem", parent: Resource | undefined = host) => {
  const found = book(settings)
    .for(disk, parent)
    .find((applied) => applied.rule.name === rule);
  if (!found) throw new Error(`no ${rule}`);
  return found;
};
const override = (
  scope: RuleOverride["scope"],
  change: RuleOverride["change"],
  rule = "filesystem",
): RuleOverride => ({
  scope,
  change,
  rule,
});

test("every default has a name of its own, words, and limits that make sense", () => {
  const names = DEFAULT_RULES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const rule of DEFAULT_RULES) {
    expect(rule.title.length * rule.says.length).toBeGreaterThan(0);
    expect(rule.warning ?? rule.critical).toBeDefined();
    if (rule.type !== "threshold") continue;
    const { warning, critical, direction } = rule;
    const sign = direction === "above" ? 1 : -1;
    for (const level of [warning, critical])
      if (level) expect(sign * ((level.trigger ?? 0) - (level.clear ?? 0))).toBeGreaterThan(0);
    if (warning && critical)
      expect(sign * ((critical.trigger ?? 0) - (warning.trigger ?? 0))).toBeGreaterThan(0);
  }
});

describe("what applies", () => {
  test("is the default, until something is different everywhere", () => {
    expect(of({})).toMatchObject({ off: false, warning: { trigger: 90, clear: 88 }, from: ["default"] });
    const changed = of({ rules: { filesystem: { warning: { trigger: 80 } } } });
    expect(changed).toMatchObject({
      warning: { trigger: 80, clear: 78, delayMs: 300_000 },
      critical: { trigger: 95 },
    });
    expect(changed.from).toEqual(["default", "everywhere"]);
  });

  test("is what is closest: kind, tag, the machine, itself; field by field", () => {
    const overrides = [
      override({ resourceId: disk.id }, { warning: { trigger: 50 } }),
      override({ resourceId: host.id }, { warning: { trigger: 60, delayMs: 1_000 } }),
      override({ tag: "db" }, { warning: { trigger: 70 }, critical: null }),
      override({ kind: "filesystem" }, { clearAfterMs: 5_000 }),
    ];
    const applied = of({ overrides });
    expect(applied).toMatchObject({
      warning: { trigger: 50, clear: 48, delayMs: 1_000 },
      clearAfterMs: 5_000,
    });
    expect(applied.critical).toBeUndefined();
    expect(applied.from).toEqual(["default", "kind filesystem", "tag db", "resource nas", "resource /var"]);
    expect(of({ overrides }, "filesystem", resource()).warning?.trigger).toBe(50);
    expect(
      book({ overrides })
        .for(resource(), undefined)
        .find(({ rule }) => rule.name === "filesystem")?.critical,
    ).toBeDefined();
  });

  test("is over where it fires, where two overrides together would have it over before", () => {
    const overrides = [
      override({ kind: "filesystem" }, { warning: { trigger: 10 } }),
      override({ resourceId: disk.id }, { warning: { clear: 50 } }),
    ];
    expect(of({ overrides }).warning).toMatchObject({ trigger: 10, clear: 10 });
  });

  test("of two for the same tag or resource is the later one", () => {
    const overrides = [
      override({ tag: "db" }, { warning: { trigger: 70 } }),
      override({ tag: "db" }, { warning: { trigger: 75 } }),
    ];
    expect(of({ overrides }).warning?.trigger).toBe(75);
  });

  test("of two tags is the later one too, in whatever order they stand", () => {
    const overrides = [
      override({ tag: "db" }, { warning: { trigger: 70 } }),
      override({ tag: "attic" }, { warning: { trigger: 75 } }),
      override({ tag: "db" }, { warning: { delayMs: 7 } }),
    ];
    for (const tags of [
      ["db", "attic", "other"],
      ["attic", "db"],
    ]) {
      const { warning, from } = of({ overrides }, "filesystem", resource({ kind: "host", own: { tags } }));
      expect(warning).toMatchObject({ trigger: 75, delayMs: 7 });
      expect(from).toEqual(["default", "tag db", "tag attic", "tag db"]);
    }
  });

  test("can be every rule at once", () => {
    const all = override({ resourceId: host.id }, { off: true }, "*");
    expect(
      book({ overrides: [all] })
        .for(disk, host)
        .every(({ off }) => off),
    ).toBe(true);
    expect(
      book({ overrides: [all] })
        .for(disk, undefined)
        .every(({ off }) => off),
    ).toBe(false);
  });

  test("is on when somebody gives a level to what is off by default", () => {
    const swap = (settings: Partial<RuleSettings>) =>
      book(settings)
        .for(host, undefined)
        .find(({ rule }) => rule.name === "swap");
    expect(swap({})?.off).toBe(true);
    expect(swap({ rules: { swap: { warning: { trigger: 50 } } } })?.off).toBe(false);
    expect(swap({ rules: { swap: { off: false } } })?.off).toBe(false);
  });
});

test("somebody's own rule is a threshold on any metric, of the kinds it names", () => {
  const own = {
    name: "own_queue",
    title: "Queue",
    metric: "queue_length",
    direction: "above",
    warning: { trigger: 5 },
  } as const;
  const everywhere = of({ own: [own] }, "own_queue");
  expect(everywhere).toMatchObject({ off: false, warning: { trigger: 5, clear: 5, delayMs: 60_000 } });
  const ofHosts = { ...own, kinds: ["host" as const] };
  expect(
    book({ own: [ofHosts] })
      .for(disk, host)
      .some(({ rule }) => rule.name === "own_queue"),
  ).toBe(false);
});
