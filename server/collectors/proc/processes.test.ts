import { expect, test } from "bun:test";
import { captured } from "./captured-text.ts";
import { fullName, parseAuxv, parseEffectiveUser, parsePasswd, parseProcessStat } from "./processes.ts";

test("reads a process", () => {
  expect(parseProcessStat(captured("process-stat-6.18"))).toEqual({
    name: "cat",
    cpuTicks: 0,
    startTicks: 204_524,
    residentPages: 358,
  });
});

test("a name may hold spaces and parentheses", () => {
  const tail = "S 1 1 1 0 -1 4194560 100 0 0 0 70 30 0 0 20 0 1 0 4321 1000000 250 0";
  expect(parseProcessStat(`42 (a) S (b c) ${tail}`)).toEqual({
    name: "a) S (b c",
    cpuTicks: 100,
    startTicks: 4321,
    residentPages: 250,
  });
});

test("a line that is cut says nothing", () => {
  expect(parseProcessStat("42 (bash) S 1 1 1")).toBeUndefined();
  expect(parseProcessStat("42 bash")).toBeUndefined();
  expect(parseProcessStat("")).toBeUndefined();
});

test("the user it acts as, not the one who started it", () => {
  expect(parseEffectiveUser("Name:\tsudo\nUid:\t1000\t0\t0\t0\nGid:\t1000\t0\t0\t0\n")).toBe(0);
  expect(parseEffectiveUser("Name:\tsudo\n")).toBeUndefined();
});

test("a cut name is completed from the program's own name only", () => {
  expect(fullName("systemd-timesyn", "/usr/lib/systemd/systemd-timesyncd\0")).toBe("systemd-timesyncd");
  expect(fullName("prometheus-node", "/bin/prometheus-node-exporter\0--password=hunter2\0")).toBe(
    "prometheus-node-exporter",
  );
  expect(fullName("my-long-program", "my-long-program-x --password=hunter2\0")).toBe("my-long-program-x");
  expect(fullName("worker-thread-1", "/usr/bin/java\0-jar\0x.jar\0")).toBe("worker-thread-1");
  expect(fullName("kworker/0:1-eve", "")).toBe("kworker/0:1-eve");
});

test("of two names of one user the first counts", () => {
  const users = parsePasswd(
    "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/root:\n\n#\nbad:x:-1:0\nwww-data:x:33:33:::\n",
  );
  expect([...users]).toEqual([
    [0, "root"],
    [33, "www-data"],
  ]);
});

test("page size and tick come from the kernel", () => {
  const words = [33n, 1n, 6n, 16_384n, 17n, 100n, 0n, 0n];
  expect(parseAuxv(new Uint8Array(new BigUint64Array(words).buffer))).toEqual({
    pageBytes: 16_384,
    ticksPerSecond: 100,
  });
  expect(parseAuxv(new Uint8Array(7))).toEqual({ pageBytes: 4096, ticksPerSecond: 100 });
});
