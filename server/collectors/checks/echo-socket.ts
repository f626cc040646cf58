/**
 * ICMP echo without rights: a datagram socket of the protocol ICMP, which Linux gives to the groups in
 * `net.ipv4.ping_group_range` (most systems and container engines: everybody). Neither Bun nor Node has
 * one, so these are calls into the C library, glibc's or musl's.
 *
 * Nothing here waits: the socket is asked whether something came, at short intervals, and the kernel's own
 * time of arrival is what counts, so that the intervals do not blur the round trip. The kernel fills in the
 * identifier and the checksum and hands over only answers to this socket; the token in the packet tells
 * them from answers to an earlier one.
 */
import { dlopen, ptr } from "bun:ffi";
import { randomBytes } from "node:crypto";
import { findBytes } from "../../lib/egress/address.ts";
import { EgressError } from "../../lib/egress.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0o4000 | 0o2000000;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;
const MSG_DONTWAIT = 0x40;
const SIOCGSTAMPNS = 0x8907;
const CLOCK_REALTIME = 0;
const ECHO = { 4: { request: 8, reply: 0 }, 6: { request: 128, reply: 129 } } as const;

const HEADER_BYTES = 8;
const TOKEN_BYTES = 16;
const LARGEST_PACKET = 1_500;
/** Whoever floods does not hold up everything else. */
const PACKETS_AT_ONCE = 32;

const SYMBOLS = {
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  send: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
  recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
} as const;

function load() {
  try {
    return dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
    return dlopen(`libc.musl-${machine}.so.1`, SYMBOLS).symbols;
  }
}

let library: ReturnType<typeof load> | undefined;

export class EchoSocket {
  readonly #libc: ReturnType<typeof load>;
  readonly #fd: number;
  readonly #types: (typeof ECHO)[4 | 6];
  readonly #token = randomBytes(TOKEN_BYTES);
  readonly #received = Buffer.alloc(LARGEST_PACKET);
  readonly #sentAt = new Map<number, number>();

  private constructor(libc: ReturnType<typeof load>, fd: number, version: 4 | 6) {
    this.#libc = libc;
    this.#fd = fd;
    this.#types = ECHO[version];
    // From here on the kernel notes when a packet came; it may begin some milliseconds later, when nobody else had
    // asked for it. Until then an answer counts from when it was looked at.
    this.#arrivalMs();
  }

  /** Undefined where this is not to be had: another system, or one that forbids it. Throws without a way to the address. */
  static find(address: string): EchoSocket | undefined {
    const bytes = findBytes(address);
    if (process.platform !== "linux" || !bytes) return undefined;
    try {
      library ??= load();
    } catch {
      return undefined;
    }
    const version = bytes.length === 4 ? 4 : 6;
    const [family, protocol] = version === 4 ? [AF_INET, IPPROTO_ICMP] : [AF_INET6, IPPROTO_ICMPV6];
    const fd = library.socket(family, SOCK_DGRAM_NONBLOCK_CLOEXEC, protocol);
    if (fd < 0) return undefined;
    const target = socketAddress(family, bytes);
    if (library.connect(fd, ptr(target), target.length) === 0) return new EchoSocket(library, fd, version);
    library.close(fd);
    throw new EgressError("connect", "There is no way to the address.");
  }

  /** False when it could not be sent: there is no way to the address. */
  send(sequence: number): boolean {
    const packet = Buffer.alloc(HEADER_BYTES + TOKEN_BYTES);
    packet[0] = this.#types.request;
    packet.writeUInt16BE(sequence, 6);
    packet.set(this.#token, HEADER_BYTES);
    this.#sentAt.set(sequence, this.#nowMs());
    return Number(this.#libc.send(this.#fd, ptr(packet), BigInt(packet.length), 0)) === packet.length;
  }

  /** What has come by now: sequence and round trip, each once. */
  receive(): { sequence: number; roundTripMs: number }[] {
    const replies: { sequence: number; roundTripMs: number }[] = [];
    const buffer = this.#received;
    for (let looked = 0; looked < PACKETS_AT_ONCE; looked++) {
      const length = Number(this.#libc.recv(this.#fd, ptr(buffer), BigInt(buffer.length), MSG_DONTWAIT));
      if (length < 0) return replies;
      const arrivedMs = this.#arrivalMs() ?? this.#nowMs();
      const token = buffer.subarray(HEADER_BYTES, HEADER_BYTES + TOKEN_BYTES);
      if (
        length < HEADER_BYTES + TOKEN_BYTES ||
        buffer[0] !== this.#types.reply ||
        !token.equals(this.#token)
      )
        continue;
      const sequence = buffer.readUInt16BE(6);
      const sentMs = this.#sentAt.get(sequence);
      if (sentMs === undefined) continue; // a second answer to the same
      this.#sentAt.delete(sequence);
      replies.push({ sequence, roundTripMs: Math.max(0, arrivedMs - sentMs) });
    }
    return replies;
  }

  close(): void {
    this.#libc.close(this.#fd);
  }

  #arrivalMs(): number | undefined {
    const time = Buffer.alloc(16);
    return this.#libc.ioctl(this.#fd, BigInt(SIOCGSTAMPNS), ptr(time)) === 0
      ? millisecondsOf(time)
      : undefined;
  }

  /** By the clock that the kernel notes arrivals with. */
  #nowMs(): number {
    const time = Buffer.alloc(16);
    this.#libc.clock_gettime(CLOCK_REALTIME, ptr(time));
    return millisecondsOf(time);
  }
}

/** A `timespec` of a 64-bit system. Fractions of a microsecond are lost, which nobody misses. */
function millisecondsOf(time: Buffer): number {
  return Number(time.readBigInt64LE(0)) * 1_000 + Number(time.readBigInt64LE(8)) / 1_000_000;
}

function socketAddress(family: number, bytes: Uint8Array): Buffer {
  const address = Buffer.alloc(bytes.length === 4 ? 16 : 28);
  address.writeUInt16LE(family, 0);
  address.set(bytes, bytes.length === 4 ? 4 : 8);
  return address;
}
