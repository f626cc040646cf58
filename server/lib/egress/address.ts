/**
 * Addresses as bytes: 4 of IPv4, 16 of IPv6. Text has too many forms of one address to be compared;
 * whatever is judged is judged by its bytes.
 */
import { isIP } from "node:net";

export interface Network {
  readonly bytes: Uint8Array;
  readonly prefix: number;
}

/** Undefined for what is no address. A zone (`fe80::1%eth0`) says which way to go, not where: it is left out. */
export function findBytes(address: string): Uint8Array | undefined {
  const version = isIP(address);
  if (version === 4) return Uint8Array.from(address.split("."), Number);
  if (version === 6) return bytesOfIpv6(address.replace(/%.*$/, ""));
  return undefined;
}

function bytesOfIpv6(address: string): Uint8Array {
  const [head = "", tail] = address.split("::");
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  const gap = new Array<number>(8 - before.length - after.length).fill(0);
  const bytes = new Uint8Array(16);
  [...before, ...gap, ...after].forEach((group, index) => {
    bytes[2 * index] = group >> 8;
    bytes[2 * index + 1] = group & 0xff;
  });
  return bytes;
}

/** The last group may be written as an IPv4 address: it is two groups. */
function groupsOf(text: string): number[] {
  return text.split(":").flatMap((group) => {
    if (group === "") return [];
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

/** An address alone is a network of one. */
export function parseNetwork(text: string): Network {
  const [address = "", prefix, ...more] = text.trim().split("/");
  const bytes = findBytes(address);
  const longest = (bytes?.length ?? 0) * 8;
  const length = prefix === undefined ? longest : Number(prefix);
  const isPrefix = prefix === undefined || /^\d{1,3}$/.test(prefix);
  if (!bytes || more.length > 0 || !isPrefix || length > longest) {
    throw new Error(`"${text}" is not an address or a network`);
  }
  return { bytes, prefix: length };
}

export function isWithin(bytes: Uint8Array, network: Network): boolean {
  if (bytes.length !== network.bytes.length) return false;
  const whole = network.prefix >> 3;
  for (let index = 0; index < whole; index++) if (bytes[index] !== network.bytes[index]) return false;
  const rest = network.prefix & 7;
  return rest === 0 || (bytes[whole]! ^ network.bytes[whole]!) >> (8 - rest) === 0;
}
