import { expect, test } from "bun:test";
import { captured } from "../proc/captured-text.ts";
import { fakeMachine } from "./fake-machine.ts";
import { Filesystems, type Space } from "./filesystems.ts";
import { Tree } from "./tree.ts";

const space: Space = {
  bsize: 4096,
  frsize: 4096,
  blocks: 1000,
  bfree: 400,
  bavail: 350,
  files: 200,
  ffree: 150,
};

test("sizes are as df says them", async () => {
  using machine = fakeMachine({ "proc/self/mountinfo": "1 0 8:1 / / rw - ext4 /dev/sda1 ro\n" });
  const [root] = await new Filesystems(new Tree(machine.root), 1_000, async () => space).read();
  expect(root).toEqual({
    kind: "filesystem",
    key: "host/filesystem//",
    parent: "host",
    name: "/",
    status: "up",
    attributes: { device: "/dev/sda1", fstype: "ext4", read_only: true },
    metrics: {
      filesystem_total_bytes: 4_096_000,
      filesystem_used_bytes: 600 * 4096,
      filesystem_available_bytes: 350 * 4096,
      filesystem_used_percent: 63.16,
      filesystem_inodes_used_percent: 25,
    },
  });
});

test("a filesystem that counts no inodes has no share of them; one without blocks is none", async () => {
  using machine = fakeMachine({
    "proc/self/mountinfo": "1 0 0:32 /@ / rw - btrfs /dev/sda1 rw\n2 0 8:3 / /odd rw - ext4 /dev/sda3 rw\n",
  });
  const ask = async (path: string) => ({
    ...space,
    files: 0,
    ffree: 0,
    blocks: path.endsWith("odd") ? 0 : 1000,
  });
  const read = await new Filesystems(new Tree(machine.root), 1_000, ask).read();
  expect(read.map((one) => one.name)).toEqual(["/"]);
  expect(read[0]?.metrics).not.toHaveProperty("filesystem_inodes_used_percent");
});

test("a dead mount is unknown, is asked once, and does not keep the others waiting", async () => {
  using machine = fakeMachine({ "proc/self/mountinfo": captured("mountinfo-ubuntu-docker-snap") });
  const asked: string[] = [];
  const ask = (path: string) => {
    asked.push(path.slice(machine.root.length));
    if (path.endsWith("/mnt/usb")) return new Promise<Space>(() => {});
    return path.endsWith("/boot") ? Promise.reject(new Error("EIO")) : Promise.resolve(space);
  };
  const filesystems = new Filesystems(new Tree(machine.root), 5, ask);
  await filesystems.read();
  const statuses = Object.fromEntries((await filesystems.read()).map((one) => [one.name, one.status]));
  expect(statuses).toEqual({
    "/": "up",
    "/boot": "unknown",
    "/boot/efi": "up",
    "/srv/big disk": "up",
    "/mnt/usb": "unknown",
  });
  expect(asked.filter((path) => path === "/mnt/usb")).toHaveLength(1);
  expect(asked.filter((path) => path === "/boot")).toHaveLength(2);
});

test("network and FUSE filesystems are never asked", async () => {
  using machine = fakeMachine({ "proc/self/mountinfo": captured("mountinfo-ubuntu-docker-snap") });
  const asked: string[] = [];
  const ask = async (path: string) => {
    asked.push(path);
    return space;
  };
  await new Filesystems(new Tree(machine.root), 1_000, ask).read();
  expect(asked.some((path) => /nas|share|remote|overlay|snap/.test(path))).toBe(false);
});

test("of a thousand datasets the hundred largest are reported, and only these asked again", async () => {
  const mounts = Array.from(
    { length: 1_000 },
    (_, n) => `${n} 0 0:${n + 50} / /tank/d${n} rw - zfs tank/d${n} rw\n`,
  );
  using machine = fakeMachine({ "proc/self/mountinfo": mounts.join("") });
  let asked = 0;
  const ask = async (path: string) => {
    asked += 1;
    return { ...space, blocks: Number(/\d+$/.exec(path)?.[0]) + 1 };
  };
  const filesystems = new Filesystems(new Tree(machine.root), 1_000, ask);
  const first = await filesystems.read();
  expect(first).toHaveLength(100);
  expect(asked).toBe(500);
  const second = await filesystems.read();
  expect(asked).toBe(600);
  expect(new Set(second.map((one) => one.key))).toEqual(new Set(first.map((one) => one.key)));
  expect(Math.min(...second.map((one) => one.metrics.filesystem_total_bytes ?? 0))).toBe(401 * 4096);
});
