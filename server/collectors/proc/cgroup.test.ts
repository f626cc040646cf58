import { expect, test } from "bun:test";
import { parseCgroupPath, parseCpuMax, parseFlatKeyed, parseLimit } from "./cgroup.ts";

test("the group of a machine with version 2, with both, and with version 1 only", () => {
  expect(parseCgroupPath("0::/system.slice/docker-5d.scope\n")).toBe("/system.slice/docker-5d.scope");
  expect(parseCgroupPath("4:memory:/process_api/e987\n1:cpu:/\n0::/\n")).toBe("/");
  expect(parseCgroupPath("4:memory:/docker/5d\n1:name=systemd:/docker/5d\n")).toBeUndefined();
});

test("no limit is not a limit of zero", () => {
  expect(parseLimit("536870912\n")).toBe(536_870_912);
  expect(parseLimit("0\n")).toBe(0);
  expect(parseLimit("max\n")).toBeUndefined();
  expect(parseLimit("")).toBeUndefined();
});

test("a quota in cores", () => {
  expect(parseCpuMax("150000 100000\n")).toBe(1.5);
  expect(parseCpuMax("max 100000\n")).toBeUndefined();
  expect(parseCpuMax("1 0\n")).toBeUndefined();
  expect(parseCpuMax("")).toBeUndefined();
});

test("lines of a name and a number", () => {
  const values = parseFlatKeyed("usage_usec 917\nuser_usec 600\n\nbad\nworse x\nempty \n");
  expect([...values]).toEqual([
    ["usage_usec", 917],
    ["user_usec", 600],
  ]);
});
