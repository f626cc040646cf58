import { describe, expect, test } from "bun:test";
import { AUDITOR_9, byKey, fakeVe, NOW, optionsFor, ve8, ve9 } from "../../tests/support/fake-proxmox-ve.ts";
import { ReportedResource } from "../contract/report.ts";
import { ProxmoxVeConfig } from "../contract/sources/proxmox.ts";
import { createProxmoxVeCollector, testProxmoxVe } from "./proxmox-ve.ts";

describe("a cluster of VE 8", () => {
  test("is told as it is, from the first collection on", async () => {
    await using fake = fakeVe(ve8);
    const resources = await createProxmoxVeCollector(optionsFor(fake)).collect();
    for (const resource of resources) ReportedResource.parse(resource);
    const keys = resources.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { parent } of resources) if (parent) expect(keys).toContain(parent);
    const all = byKey(resources);

    expect(all.cluster).toEqual({
      kind: "cluster",
      key: "cluster",
      name: "rack",
      status: "degraded",
      attributes: { quorate: true, problem: "Offline: pve3." },
      metrics: { nodes_total: 3, nodes_online: 2, guest_count: 7 },
    });
    expect(all["node/pve1"]).toEqual({
      kind: "host",
      key: "node/pve1",
      parent: "cluster",
      name: "pve1",
      status: "up",
      attributes: {
        pve_version: "8.2.4",
        kernel: "6.8.12-4-pve",
        cpu_model: "AMD Ryzen 5 5600G",
        cpu_count: 12,
        addresses: ["192.0.2.11"],
        failed_tasks: [
          { type: "vzdump", by: "root@pam", ended_at: 1_795_443_000_000, error: "job errors" },
          {
            type: "qmstart",
            about: "103",
            by: "root@pam",
            ended_at: 1_795_450_001_000,
            error: "start failed: QEMU exited with code 1",
          },
        ],
      },
      metrics: {
        cpu_percent: 6.21,
        cpu_iowait_percent: 0.12,
        load1: 0.52,
        load5: 0.61,
        load15: 0.75,
        memory_total_bytes: 33_568_288_768,
        memory_used_bytes: 11_508_809_728,
        memory_available_bytes: 22_059_479_040,
        memory_used_percent: 34.28,
        swap_total_bytes: 8_589_930_496,
        swap_used_bytes: 1_048_576,
        swap_used_percent: 0.01,
        uptime_seconds: 2_236_710,
        guest_count: 3,
        guests_running: 2,
        failed_tasks: 2,
      },
    });
    expect(all["node/pve2"]?.attributes.kernel).toBe("6.5.13-1-pve");
    expect(all["node/pve2"]?.metrics).not.toHaveProperty("swap_used_percent");
    expect(all["node/pve3"]).toMatchObject({
      status: "down",
      attributes: { problem: "The node is offline." },
      metrics: {},
    });
  });

  test("has its guests, with what their agents tell, by keys that outlive a migration", async () => {
    await using fake = fakeVe(ve8);
    const clock = { now: NOW };
    const collector = createProxmoxVeCollector(optionsFor(fake, clock));
    const all = byKey(await collector.collect());
    expect(all["guest/100"]).toEqual({
      kind: "vm",
      key: "guest/100",
      parent: "node/pve1",
      name: "web",
      status: "up",
      attributes: {
        guest_id: 100,
        state: "running",
        node: "pve1",
        tags: ["prod", "web"],
        on_boot: true,
        os: "Debian GNU/Linux 12 (bookworm)",
        kernel: "6.1.0-26-amd64",
        guest_agent: "running",
        mac_addresses: ["bc:24:11:2e:c5:4a", "bc:24:11:00:00:02"],
        addresses: ["192.0.2.80", "2001:db8::80"],
        backup_at: 1_795_440_600_000,
        replication: [{ to: "pve2", schedule: "*/15" }],
      },
      metrics: {
        cpu_count: 4,
        cpu_percent: 2.49,
        memory_total_bytes: 2_147_483_648,
        memory_used_bytes: 842_551_296,
        memory_used_percent: 39.23,
        disk_total_bytes: 34_359_738_368,
        disk_used_bytes: 11_012_918_784,
        disk_used_percent: 33.24,
        uptime_seconds: 874_350,
        replication_age_seconds: 900,
        backup_age_seconds: 21_400,
      },
    });
    expect(all["guest/100/filesystem//"]).toMatchObject({
      kind: "filesystem",
      parent: "guest/100",
      attributes: { device: "sda1", fstype: "ext4" },
      metrics: { filesystem_used_percent: 33.33 },
    });
    expect(Object.keys(all).filter((key) => key.startsWith("guest/100/filesystem"))).toHaveLength(2);
    // A container's disk is known to Proxmox itself.
    expect(all["guest/200"]).toMatchObject({
      kind: "lxc",
      attributes: {
        hostname: "dns",
        addresses: ["192.0.2.53"],
        mac_addresses: ["bc:24:11:aa:bb:cc"],
        pool: "infra",
        backup_problem: "The last backup failed: command 'lxc-usernsexec' failed: exit code 2",
        backup_at: 1_795_350_100_000,
      },
      metrics: { disk_used_percent: 15 },
    });
    expect(all["guest/200/filesystem//"]?.metrics.filesystem_used_percent).toBe(15);
    // Its agent is switched on and does not answer; how full its disk is, nobody knows.
    expect(all["guest/102"]).toMatchObject({
      status: "degraded",
      attributes: {
        guest_agent: "not answering",
        lock: "backup",
        ha_state: "started",
        problem: "Replication to pve1 fails: command 'zfs send' failed: got signal 9",
        backup_at: 1_795_353_700_000,
      },
    });
    expect(all["guest/102"]?.metrics).not.toHaveProperty("disk_used_bytes");
    expect(all["guest/103"]).toMatchObject({
      status: "degraded",
      attributes: { state: "io-error", backup_problem: "No backup job covers this guest." },
    });
    expect(all["guest/201"]).toMatchObject({ status: "down", attributes: { state: "stopped" } });
    expect(all["guest/201"]?.metrics).not.toHaveProperty("memory_used_bytes");
    expect(all["guest/101"]).toMatchObject({
      status: "up",
      attributes: { template: true, state: "template" },
    });
    expect(all["guest/101"]?.attributes).not.toHaveProperty("backup_problem");
    // The list still says "running" of a guest whose node is gone.
    expect(all["guest/300"]).toMatchObject({ status: "unknown", attributes: { state: "unknown" } });

    const rows = fake.answers["/cluster/resources"] as { vmid?: number; node: string }[];
    for (const row of rows) if (row.vmid === 100) row.node = "pve2";
    clock.now += 60_000;
    const moved = byKey(await collector.collect())["guest/100"];
    expect(moved?.parent).toBe("node/pve2");
    expect(moved?.attributes.os).toBe("Debian GNU/Linux 12 (bookworm)");
  });

  test("has its storages once, its disks and its pools", async () => {
    await using fake = fakeVe(ve8);
    const all = byKey(await createProxmoxVeCollector(optionsFor(fake)).collect());
    expect(all["storage/nas"]).toMatchObject({
      parent: "cluster",
      status: "degraded",
      attributes: { problem: "Not available on pve2.", shared: true, content: ["backup", "images"] },
      metrics: { storage_used_percent: 70 },
    });
    expect(all["storage/pbs"]?.attributes).toMatchObject({
      pbs_server: "backup.example.org",
      pbs_datastore: "main",
      pbs_namespace: "rack",
      pbs_user: "pve@pbs!rack",
      pbs_fingerprint: "ab".repeat(32),
    });
    expect(all["node/pve1/storage/local"]).toMatchObject({ parent: "node/pve1", status: "up" });
    expect(all["node/pve3/storage/local"]).toMatchObject({ status: "unknown", metrics: {} });
    expect(all["node/pve1/disk/S649NX0T000001"]).toMatchObject({
      name: "nvme0n1",
      status: "up",
      attributes: { smart_health: "PASSED" },
      metrics: { life_left_percent: 94, temperature_celsius: 41 },
    });
    expect(all["node/pve1/disk/PHYF000001"]?.metrics).toEqual({
      life_left_percent: 87,
      temperature_celsius: 29,
    });
    expect(all["node/pve2/disk//dev/sda"]).toMatchObject({
      status: "degraded",
      attributes: { problem: "The disk says of itself: FAILED!" },
      metrics: { life_left_percent: 3, temperature_celsius: 48 },
    });
    expect(all["node/pve1/pool/tank"]).toMatchObject({
      status: "degraded",
      attributes: { state: "DEGRADED" },
      metrics: { fragmentation_percent: 12, storage_used_percent: 50 },
    });
  });
});

test("a disk that may sleep is not asked, unless the operator says it never does", async () => {
  await using fake = fakeVe(ve8);
  const all = byKey(await createProxmoxVeCollector(optionsFor(fake)).collect());
  expect(all["node/pve1/disk/WD-WCC7K000001"]).toMatchObject({
    status: "up",
    attributes: { smart_not_read: "The disk may sleep, and reading its SMART state would wake it." },
    metrics: {},
  });
  const asked = fake.takeAsked();
  const lists = asked.filter((one) => one.includes("/disks/list"));
  expect(lists).toHaveLength(2);
  for (const list of lists) expect(list).toEndWith("?skipsmart=1");
  expect(asked.filter((one) => one.includes("sdb"))).toEqual([]);

  await createProxmoxVeCollector(optionsFor(fake, undefined, { smartOfSpinningDisks: true })).collect();
  expect(fake.takeAsked().filter((one) => one.includes("sdb"))).toHaveLength(1);
});

test("a single node of VE 9 is no cluster, and what its release tells is used", async () => {
  await using fake = fakeVe(ve9, AUDITOR_9);
  const resources = await createProxmoxVeCollector(optionsFor(fake)).collect();
  for (const resource of resources) ReportedResource.parse(resource);
  expect(resources.map(({ key }) => key)).toEqual([
    "node/pve",
    "node/pve/filesystem//",
    "guest/100",
    "guest/101",
    "node/pve/storage/local-lvm",
    "node/pve/disk//dev/vda",
    "guest/101/filesystem//",
  ]);
  expect(resources[0]).not.toHaveProperty("parent");
  expect(resources[0]?.metrics).toMatchObject({
    memory_available_bytes: 2_115_499_520,
    memory_used_bytes: 1_000_000_000,
  });
  expect(byKey(resources)["guest/100"]?.attributes.guest_agent).toBe("off");
});

test("a guest that stands still is not simply up, unless a backup holds it for a moment", async () => {
  await using fake = fakeVe(ve9, AUDITOR_9);
  const [row] = fake.answers["/cluster/resources"] as Record<string, unknown>[];
  Object.assign(row as object, { status: "paused" });
  const collector = createProxmoxVeCollector(optionsFor(fake));
  expect(byKey(await collector.collect())["guest/100"]).toMatchObject({
    status: "degraded",
    attributes: { state: "paused", problem: "The guest is paused." },
    metrics: { cpu_percent: 1.13 },
  });
  Object.assign(row as object, { lock: "backup" });
  expect(byKey(await collector.collect())["guest/100"]?.status).toBe("up");
});

test("rates are those of the guest's own clock, however often it is looked at", async () => {
  await using fake = fakeVe(ve8);
  const clock = { now: NOW };
  const collector = createProxmoxVeCollector(optionsFor(fake, clock));
  const rows = fake.answers["/cluster/resources"] as Record<string, number>[];
  const web = rows.find((row) => row.vmid === 100) as Record<string, number>;
  const rates = async () => {
    clock.now += 10_000;
    const metrics = byKey(await collector.collect())["guest/100"]?.metrics;
    return [
      metrics?.network_receive_bytes_per_second,
      metrics?.network_transmit_bytes_per_second,
      metrics?.disk_read_bytes_per_second,
      metrics?.disk_write_bytes_per_second,
    ];
  };
  const count = (seconds: number, bytes: number) => {
    web.uptime = (web.uptime ?? 0) + seconds;
    for (const name of ["netin", "netout", "diskread", "diskwrite"]) web[name] = (web[name] ?? 0) + bytes;
  };
  expect(await rates()).toEqual([undefined, undefined, undefined, undefined]);
  count(20, 4_000);
  expect(await rates()).toEqual([200, 200, 200, 200]);
  // The node has not counted again: the rate is what it was, not zero.
  expect(await rates()).toEqual([200, 200, 200, 200]);
  count(10, 0);
  expect(await rates()).toEqual([0, 0, 0, 0]);
  web.uptime = 5;
  expect(await rates()).toEqual([undefined, undefined, undefined, undefined]);
});

describe("the test of a source", () => {
  test("says what is found", async () => {
    await using fake = fakeVe(ve8, { "/": ["Sys.Audit", "VM.Audit"] });
    const tested = await testProxmoxVe(optionsFor(fake));
    expect(tested).toEqual({
      version: "8.2.4",
      nodes: 3,
      guests: 7,
      missingPrivileges: ["Datastore.Audit on /storage (storages)"],
      fingerprint: fake.fingerprint256.toUpperCase().match(/../g)?.join(":") as string,
    });
    expect(fake.takeAsked()).toHaveLength(3);
  });

  test("names the fingerprint with the failure, to be pinned", async () => {
    await using fake = fakeVe(ve8);
    const failed = testProxmoxVe(optionsFor(fake, undefined, { fingerprint: undefined }));
    await expect(failed).rejects.toMatchObject({
      kind: "certificate",
      fingerprint256: fake.fingerprint256.toUpperCase().match(/../g)?.join(":"),
    });
  });
});

test("a configuration holds an address and a token and nothing else", () => {
  const good = { url: "https://pve.example.org:8006", tokenId: "pulse@pve!monitor" };
  expect(ProxmoxVeConfig.safeParse(good).success).toBe(true);
  expect(ProxmoxVeConfig.safeParse({ ...good, fingerprint: `${"AB:".repeat(31)}AB` }).success).toBe(true);
  for (const bad of [
    { url: "http://pve:8006" },
    { url: "https://root:pw@pve:8006" },
    { url: "https://pve:8006/api2" },
    { url: "pve" },
    { tokenId: "root@pam" },
    { tokenId: "a@b!c=d" },
    { fingerprint: "12:34" },
    { password: "x" },
  ]) {
    expect(ProxmoxVeConfig.safeParse({ ...good, ...bad }).success).toBe(false);
  }
});
