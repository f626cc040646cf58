import { describe, expect, test } from "bun:test";
import { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { WATCH_LIMITS } from "../contract/watch-limits.ts";
import { mintId } from "../lib/random-id.ts";
import { unwatch, Watching, watch } from "./watching.ts";

const SECOND = 1_000;
const USUAL = 10 * SECOND;
const { heldMs, longestMs, renewEveryMs, perPerson, perOrg } = WATCH_LIMITS;
const ann = { person: "ann", by: "ann's browser" };
const bob = { person: "bob", by: "bob's browser" };

function newOrg(views: { source: string; over?: Partial<Resource> }[] = [{ source: "agent:a" }]) {
  const time = { now: 1_790_000_000_000 };
  const id = ResourceId.parse(mintId("r"));
  const known = views.map(({ source, over }) => ({
    id: ResourceId.parse(mintId("r")),
    source,
    view: { kind: "host", attributes: { agent_fastest_interval_ms: SECOND }, ...over } as unknown as Resource,
  }));
  const watching = new Watching(() => time.now);
  return {
    time,
    id,
    watching,
    clock: () => time.now,
    intervalOf: () => USUAL,
    inventory: {
      get: (wanted: ResourceId) => (wanted === id ? known[0]?.view : undefined),
      viewsOf: () => known.map(({ id: viewId, source }) => ({ id: viewId, source })),
      viewOf: (wanted: ResourceId) => known.find((one) => one.id === wanted)?.view,
    },
    asked: (source = views[0]?.source ?? "", usualMs = USUAL) => watching.intervalOf(source, usualMs),
  };
}

test("who looks makes a machine report each second for as long as they say so, and half a minute more", () => {
  const org = newOrg();
  expect(org.asked()).toBe(USUAL);
  for (let n = 0; n < 5; n++) {
    expect(watch(org, { id: org.id, watcher: ann })).toEqual({
      intervalMs: SECOND,
      usualMs: USUAL,
      until: org.time.now + heldMs,
    });
    expect(org.asked()).toBe(SECOND);
    org.time.now += renewEveryMs;
  }
  org.time.now += heldMs - renewEveryMs - 1;
  expect(org.asked()).toBe(SECOND);
  org.time.now += 1;
  expect([org.asked(), org.watching.size]).toEqual([USUAL, 0]);
});

test("of two who look the machine goes on for the other, whoever leaves first; two tabs are two", () => {
  const org = newOrg();
  watch(org, { id: org.id, watcher: ann });
  watch(org, { id: org.id, watcher: bob });
  watch(org, { id: org.id, tab: "second", watcher: bob });
  unwatch(org, { id: org.id, watcher: ann });
  expect(org.asked()).toBe(SECOND);
  unwatch(org, { id: org.id, watcher: bob });
  expect(org.asked()).toBe(SECOND);
  unwatch(org, { id: org.id, tab: "second", watcher: ann });
  expect(org.asked()).toBe(SECOND);
  unwatch(org, { id: org.id, tab: "second", watcher: bob });
  expect(org.asked()).toBe(USUAL);
});

test("other sources keep their pace, and one that is faster by itself or an hour apart is asked for no less", () => {
  const org = newOrg();
  watch(org, { id: org.id, watcher: ann });
  expect(org.asked("agent:b")).toBe(USUAL);
  expect(org.asked("agent:a", SECOND)).toBe(SECOND);
  expect(org.asked("agent:a", 3_600_000)).toBe(SECOND);
});

test("a look that never ends does after an hour, and a new one may be begun", () => {
  const org = newOrg();
  const last = org.time.now + longestMs;
  while (org.time.now < last) {
    const { until = 0 } = watch(org, { id: org.id, tab: "one", watcher: ann });
    expect(until).toBeLessThanOrEqual(last);
    org.time.now += renewEveryMs;
  }
  expect(org.asked()).toBe(USUAL);
  for (let n = 0; n < 10; n++) {
    expect(watch(org, { id: org.id, tab: "one", watcher: ann }).why).toBe("over");
    org.time.now += renewEveryMs;
  }
  expect(org.asked()).toBe(USUAL);
  expect(watch(org, { id: org.id, tab: "two", watcher: ann }).intervalMs).toBe(SECOND);
  expect(org.asked()).toBe(SECOND);
});

describe("what cannot be faster is told why, and takes no place", () => {
  test.each([
    ["what is asked by the server", [{ source: "source:p" }], "source"],
    ["an agent that does not know of it", [{ source: "agent:a", over: { attributes: {} } }], "agent"],
    [
      "what an agent sees besides its machine",
      [{ source: "agent:a", over: { kind: "container" } }],
      "source",
    ],
  ] as const)("%s", (_, views, why) => {
    const org = newOrg(views as never);
    expect(watch(org, { id: org.id, watcher: ann })).toEqual({ intervalMs: USUAL, usualMs: USUAL, why });
    expect([org.watching.size, org.asked()]).toEqual([0, USUAL]);
  });

  test("a machine seen by a hypervisor too is made faster by its agent", () => {
    const org = newOrg([{ source: "source:p" }, { source: "agent:a" }]);
    expect(watch(org, { id: org.id, watcher: ann }).why).toBeUndefined();
    expect([org.asked("source:p"), org.asked("agent:a")]).toEqual([USUAL, SECOND]);
  });

  test("the machine of the server itself needs no word of an agent", () => {
    const org = newOrg([{ source: "local", over: { attributes: {} } }]);
    const told: string[] = [];
    org.watching.onChange = (source) => told.push(source);
    expect(watch(org, { id: org.id, watcher: ann }).intervalMs).toBe(SECOND);
    watch(org, { id: org.id, watcher: ann });
    unwatch(org, { id: org.id, watcher: ann });
    unwatch(org, { id: org.id, watcher: ann });
    expect(told).toEqual(["local", "local"]);
  });

  test("and what is not there is not found", () => {
    const org = newOrg();
    const id = ResourceId.parse(mintId("r"));
    expect(() => watch(org, { id, watcher: ann })).toThrow("There is no such resource.");
    expect(() => unwatch(org, { id, watcher: ann })).toThrow("There is no such resource.");
  });
});

describe("looks are few", () => {
  const look = (org: ReturnType<typeof newOrg>, person: string, tab: string) =>
    watch(org, { id: org.id, tab, watcher: { person, by: `${person}'s ${tab}` } });

  test("of one person, whose own still go on; what has ended makes room", () => {
    const org = newOrg();
    for (let n = 0; n < perPerson; n++) look(org, "ann", `t${n}`);
    expect(() => look(org, "ann", "more")).toThrow("no more may be");
    look(org, "ann", "t0");
    look(org, "bob", "t0");
    org.time.now += heldMs;
    look(org, "ann", "more");
  });

  test("of an org", () => {
    const org = newOrg();
    for (let n = 0; n < perOrg; n++) look(org, `person ${Math.floor(n / perPerson)}`, `t${n}`);
    expect(() => look(org, "one more", "t")).toThrow("no more may be");
    expect(org.watching.size).toBe(perOrg);
  });
});

test("who may not look any more does not, by session, by token or as a person, and nobody else with them", () => {
  const org = newOrg();
  const other = { person: "ann", by: "ann's token" };
  const all = () => [ann, other, bob].map((watcher) => watch(org, { id: org.id, watcher }));
  for (const [gone, left] of [
    [{ by: "ann's token" }, 2],
    [{ by: "ann's browser" }, 2],
    [{ person: "ann" }, 1],
    [{ person: "nobody" }, 3],
    [{ person: "bob", by: "ann's token" }, 3],
  ] as const) {
    all();
    org.watching.releaseAll(gone);
    expect([gone, org.watching.size]).toEqual([gone, left]);
  }
  org.watching.releaseAll({});
  expect(org.asked()).toBe(USUAL);
});
