import { expect, test } from "bun:test";
import type { Resource } from "../../../server/contract/resource.ts";
import { headline, inOrder, problemsOf, problemsOfThing, worstOf } from "./problems.ts";

function resource(fields: Partial<Omit<Resource, "id">> & { id?: string }): Resource {
  return {
    kind: "host",
    name: "atlas",
    status: "up",
    sources: ["local"],
    lastSeenAt: 0,
    attributes: {},
    metrics: {},
    ...fields,
    id: (fields.id ?? "r1") as Resource["id"],
  };
}
const filesystem = (used: number, more: Partial<Omit<Resource, "id">> = {}) =>
  resource({
    id: "r2",
    kind: "filesystem",
    name: "/var",
    metrics: { filesystem_used_percent: used },
    ...more,
  });
const told = (machine: Resource, parts: Resource[] = []) =>
  problemsOf(machine, parts).map(({ level, words }) => `${level}: ${words.replaceAll("\u00a0", " ")}`);

test("a machine that is well has no problems", () => {
  expect(
    told(resource({ metrics: { memory_used_percent: 94.9, failed_units: 0 } }), [filesystem(89.9)]),
  ).toEqual([]);
});

test("what is not known is not a problem", () => {
  expect(told(resource({}), [filesystem(0, { metrics: {} })])).toEqual([]);
});

test("filesystems warn at 90 % and are critical at 95 %", () => {
  expect(told(resource({}), [filesystem(90)])).toEqual(["warning: /var is 90.0 % full"]);
  const left = { filesystem_used_percent: 96.2, filesystem_available_bytes: 1024 ** 3 };
  expect(told(resource({}), [filesystem(0, { metrics: left })])).toEqual([
    "critical: /var is 96.2 % full, 1.00 GiB left",
  ]);
});

test("a full read-only filesystem is as it should be", () => {
  expect(told(resource({}), [filesystem(100, { attributes: { read_only: true } })])).toEqual([]);
});

test("of a very long name its ends are told", () => {
  const [only] = told(resource({}), [filesystem(90, { name: `/srv/${"x".repeat(200)}/data` })]);
  expect(only).toMatch(/^warning: \/srv\/x+…x+\/data is 90\.0 % full$/);
  expect(only?.length).toBeLessThan(90);
});

test("inodes run out as well", () => {
  const metrics = { filesystem_used_percent: 20, filesystem_inodes_used_percent: 99 };
  expect(told(resource({}), [filesystem(0, { metrics })])).toEqual([
    "critical: /var has used 99.0 % of its inodes",
  ]);
});

test("failed units are named, three at most", () => {
  const attributes = { failed_units: ["a.service", "b.timer", "c.mount", "d.socket"] };
  expect(told(resource({ metrics: { failed_units: 4 }, attributes }))).toEqual([
    "warning: 4 units failed: a.service, b.timer, c.mount and 1 more",
  ]);
  expect(told(resource({ metrics: { failed_units: 1 } }))).toEqual(["warning: 1 unit failed"]);
});

test("memory warns at 95 % and is critical at 98 %", () => {
  expect(told(resource({ metrics: { memory_used_percent: 95 } }))).toEqual([
    "warning: has used 95.0 % of its memory",
  ]);
  expect(told(resource({ metrics: { memory_used_percent: 98 } }))).toEqual([
    "critical: has used 98.0 % of its memory",
  ]);
});

test("of a machine that does not report only that is said", () => {
  const metrics = { memory_used_percent: 99, failed_units: 2 };
  expect(told(resource({ status: "down", metrics }), [filesystem(99)])).toEqual(["critical: is down"]);
  expect(told(resource({ status: "unknown", metrics }), [filesystem(99)])).toEqual([
    "warning: has stopped reporting",
  ]);
});

test("an unplugged interface is not a problem, a degraded disk is", () => {
  const parts = [
    resource({ id: "r3", kind: "interface", name: "eth1", status: "down" }),
    resource({ id: "r4", kind: "disk", name: "sdb", status: "degraded" }),
  ];
  expect(told(resource({}), parts)).toEqual(["warning: sdb is degraded"]);
});

test("a degraded machine whose reason is known tells the reason only", () => {
  expect(told(resource({ status: "degraded" }))).toEqual(["warning: reports itself degraded"]);
  expect(told(resource({ status: "degraded", metrics: { failed_units: 1 } }))).toEqual([
    "warning: 1 unit failed",
  ]);
});

test("critical comes first, and the headline counts", () => {
  const machines = [
    resource({ id: "a", name: "a", status: "unknown" }),
    resource({ id: "b", name: "b", status: "down" }),
  ];
  const problems = inOrder(machines.flatMap((machine) => problemsOf(machine, [])));
  expect(problems.map((problem) => problem.resource.name)).toEqual(["b", "a"]);
  expect(worstOf(problems)).toBe("critical");
  expect(headline({ machines: 2 }, problems)).toBe("2 problems, 1 critical");
  expect(headline({ machines: 2 }, problems.slice(0, 1))).toBe("1 problem, critical");
  expect(headline({ machines: 2 }, problems.slice(1))).toBe("1 problem");
  expect(headline({ machines: 1 }, [])).toBe("All well: 1 machine");
  expect(headline({ machines: 0 }, [])).toBe("Nothing reports yet");
});

const thing = (fields: Parameters<typeof resource>[0], parent?: Resource) =>
  problemsOfThing(resource({ id: "t", ...fields }), parent).map(
    ({ level, resource: { name }, about, words }) =>
      `${level}: ${name}${about === "part" ? ":" : ""} ${words}`,
  );
const nas = resource({ name: "nas" });

test("what is wrong with a container or a check is one plain line", () => {
  const container = { kind: "container", name: "nginx", status: "degraded" } as const;
  const loop = { problem: "Restarts again and again (exit code 1)." };
  expect(thing({ ...container, attributes: loop }, nas)).toEqual([
    "warning: nginx on nas restarts again and again (exit code 1)",
  ]);
  expect(thing({ ...container, attributes: { problem: "Its health check fails." } }, nas)).toEqual([
    "warning: nginx on nas: its health check fails",
  ]);
  const check = { kind: "check", name: "https://x", status: "down" } as const;
  expect(thing({ ...check, attributes: { problem: "Answers 503, expected 200." } })).toEqual([
    "critical: https://x answers 503, expected 200",
  ]);
  expect(thing({ ...check, attributes: { problem: "The certificate has expired." } })).toEqual([
    "critical: https://x: the certificate has expired",
  ]);
  expect(thing({ ...check, attributes: { problem: "DNS has no such name." } })).toEqual([
    "critical: https://x: DNS has no such name",
  ]);
});

test("what was stopped, or had come to its end, is no problem", () => {
  expect(thing({ kind: "vm", status: "down", attributes: { state: "stopped" } }, nas)).toEqual([]);
  const stopped = { ended: "stopped", problem: "Stopped by a signal (exit code 143)." };
  expect(thing({ kind: "container", status: "down", attributes: stopped }, nas)).toEqual([]);
  const failed = { ended: "failed", problem: "Ended with exit code 1." };
  expect(thing({ kind: "container", name: "job", status: "down", attributes: failed }, nas)).toEqual([
    "critical: job on nas: ended with exit code 1",
  ]);
});

test("a guest that runs without a backup is told of", () => {
  const attributes = { backup_problem: "The last backup failed." };
  expect(thing({ kind: "lxc", name: "git", attributes }, nas)).toEqual([
    "warning: git on nas: the last backup failed",
  ]);
});

test("what a silent machine held is not told of, nor what is meant to be off", () => {
  const silent = resource({ name: "nas", status: "unknown" });
  expect(thing({ kind: "container", status: "down", attributes: { problem: "Dead." } }, silent)).toEqual([]);
  const own = { expectedOff: true } as const;
  expect(told(resource({ status: "down", own }))).toEqual([]);
  expect(told(resource({ status: "up", own, metrics: { memory_used_percent: 99 } }))).toHaveLength(1);
  expect(thing({ kind: "check", status: "down", own })).toEqual([]);
});

test("a part tells what is wrong with it where it knows", () => {
  const disk = { id: "r4", kind: "disk", name: "sda", status: "degraded" } as const;
  expect(
    told(resource({}), [resource({ ...disk, attributes: { problem: "SMART says it fails." } })]),
  ).toEqual(["warning: sda: SMART says it fails"]);
});

test("the headline counts all that is watched", () => {
  expect(headline({ machines: 2, guests: 0, containers: 1, checks: 3 }, [])).toBe(
    "All well: 2 machines, 1 container and 3 checks",
  );
  expect(headline({ machines: 0, checks: 1 }, [])).toBe("All well: 1 check");
});
