/**
 * What an address is for. An IPv6 address that carries an IPv4 address is reached by way of a
 * translator, so it is as good or as bad as the address inside: `::ffff:127.0.0.1` is this machine,
 * and `64:ff9b::8.8.8.8` is how a network without IPv4 reaches a public server.
 */
import { findBytes, isWithin, type Network, parseNetwork } from "./address.ts";

export type AddressClass =
  | "public"
  | "private"
  | "loopback"
  | "link_local"
  | "metadata"
  | "unspecified"
  | "multicast"
  | "broadcast"
  | "reserved";

/** The first network that holds an address names its class, so a part stands before its whole. */
const CLASSES: [AddressClass, ...string[]][] = [
  // Where clouds hand credentials to whoever asks from inside: EC2 and most others, Alibaba, Oracle, Azure, GCP.
  ["metadata", "169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16"],
  ["metadata", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"],
  ["unspecified", "0.0.0.0/8", "::"],
  ["loopback", "127.0.0.0/8", "::1"],
  ["link_local", "169.254.0.0/16", "fe80::/10"],
  ["private", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15"],
  ["private", "fc00::/7", "fec0::/10"],
  ["broadcast", "255.255.255.255"],
  ["multicast", "224.0.0.0/4", "ff00::/8"],
  ["reserved", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.51.100.0/24", "203.0.113.0/24"],
  ["reserved", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "3fff::/20"],
  ["public", "0.0.0.0/0", "2000::/3"],
  ["reserved", "::/0"],
];

const TABLE = CLASSES.flatMap(([name, ...networks]) =>
  networks.map((network): [AddressClass, Network] => [name, parseNetwork(network)]),
);

export function classOf(bytes: Uint8Array): AddressClass {
  return TABLE.find(([, network]) => isWithin(bytes, network))?.[0] ?? "reserved";
}

/** Where an IPv4 address stands in an IPv6 one. */
const CARRIERS: [network: Network, at: number, inverted: boolean][] = [
  [parseNetwork("::ffff:0:0/96"), 12, false], // mapped
  [parseNetwork("::ffff:0:0:0/96"), 12, false], // translated (SIIT)
  [parseNetwork("::/96"), 12, false], // compatible, which also holds `::` and `::1`
  [parseNetwork("64:ff9b::/96"), 12, false], // NAT64
  [parseNetwork("2002::/16"), 2, false], // 6to4
  [parseNetwork("2001::/32"), 4, false], // Teredo: its server
  [parseNetwork("2001::/32"), 12, true], // Teredo: its client
];
const OWN_CLASS = ["::", "::1"].map((address) => parseNetwork(address));

/** ISATAP may stand under any prefix: the host part begins 0000:5efe or 0200:5efe. */
function isIsatap(bytes: Uint8Array): boolean {
  return (
    bytes.length === 16 &&
    (bytes[8]! & ~0x02) === 0 &&
    bytes[9] === 0 &&
    bytes[10] === 0x5e &&
    bytes[11] === 0xfe
  );
}

/** The IPv4 addresses inside an IPv6 address; none for most. */
export function addressesInside(bytes: Uint8Array): Uint8Array[] {
  if (OWN_CLASS.some((network) => isWithin(bytes, network))) return [];
  const carried = CARRIERS.filter(([network]) => isWithin(bytes, network)).map(([, at, inverted]) =>
    bytes.slice(at, at + 4).map((byte) => (inverted ? byte ^ 0xff : byte)),
  );
  return isIsatap(bytes) ? [...carried, bytes.slice(12)] : carried;
}

/** For text that is known to be an address. */
export function getClass(address: string): AddressClass {
  const bytes = findBytes(address);
  if (!bytes) throw new Error(`"${address}" is not an address`);
  const inside = addressesInside(bytes).map(classOf);
  return inside.find((name) => name !== "public") ?? (inside.length > 0 ? "public" : classOf(bytes));
}
