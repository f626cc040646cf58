import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import type { DirectoryChange, OrgEntry } from "../contract/directory.ts";
import { OrgId } from "../contract/ids.ts";
import { mintId } from "../lib/random-id.ts";
import { Waking } from "./waking.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function orgOf(slug: string, more: Partial<OrgEntry> = {}): OrgEntry {
  const id = OrgId.parse(mintId("o"));
  return { id, slug, name: slug, state: "active", createdAt: 0, limits: {}, ...more };
}

/** Orgs by name, and which were woken, in order. */
function setUp(orgs: OrgEntry[], withAgents: readonly string[]) {
  const woken: string[] = [];
  let change: (changes: readonly DirectoryChange[]) => void = () => {};
  const slugOf = (id: OrgId) => orgs.find((org) => org.id === id)?.slug ?? "";
  const waking = new Waking({
    shards: {
      org: (id: OrgId) => ({ health: { wake: async () => void woken.push(slugOf(id)) } }) as never,
    },
    directory: {
      orgs: () => orgs,
      agentCount: (id) => (withAgents.includes(slugOf(id)) ? 1 : 0),
      onChange: (listener) => {
        change = listener;
      },
    },
    features: { multiTenant: true, multiTenantLicensed: true },
  });
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      jest.advanceTimersByTime(50);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { waking, woken, pass, changed: (org: OrgEntry) => change([{ kind: "org", org }]) };
}

test("after a start those with sources are woken, then those with agents, each once; nobody else", async () => {
  const orgs = [
    ...["a", "b", "c", "d", "e", "f"].map((name) => orgOf(name)),
    orgOf("empty"),
    orgOf("polled", { polled: true }),
    orgOf("suspended", { state: "suspended" }),
  ];
  const { waking, woken, pass } = setUp(orgs, ["a", "b", "c", "d", "e", "f", "suspended"]);
  await pass(1_000);
  expect(woken).toEqual([]);
  waking.begin();
  await pass(50);
  expect(woken).toEqual(["polled", "a", "b", "c"]);
  await pass(1_000);
  expect(woken).toEqual(["polled", "a", "b", "c", "d", "e", "f"]);
  waking.stop();
});

test("one that is let in again is woken again", async () => {
  const [org] = [orgOf("acme")];
  const { waking, woken, pass, changed } = setUp([org], ["acme"]);
  waking.begin();
  await pass(200);
  org.state = "suspended";
  changed(org);
  await pass(200);
  org.state = "active";
  changed(org);
  await pass(200);
  expect(woken).toEqual(["acme", "acme"]);
  waking.stop();
});
