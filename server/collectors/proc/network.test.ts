import { expect, test } from "bun:test";
import { captured } from "./captured-text.ts";
import { isPieceOfAnother, parseNetDev } from "./network.ts";

test("reads a present kernel", () => {
  const interfaces = parseNetDev(captured("net-dev-6.18-vm"));
  expect([...interfaces.keys()]).toEqual(["lo", "ifb0", "ifb1", "eth0"]);
  expect(interfaces.get("eth0")?.receivedBytes).toBeGreaterThan(1_000_000);
});

test("reads every counter from its own column", () => {
  expect(parseNetDev(captured("net-dev-6.8-proxmox")).get("eno1")).toEqual({
    receivedBytes: 8_123_456_789_012,
    receiveErrors: 3,
    receiveDrops: 40_123,
    transmittedBytes: 4_123_456_789_012,
    transmitErrors: 0,
    transmitDrops: 0,
  });
});

test("an old kernel puts a long number right behind the colon", () => {
  const line = "  eth0:4294967295  12 1 2 0 0 0 0 77 8 3 4 0 0 0 0\n";
  expect(parseNetDev(line).get("eth0")).toMatchObject({ receivedBytes: 4_294_967_295, transmitErrors: 3 });
});

test("pieces of containers and guests are left out, the networks of the machine are not", () => {
  const names = [...parseNetDev(captured("net-dev-6.8-proxmox")).keys()];
  const shown = names.filter((name) => !isPieceOfAnother(name));
  expect(shown).toEqual(["eno1", "enp2s0f1", "vmbr0", "bond0", "vmbr0.20", "wg0"]);
  expect(["tun0", "tap0", "br0", "virbr0", "lxcbr0", "wlan0", "enx0050b6"].some(isPieceOfAnother)).toBe(
    false,
  );
});

test("nonsense is passed over", () => {
  expect(parseNetDev("no colon\n: 1 2 3\neth0: 1 2 3\neth1: a b c d e f g h i j k l m n o p\n").size).toBe(0);
});
