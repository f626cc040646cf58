import { expect, test } from "bun:test";
import type { NetworkInterfaceInfo } from "node:os";
import { captured } from "../proc/captured-text.ts";
import { fakeMachine } from "./fake-machine.ts";
import { Interfaces } from "./interfaces.ts";
import { Tree } from "./tree.ts";

const line = (name: string, received: number, transmitted: number) =>
  `${name}: ${received} 1 0 0 0 0 0 0 ${transmitted} 1 0 0 0 0 0 0\n`;

test("on Proxmox the card is shown first and counted once, guests' pieces are not shown", () => {
  using machine = fakeMachine({
    "proc/net/dev": captured("net-dev-6.8-proxmox"),
    "sys/class/net/eno1/device/": "",
    "sys/class/net/eno1/operstate": "up\n",
    "sys/class/net/eno1/speed": "1000\n",
    "sys/class/net/eno1/address": "3C:EC:EF:00:11:22\n",
    "sys/class/net/enp2s0f1/device/": "",
    "sys/class/net/enp2s0f1/operstate": "down\n",
    "sys/class/net/enp2s0f1/speed": "-1\n",
    "sys/class/net/vmbr0/operstate": "up\n",
    "sys/class/net/vmbr0/address": "3c:ec:ef:00:11:22\n",
    "sys/class/net/wg0/operstate": "unknown\n",
    "sys/class/net/wg0/address": "\n",
  });
  const { interfaces } = new Interfaces(new Tree(machine.root)).read(0);
  expect(interfaces.map((one) => one.name)).toEqual([
    "eno1",
    "enp2s0f1",
    "vmbr0",
    "bond0",
    "vmbr0.20",
    "wg0",
  ]);
  expect(interfaces.map((one) => one.status)).toEqual(Array(6).fill("up"));
  expect(interfaces[0]).toMatchObject({
    key: "host/interface/eno1",
    parent: "host",
    attributes: { mac: "3c:ec:ef:00:11:22", speed_bits_per_second: 1_000_000_000, state: "up" },
    metrics: {},
  });
  expect(interfaces[1]?.attributes).toEqual({ state: "down" });
  expect(interfaces[5]?.attributes).toEqual({ state: "unknown" });
});

test("the machine's traffic is that of its cards, not again of what lies over or behind them", () => {
  const names = ["eth0", "enP1s1", "ens2v0", "br0", "tun0"];
  const at = (n: number) => names.map((name) => line(name, n, n * 2)).join("");
  using machine = fakeMachine({
    "proc/net/dev": at(0),
    "sys/class/net/eth0/device/": "",
    "sys/class/net/enP1s1/device/": "",
    "sys/class/net/enP1s1/master/device/": "",
    "sys/class/net/ens2v0/device/physfn/": "",
    "sys/class/net/br0/type": "1\n",
  });
  const interfaces = new Interfaces(new Tree(machine.root));
  expect(interfaces.read(0).totals).toEqual({ receivedBytes: undefined, transmittedBytes: undefined });
  machine.write({ "proc/net/dev": at(10_000) });
  const { totals, interfaces: shown } = interfaces.read(10_000);
  expect(totals).toEqual({ receivedBytes: 1_000, transmittedBytes: 2_000 });
  expect(shown.every((one) => one.metrics.network_receive_bytes_per_second === 1_000)).toBe(true);
});

test("in a container the end of the virtual cable is counted", () => {
  const at = (n: number) => line("eth0", n, n) + line("tap0", n, n) + line("br0", n, n);
  using machine = fakeMachine({
    "proc/net/dev": at(0),
    "sys/class/net/eth0/type": "1\n",
    "sys/class/net/eth0/uevent": "INTERFACE=eth0\nIFINDEX=2\n",
    "sys/class/net/tap0/type": "1\n",
    "sys/class/net/tap0/tun_flags": "0x1002\n",
    "sys/class/net/br0/type": "1\n",
    "sys/class/net/br0/uevent": "DEVTYPE=bridge\nINTERFACE=br0\n",
  });
  const interfaces = new Interfaces(new Tree(machine.root));
  interfaces.read(0);
  machine.write({ "proc/net/dev": at(5_000) });
  expect(interfaces.read(1_000).totals.receivedBytes).toBe(5_000);
});

test("only a link that was up can be down", () => {
  using machine = fakeMachine({
    "proc/net/dev": line("eth0", 1, 1) + line("eth1", 1, 1) + line("br0", 1, 1),
    "sys/class/net/eth0/device/": "",
    "sys/class/net/eth1/device/": "",
  });
  const interfaces = new Interfaces(new Tree(machine.root));
  const statuses = (eth0: string, eth1: string, br0: string, atMs: number) => {
    machine.write({
      "sys/class/net/eth0/operstate": eth0,
      "sys/class/net/eth1/operstate": eth1,
      "sys/class/net/br0/operstate": br0,
    });
    return interfaces.read(atMs).interfaces.map((one) => one.status);
  };
  expect(statuses("up", "down", "up", 0)).toEqual(["up", "up", "up"]);
  expect(statuses("down", "down", "down", 1)).toEqual(["down", "up", "up"]);
  expect(statuses("up", "up", "up", 2)).toEqual(["up", "up", "up"]);
  expect(statuses("up", "lowerlayerdown", "up", 3)).toEqual(["up", "down", "up"]);
});

test("never more than 64, cards among them whatever comes before", () => {
  const wires = Array.from({ length: 100 }, (_, n) => line(`wg${n}`, 1, 1)).join("");
  using machine = fakeMachine({
    "proc/net/dev": wires + line("eth0", 1, 1),
    "sys/class/net/eth0/device/": "",
  });
  const { interfaces } = new Interfaces(new Tree(machine.root)).read(0);
  expect(interfaces).toHaveLength(64);
  expect(interfaces[0]?.name).toBe("eth0");
});

test("a counter that went back gives no rate", () => {
  using machine = fakeMachine({ "proc/net/dev": line("eth0", 4_294_967_000, 10) });
  const interfaces = new Interfaces(new Tree(machine.root));
  interfaces.read(0);
  machine.write({ "proc/net/dev": line("eth0", 500, 20) });
  const metrics = interfaces.read(10_000).interfaces[0]?.metrics;
  expect(metrics).not.toHaveProperty("network_receive_bytes_per_second");
  expect(metrics?.network_transmit_bytes_per_second).toBe(1);
});

test("an interface names the addresses other machines reach it by", () => {
  using machine = fakeMachine({ "proc/net/dev": line("eth0", 0, 0) + line("wg0", 0, 0) });
  const address = (text: string) => ({ address: text }) as NetworkInterfaceInfo;
  const interfaces = new Interfaces(new Tree(machine.root), () => ({
    eth0: [address("192.0.2.7"), address("fe80::1"), address("2001:db8::7")],
    wg0: [address("fe80::2")],
  }));
  const attributes = interfaces.read(0).interfaces.map((one) => one.attributes);
  expect(attributes).toEqual([{ addresses: ["192.0.2.7", "2001:db8::7"] }, {}]);
});
