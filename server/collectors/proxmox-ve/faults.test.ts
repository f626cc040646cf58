import { describe, expect, test } from "bun:test";
import { TOKEN_SECRET } from "../../../tests/support/fake-proxmox.ts";
import {
  AUDITOR,
  byKey,
  type FakeVe,
  fakeVe,
  optionsFor,
  ve8,
  ve9,
} from "../../../tests/support/fake-proxmox-ve.ts";
import { ReportedResource } from "../../contract/report.ts";
import type { ProxmoxVeConfig } from "../../contract/sources/proxmox.ts";
import { createProxmoxVeCollector } from "../proxmox-ve.ts";

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
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(all["node/pve2"]?.status).toBe("degraded");
    expect(all["node/pve1"]?.metrics.load1).toBe(0.52);
  }, 30_000);

  test("an answer that is nonsense", async () => {
    await using fake = fakeVe(ve8);
    fake.override("/cluster/status", () => Response.json({ data: "x".repeat(2_000_000) }));
    const nonsense = [
      () => new Response("{", { status: 200 }),
      () => Response.json({ data: null }),
      () => Response.json({ data: "x".repeat(100_000) }),
      () => Response.json({ data: [null, 5, { a: 1 }, [[]]] }),
      () => Response.json({ data: { memory: 5, loadavg: "no", rootfs: [], cpu: "NaN", result: {} } }),
      () => Response.json([]),
    ];
    for (const answer of nonsense) {
      for (const key of Object.keys(ve8)) {
        const path = key.replace(/\?.*/, "");
        if (!path.startsWith("/cluster/")) fake.override(path, answer);
      }
      const resources = await createProxmoxVeCollector(optionsFor(fake)).collect();
      for (const resource of resources) ReportedResource.parse(resource);
      expect(byKey(resources)["guest/100"]?.metrics.cpu_percent).toBe(2.49);
    }
  }, 20_000);

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
  const failure = (fake: FakeVe, more: Partial<ProxmoxVeConfig> = {}, tokenSecret = TOKEN_SECRET) => {
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

  test("and never holds what was answered", async () => {
    await using fake = fakeVe(ve9);
    const echo = `${TOKEN_SECRET} (/vms/${TOKEN_SECRET}, Sys.Audit)`;
    for (const status of [200, 302, 400, 401, 403, 404, 500, 501, 595]) {
      for (const body of [echo, JSON.stringify({ data: null, message: echo })]) {
        fake.override("/cluster/resources", () => new Response(body, { status }));
        const message = await failure(fake);
        expect(message).not.toContain(TOKEN_SECRET);
        expect(message).not.toBe("was read");
      }
    }
  });

  test("a collector that is closed", async () => {
    await using fake = fakeVe(ve9);
    const asked = Promise.withResolvers<void>();
    fake.override("/cluster/resources", () => {
      asked.resolve();
      return new Promise<Response>(() => {});
    });
    const collector = createProxmoxVeCollector(optionsFor(fake));
    const collected = collector.collect();
    await asked.promise;
    collector.close?.();
    await expect(collected).rejects.toMatchObject({ kind: "unreachable" });
  });

  test("more than can be read", async () => {
    await using fake = fakeVe(ve9);
    fake.override("/cluster/resources", () => new Response(new Uint8Array(17 * 1_048_576)));
    expect(await failure(fake)).toBe("Proxmox VE answers /cluster/resources with more than is read.");
  });
});
