import { expect, test } from "bun:test";
import type { AgentInfo } from "../../../server/contract/agents.ts";
import { matching, ordered } from "./order.ts";

function agent(name: string, rest: Partial<AgentInfo> = {}): AgentInfo {
  return { id: `a-${name}` as AgentInfo["id"], name, state: "reporting", createdAt: 0, checks: 0, ...rest };
}

const FLEET = [
  agent("web10", { version: "0.9.0", lastReportAt: 30 }),
  agent("web2", { state: "silent", version: "0.10.0", lastReportAt: 10 }),
  agent("db", { state: "refused", lastReportAt: 20, address: "192.0.2.7" }),
  agent("new", { state: "waiting" }),
];
const names = (agents: AgentInfo[]) => agents.map(({ name }) => name).join(" ");

test("the state that needs somebody comes first", () => {
  expect(names(ordered(FLEET, "state", false))).toBe("db web2 new web10");
});

test("names and versions are compared as people count, silence from the longest", () => {
  expect(names(ordered(FLEET, "name", false))).toBe("db new web2 web10");
  expect(names(ordered(FLEET, "version", true))).toBe("web2 web10 db new");
  expect(names(ordered(FLEET, "seen", false))).toBe("new web2 db web10");
});

test("an agent is found by its address or its state as well", () => {
  expect(names(matching(FLEET, "192.0.2"))).toBe("db");
  expect(names(matching(FLEET, "web silent"))).toBe("web2");
});
