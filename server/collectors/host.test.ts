import { expect, test } from "bun:test";
import { ReportedResource } from "../contract/report.ts";
import { fakeMachine } from "./host/fake-machine.ts";
import { createHostCollector } from "./host.ts";
import { captured } from "./proc/captured-text.ts";

const NOW = 1_795_462_000_000;

function typicalMachine() {
  return fakeMachine({
    "proc/stat": captured("stat-6.18-vm"),
    "proc/meminfo": captured("meminfo-6.18-vm"),
    "proc/diskstats": captured("diskstats-6.18-vm"),
    "proc/net/dev": captured("net-dev-6.18-vm"),
    "proc/self/mountinfo": captured("mountinfo-6.18-vm"),
    "proc/cpuinfo": captured("cpuinfo-epyc-vm"),
    "proc/loadavg": "0.52 1.04 12.00 3/1284 3668\n",
    "proc/uptime": "1654.40 1354.44\n",
    "proc/sys/kernel/hostname": "vm\n",
    "proc/pressure/cpu": "some avg10=1.53 avg60=0.87 avg300=0.20 total=7629273\n",
    "proc/pressure/memory": "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n",
    "proc/1/stat": captured("process-stat-6.18"),
    "run/systemd/system/": "",
    "sys/block/vda/device/": "",
    "sys/class/net/eth0/device/": "",
    "sys/class/hwmon/hwmon0/name": "k10temp\n",
    "sys/class/hwmon/hwmon0/temp1_input": "52000\n",
  });
}

const space = { bsize: 4096, blocks: 1000, bfree: 400, bavail: 350, files: 200, ffree: 150 };

function collectorOf(root: string, clock: { now: number }) {
  return createHostCollector({
    root,
    now: () => clock.now,
    statfs: async () => space,
    listFailedUnits: async () =>
      Array.from({ length: 30 }, (_, n) => `unit${n}.service loaded failed failed x\n`).join(""),
  });
}

test("the first report has what is, and no rates", async () => {
  using machine = typicalMachine();
  const [host, ...parts] = await collectorOf(machine.root, { now: NOW }).collect();
  expect(host).toMatchObject({
    kind: "host",
    key: "host",
    name: "vm",
    status: "up",
    attributes: { cpu_model: "AMD EPYC", cpu_count: 2, boot_at: 1_795_460_346_000 },
    metrics: {
      load1: 0.52,
      load5: 1.04,
      load15: 12,
      uptime_seconds: 1654,
      process_count: 1,
      processes_blocked: 0,
      pressure_cpu_percent: 1.53,
      pressure_memory_percent: 0,
      temperature_celsius: 52,
    },
  });
  for (const absent of [
    "cpu_percent",
    "disk_read_bytes_per_second",
    "pressure_io_percent",
    "swap_total_bytes",
  ]) {
    expect(host?.metrics).not.toHaveProperty(absent);
  }
  expect(parts.map((part) => part.key)).toEqual([
    "host/core/0",
    "host/core/1",
    "host/filesystem//",
    "host/disk/vda",
    "host/interface/eth0",
    "host/sensor/k10temp/temp1",
  ]);
  expect(parts.every((part) => part.parent === "host")).toBe(true);
});

test("the second report has the rates of the time between", async () => {
  using machine = typicalMachine();
  const clock = { now: NOW };
  const collector = collectorOf(machine.root, clock);
  const counted = (cpu: string, sectors: number, busyMs: number, received: number) => ({
    "proc/stat": `cpu  ${cpu} 0 0\nbtime 1795460346\n`,
    "proc/diskstats": ` 254 0 vda 1 0 ${sectors} 0 0 0 0 0 0 ${busyMs} 0\n`,
    "proc/net/dev": `eth0: ${received} 1 0 0 0 0 0 0 ${received} 1 0 0 0 0 0 0\n`,
  });
  machine.write(counted("1000 0 1000 5000 50 0 0 10", 1_000, 400, 7_000));
  await collector.collect();
  clock.now += 10_000;
  machine.write({
    ...counted("1500 100 1150 6200 50 20 20 20", 21_000, 5_400, 107_000),
    "proc/uptime": "1663.40 1354.44\n",
  });
  const [host] = await collector.collect();
  expect(host?.metrics).toMatchObject({
    cpu_percent: 40,
    cpu_user_percent: 30,
    cpu_system_percent: 9.5,
    cpu_iowait_percent: 0,
    cpu_steal_percent: 0.5,
    disk_read_bytes_per_second: 1_024_000,
    disk_write_bytes_per_second: 0,
    disk_busy_percent: 50,
    network_receive_bytes_per_second: 10_000,
    network_transmit_bytes_per_second: 10_000,
    failed_units: 30,
  });
  expect(host?.attributes.boot_at).toBe(1_795_460_346_000);
  expect(host?.attributes.failed_units).toHaveLength(20);
});

test("every report is one the contract accepts", async () => {
  using machine = typicalMachine();
  const clock = { now: NOW };
  const collector = collectorOf(machine.root, clock);
  for (let round = 0; round < 3; round++) {
    for (const resource of await collector.collect()) ReportedResource.parse(resource);
    clock.now += 10_000;
  }
});

test("a machine that shows nothing is a host all the same", async () => {
  using machine = fakeMachine();
  const resources = await createHostCollector({ root: machine.root, now: () => NOW }).collect();
  expect(resources).toHaveLength(1);
  expect(resources[0]).toMatchObject({ key: "host", status: "up", metrics: {} });
  for (const resource of resources) ReportedResource.parse(resource);
});

test("no text of the kernel makes a collection fail", async () => {
  const files = [
    "stat",
    "meminfo",
    "diskstats",
    "net/dev",
    "self/mountinfo",
    "cpuinfo",
    "loadavg",
    "uptime",
    "1/stat",
  ];
  const nonsense = [
    "",
    "\n",
    "\0\0\0",
    "cpu",
    "a b c - d e f",
    "::::",
    "1 ".repeat(500),
    "(()) -1 NaN Infinity",
    "\ud800é\u001b",
  ];
  for (const text of nonsense) {
    using machine = fakeMachine(Object.fromEntries(files.map((file) => [`proc/${file}`, text])));
    const collector = createHostCollector({ root: machine.root, now: () => NOW });
    for (const resource of await collector.collect()) ReportedResource.parse(resource);
  }
});

test("two collections at once are one", async () => {
  using machine = typicalMachine();
  const collector = collectorOf(machine.root, { now: NOW });
  const [one, other] = await Promise.all([collector.collect(), collector.collect()]);
  expect(one).toBe(other);
});

test("the machine the tests run on reports itself", async () => {
  const collector = createHostCollector();
  await collector.collect();
  const resources = await collector.collect();
  for (const resource of resources) ReportedResource.parse(resource);
  expect(resources[0]?.metrics.memory_total_bytes).toBeGreaterThan(0);
  expect(new Set(resources.map((resource) => resource.key)).size).toBe(resources.length);
});

test("a glance costs no look at processes, mounts or sensors, and the host is as whole in it as in a look", async () => {
  using machine = typicalMachine();
  const clock = { now: NOW };
  let asked = 0;
  const collector = createHostCollector({
    root: machine.root,
    now: () => clock.now,
    statfs: async () => {
      asked++;
      return space;
    },
    listFailedUnits: async () => "",
  });
  await collector.collect();
  clock.now += 10_000;
  const [whole] = await collector.collect();
  const before = asked;
  machine.write({
    "sys/class/hwmon/hwmon0/temp1_input": "99000\n",
    "proc/2/stat": captured("process-stat-6.18"),
  });
  clock.now += 1_000;
  const [host, ...parts] = (await collector.glance?.()) ?? [];
  expect(asked).toBe(before);
  expect(Object.keys(host?.metrics ?? {}).sort()).toEqual(Object.keys(whole?.metrics ?? {}).sort());
  expect(host?.attributes).toEqual(whole?.attributes as Record<string, unknown>);
  expect(host?.metrics).toMatchObject({ temperature_celsius: 52, process_count: 1 });
  expect(parts.map(({ kind }) => kind)).toEqual(["core", "core", "disk", "interface"]);
});
