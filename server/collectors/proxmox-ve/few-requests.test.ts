import { describe, expect, test } from "bun:test";
import { fakeVe, NOW, optionsFor, ve8 } from "../../../tests/support/fake-proxmox-ve.ts";
import { ReportedResource } from "../../contract/report.ts";
import { createProxmoxVeCollector } from "../proxmox-ve.ts";

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
    expect(Math.max(...counts)).toBeLessThanOrEqual(105);
    expect(mean).toBeLessThanOrEqual(45);
    expect(last.filter(({ attributes }) => attributes.os !== undefined)).toHaveLength(40);
  }, 20_000);

  test("twenty nodes with eight hundred guests, four at once", async () => {
    const { counts, last, mostAtOnce } = await requestsOf(20, 800, 6);
    expect(Math.max(...counts)).toBeLessThanOrEqual(122);
    expect(mostAtOnce).toBeLessThanOrEqual(4);
    expect(last.filter(({ kind }) => kind === "vm" || kind === "lxc")).toHaveLength(800);
    expect(last.filter(({ kind }) => kind === "storage")).toHaveLength(10);
    for (const resource of last) ReportedResource.parse(resource);
  }, 20_000);
});
