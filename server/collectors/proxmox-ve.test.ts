import { describe, expect, test } from "bun:test";
import {
  type FakeProxmoxOptions,
  fakeProxmox,
  type Grants,
  TOKEN_SECRET,
} from "../../tests/support/fake-proxmox.ts";
import { ReportedResource } from "../contract/report.ts";
import { ProxmoxVeConfig } from "../contract/sources/proxmox.ts";
import { Egress } from "../lib/egress.ts";
import schema from "./proxmox-ve/captured/api-schema.json";
import ve8 from "./proxmox-ve/captured/ve-8-cluster.json";
import ve9 from "./proxmox-ve/captured/ve-9-single.json";
import { createProxmoxVeCollector, testProxmoxVe } from "./proxmox-ve.ts";

/** When the captured answers were given. */
const NOW = 1_795_462_000_000;

/** Until VE 8 the guest agents were part of VM.Monitor. */
const AUDITOR: Grants = { "/": ["Sys.Audit", "VM.Audit", "Datastore.Audit", "VM.Monitor"] };
const AUDITOR_9: Grants = { "/": ["Sys.Audit", "VM.Audit", "Datastore.Audit", "VM.GuestAgent.Audit"] };

/** What Proxmox leaves out of its lists. */
const filter: FakeProxmoxOptions["filter"] = ({ path, may }, data) => {
  if (path === "/cluster/resources") {
    return (data as ({ vmid?: number; storage?: string } | null)[]).filter((row) => {
      if (typeof row?.vmid === "number") return may(`/vms/${row.vmid}`, "VM.Audit");
      return row?.storage === undefined || may(`/storage/${row.storage}`, "Datastore.Audit");
    });
  }
  const [, storage] = /^\/nodes\/[^/]+\/storage\/([^/]+)\/content$/.exec(path) ?? [];
  if (!storage) return data;
  return (data as { vmid: number }[]).filter(
    ({ vmid }) =>
      may(`/storage/${storage}`, "Datastore.Allocate") ||
      (may(`/storage/${storage}`, "Datastore.AllocateSpace") && may(`/vms/${vmid}`, "VM.Backup")),
  );
};

function fakeVe(answers: Record<string, unknown>, grants: Grants = AUDITOR) {
  return fakeProxmox({
    product: "ve",
    schema: schema as FakeProxmoxOptions["schema"],
    answers,
    grants,
    filter,
  });
}

type Fake = ReturnType<typeof fakeVe>;

const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "lan" });

function optionsFor(fake: Fake, clock = { now: NOW }, config: Partial<ProxmoxVeConfig> = {}) {
  return {
    config: { url: fake.url, tokenId: fake.tokenId, fingerprint: fake.fingerprint256, ...config },
    secrets: { tokenSecret: TOKEN_SECRET },
    egress,
    now: () => clock.now,
  };
}

const byKey = (resources: ReportedResource[]) =>
  Object.fromEntries(resources.map((resource) => [resource.key, resource])) as Record<
    string,
    ReportedResource
  >;

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

describe("what does not answer takes nothing else with it", () => {
  test("a node that the cluster still counts in", async () => {
    await using fake = fakeVe(ve8);
    for (const path of Object.keys(ve8).filter((path) => path.startsWith("/nodes/pve2/"))) {
      fake.override(path.replace(/\?.*/, ""), () => new Response("", { status: 595 }));
    }
    const all = byKey(await createProxmoxVeCollector(optionsFor(fake)).collect());
    expect(all["node/pve2"]).toMatchObject({
      status: "degraded",
      attributes: { problem: "The node is in the cluster, but its Proxmox service does not answer." },
      metrics: { cpu_percent: 0.72 },
    });
    expect(all["guest/102"]?.status).toBe("up");
    expect(all["guest/100"]?.attributes.os).toBe("Debian GNU/Linux 12 (bookworm)");
    // Having found out, it asks that node nothing more in this collection.
    expect(fake.takeAsked().filter((one) => one.startsWith("/nodes/pve2/"))).toHaveLength(1);
  });

  test("an answer that never comes", async () => {
    await using fake = fakeVe(ve8);
    fake.override("/nodes/pve2/status", () => new Promise<Response>(() => {}));
    const startedAt = performance.now();
    const all = byKey(await createProxmoxVeCollector(optionsFor(fake)).collect());
    expect(performance.now() - startedAt).toBeLessThan(9_000);
    expect(all["node/pve2"]?.status).toBe("degraded");
    expect(all["node/pve1"]?.metrics.load1).toBe(0.52);
  }, 15_000);

  test("an answer that is nonsense", async () => {
    await using fake = fakeVe(ve8);
    const nonsense = [
      () => new Response("{", { status: 200 }),
      () => Response.json({ data: null }),
      () => Response.json({ data: "x".repeat(100_000) }),
      () => Response.json({ data: [null, 5, { a: 1 }, [[]]] }),
      () => Response.json({ data: { memory: 5, loadavg: "no", rootfs: [], cpu: "NaN", result: {} } }),
      () => Response.json({ data: "x".repeat(3_000_000) }),
      () => Response.json([]),
    ];
    for (const answer of nonsense) {
      for (const key of Object.keys(ve8)) {
        const path = key.replace(/\?.*/, "");
        if (path !== "/cluster/resources") fake.override(path, answer);
      }
      const resources = await createProxmoxVeCollector(optionsFor(fake)).collect();
      for (const resource of resources) ReportedResource.parse(resource);
      expect(byKey(resources)["guest/100"]?.metrics.cpu_percent).toBe(2.49);
    }
  });

  test("rows that are nonsense are left out, and the others stay", async () => {
    await using fake = fakeVe(ve9);
    fake.answers["/cluster/resources"] = [
      ...ve9["/cluster/resources"],
      null,
      "node",
      { type: "qemu" },
      { type: "qemu", node: "pve", vmid: "x", name: {} },
      { type: "qemu", node: "pve", vmid: 100, name: "the same number again" },
      { type: "lxc", node: "pve", vmid: 777, status: "running", mem: -1, maxmem: "0", cpu: "high", disk: -1 },
      { type: "node", node: "", status: "online" },
    ];
    const resources = await createProxmoxVeCollector(optionsFor(fake)).collect();
    for (const resource of resources) ReportedResource.parse(resource);
    const all = byKey(resources);
    expect(Object.keys(all)).toHaveLength(resources.length);
    expect(all["guest/777"]).toMatchObject({ name: "CT 777", status: "up", metrics: {} });
    expect(all["guest/100"]?.name).toBe("home");
  });
});

describe("privileges", () => {
  test("what is missing is named, and what may be seen is still told", async () => {
    await using fake = fakeVe(ve8, { "/": ["VM.Audit"], "/vms": ["VM.Audit"] });
    const all = byKey(await createProxmoxVeCollector(optionsFor(fake)).collect());
    expect(all.cluster?.attributes.missing_privileges).toEqual([
      "Sys.Audit on / (nodes, disks, pools, tasks and backups)",
      "Datastore.Audit on /storage (storages)",
    ]);
    expect(all["node/pve1"]).toMatchObject({ status: "up", metrics: { cpu_percent: 5 } });
    expect(all["guest/200"]?.attributes.hostname).toBe("dns");
  });

  test("guest agents are not asked without the privilege", async () => {
    await using fake = fakeVe(ve8, { "/": ["Sys.Audit", "VM.Audit", "Datastore.Audit"] });
    const all = byKey(await createProxmoxVeCollector(optionsFor(fake)).collect());
    expect(fake.takeAsked().filter((one) => one.includes("/agent/"))).toEqual([]);
    expect(all["guest/100"]?.attributes).not.toHaveProperty("guest_agent");
  });

  test("stored backups are listed only by a token that could see any", async () => {
    await using fake = fakeVe({
      ...ve8,
      "/nodes/pve1/storage/nas/content": [
        {
          volid: "nas:backup/vzdump-qemu-103-2026_11_28-01_00_00.vma.zst",
          vmid: 103,
          ctime: 1_795_400_000,
          size: 7,
        },
        {
          volid: "nas:backup/vzdump-qemu-103-2026_11_27-01_00_00.vma.zst",
          vmid: 103,
          ctime: 1_795_300_000,
          size: 5,
        },
      ],
      "/nodes/pve1/storage/pbs/content": [
        {
          volid: "pbs:backup/vm/100/x",
          vmid: 100,
          ctime: 1_795_440_001,
          size: 9,
          verification: { state: "failed" },
        },
      ],
      "/nodes/pve1/storage/local/content": [],
      "/nodes/pve2/storage/local/content": [],
    });
    const first = byKey(await createProxmoxVeCollector(optionsFor(fake)).collect());
    expect(fake.takeAsked().filter((one) => one.includes("/content"))).toEqual([]);
    expect(first["guest/103"]?.attributes).not.toHaveProperty("backup_at");

    fake.grant({ "/": [...(AUDITOR["/"] ?? []), "Datastore.AllocateSpace", "VM.Backup"] });
    const all = byKey(await createProxmoxVeCollector(optionsFor(fake)).collect());
    expect(all["guest/103"]?.attributes.backup_at).toBe(1_795_400_000_000);
    expect(all["guest/103"]?.metrics.backup_size_bytes).toBe(7);
    expect(fake.takeAsked().filter((one) => one.includes("/content"))).toHaveLength(4);
  });
});

describe("when the source as a whole cannot be read, one sentence says why", () => {
  const failure = (fake: Fake, more: Partial<ProxmoxVeConfig> = {}, tokenSecret = TOKEN_SECRET) => {
    const options = { ...optionsFor(fake, undefined, more), secrets: { tokenSecret } };
    return createProxmoxVeCollector(options)
      .collect()
      .then(
        () => "was read",
        (error: Error) => error.message,
      );
  };

  test("a wrong token", async () => {
    await using fake = fakeVe(ve9);
    expect(await failure(fake, {}, "00000000-0000-0000-0000-000000000000")).toBe(
      "Proxmox VE does not accept the token pulse@pve!monitor: its id or its secret is wrong, or it has expired.",
    );
  });

  test("another certificate", async () => {
    await using fake = fakeVe(ve9);
    const shown = fake.fingerprint256.toUpperCase().match(/../g)?.join(":");
    expect(await failure(fake, { fingerprint: "00".repeat(32) })).toBe(
      `${fake.url} shows another certificate than the one that is trusted; its SHA-256 fingerprint is ${shown}.`,
    );
    expect(await failure(fake, { fingerprint: undefined })).toBe(
      `The certificate is self-signed. The SHA-256 fingerprint of ${fake.url} is ${shown}: compare it with the one the machine itself shows, and enter it to trust it.`,
    );
    // Neither time was the token sent.
    expect(fake.takeAsked()).toEqual([]);
  });

  test("something else at that address", async () => {
    await using fake = fakeVe(ve9);
    fake.override("/cluster/resources", () => new Response("<html>hello", { status: 200 }));
    expect(await failure(fake)).toBe(
      `${fake.url} answers, but not as Proxmox VE does, which listens on port 8006.`,
    );
    fake.override("/cluster/resources", () => new Response("", { status: 302, headers: { location: "/x" } }));
    expect(await failure(fake)).toStartWith(`${fake.url} answers 302, but not as Proxmox VE does`);
  });

  test("nothing at that address", async () => {
    const gone = fakeVe(ve9);
    await gone[Symbol.asyncDispose]();
    expect(await failure(gone)).toBe("The connection was refused.");
  });

  test("more than can be read", async () => {
    await using fake = fakeVe(ve9);
    fake.override("/cluster/resources", () => new Response(new Uint8Array(17 * 1_048_576)));
    expect(await failure(fake)).toBe("Proxmox VE answers /cluster/resources with more than is read.");
  });
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

/** An estate of any size, of running machines with agents and of containers. */
function estate(nodes: number, guests: number) {
  const nodeName = (index: number) => `pve${(index % nodes) + 1}`;
  const rows: unknown[] = [];
  const answers: Record<string, unknown> = {
    ...ve8,
    "/cluster/resources": rows,
    "/cluster/status": [{ type: "cluster", name: "big", quorate: 1, nodes }],
  };
  for (let index = 0; index < nodes; index++) {
    const node = nodeName(index);
    rows.push({ type: "node", node, status: "online", cpu: 0.1, maxmem: 1e11, mem: 1e10, uptime: 5 });
    for (let storage = 0; storage < 10; storage++) {
      rows.push({
        type: "storage",
        node,
        storage: `nfs${storage}`,
        shared: 1,
        status: "available",
        disk: 1,
        maxdisk: 2,
      });
    }
    for (const path of ["status", "disks/list", "disks/zfs", "tasks?errors=1", "tasks?typefilter=vzdump"]) {
      answers[`/nodes/${node}/${path}`] = (ve8 as Record<string, unknown>)[`/nodes/pve2/${path}`];
    }
    answers[`/nodes/${node}/disks/smart?disk=/dev/sda`] = ve8["/nodes/pve2/disks/smart?disk=/dev/sda"];
    answers[`/nodes/${node}/replication`] = [];
  }
  for (let index = 0; index < guests; index++) {
    const [node, vmid, isVm] = [nodeName(index), 100 + index, index % 3 !== 0];
    const type = isVm ? "qemu" : "lxc";
    rows.push({
      type,
      node,
      vmid,
      name: `g${vmid}`,
      status: "running",
      uptime: 9,
      maxmem: 1e9,
      mem: 1e8,
      cpu: 0.1,
    });
    answers[`/nodes/${node}/${type}/${vmid}/config`] = {
      agent: "1",
      net0: `virtio=BC:24:11:00:${hex(index)}`,
    };
    answers[`/nodes/${node}/lxc/${vmid}/interfaces`] = ve8["/nodes/pve1/lxc/200/interfaces"];
    for (const command of ["get-fsinfo", "network-get-interfaces", "get-osinfo"] as const) {
      answers[`/nodes/${node}/qemu/${vmid}/agent/${command}`] = ve8[`/nodes/pve1/qemu/100/agent/${command}`];
    }
  }
  return answers;
}

const hex = (index: number) =>
  [index >> 8, index & 255].map((byte) => byte.toString(16).padStart(2, "0")).join(":");

describe("requests stay few", () => {
  /** Collects once a minute and gives the number of requests of each collection. */
  async function requestsOf(nodes: number, guests: number, minutes: number) {
    await using fake = fakeVe(estate(nodes, guests));
    const clock = { now: NOW };
    const collector = createProxmoxVeCollector(optionsFor(fake, clock));
    const counts: number[] = [];
    let last: ReportedResource[] = [];
    for (let minute = 0; minute < minutes; minute++) {
      last = await collector.collect();
      counts.push(fake.takeAsked().length);
      clock.now += 60_000;
    }
    return { counts, last, mostAtOnce: fake.mostAtOnce };
  }

  test("three nodes with sixty guests", async () => {
    const { counts, last } = await requestsOf(3, 60, 12);
    const steady = counts.slice(6);
    const mean = steady.reduce((sum, count) => sum + count, 0) / steady.length;
    console.log(`3 nodes, 60 guests: ${counts.join(" ")} requests a minute, ${mean.toFixed(1)} on average`);
    expect(Math.max(...counts)).toBeLessThanOrEqual(105);
    expect(mean).toBeLessThanOrEqual(45);
    expect(last.filter(({ attributes }) => attributes.os !== undefined)).toHaveLength(40);
  }, 20_000);

  test("twenty nodes with eight hundred guests, four at once", async () => {
    const { counts, last, mostAtOnce } = await requestsOf(20, 800, 6);
    console.log(`20 nodes, 800 guests: ${counts.join(" ")} requests a minute`);
    expect(Math.max(...counts)).toBeLessThanOrEqual(122);
    expect(mostAtOnce).toBeLessThanOrEqual(4);
    expect(last.filter(({ kind }) => kind === "vm" || kind === "lxc")).toHaveLength(800);
    expect(last.filter(({ kind }) => kind === "storage")).toHaveLength(10);
    for (const resource of last) ReportedResource.parse(resource);
  }, 20_000);
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
