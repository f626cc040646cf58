import { describe, expect, test } from "bun:test";
import { ClientAddresses, isFromThisMachine } from "./client-address.ts";

interface Row {
  peer: string;
  forwarded?: string;
  proto?: string;
  address: string;
  secure?: boolean;
}

function run(trusted: string[], rows: [promise: string, row: Row][], publicUrl?: string): void {
  const addresses = new ClientAddresses(trusted, publicUrl);
  for (const [promise, { peer, forwarded, proto, address, secure = false }] of rows) {
    test(promise, () => {
      const headers = new Headers({
        ...(forwarded !== undefined && { "x-forwarded-for": forwarded }),
        ...(proto !== undefined && { "x-forwarded-proto": proto }),
        "x-real-ip": "203.0.113.66",
        forwarded: "for=203.0.113.66;proto=https",
      });
      expect(addresses.origin(peer, headers)).toEqual({ address, secure });
    });
  }
}

describe("with no proxy named", () => {
  run(
    [],
    [
      ["the peer is it", { peer: "198.51.100.1", address: "198.51.100.1" }],
      [
        "nothing it forwards counts",
        { peer: "198.51.100.1", forwarded: "1.2.3.4", proto: "https", address: "198.51.100.1" },
      ],
      [
        "not even on this machine",
        { peer: "127.0.0.1", forwarded: "1.2.3.4", proto: "https", address: "127.0.0.1" },
      ],
      [
        "an IPv4 address in IPv6 clothes is the IPv4 address",
        { peer: "::ffff:198.51.100.1", address: "198.51.100.1" },
      ],
      ["no peer is no address", { peer: "", forwarded: "1.2.3.4", address: "" }],
    ],
  );
});

describe("with proxies named", () => {
  run(
    ["10.0.0.0/8", "127.0.0.1", "fd00::/8"],
    [
      [
        "the one before the proxy is it",
        { peer: "127.0.0.1", forwarded: "198.51.100.1", address: "198.51.100.1" },
      ],
      [
        "a stranger cannot pose as a proxy",
        { peer: "192.0.2.9", forwarded: "198.51.100.1", proto: "https", address: "192.0.2.9" },
      ],
      [
        "the right-most that is no proxy counts: what a client wrote before it does not",
        { peer: "127.0.0.1", forwarded: "1.1.1.1, 2.2.2.2, 198.51.100.1, 10.1.2.3", address: "198.51.100.1" },
      ],
      [
        "a client cannot pose as a proxy further left",
        { peer: "127.0.0.1", forwarded: "1.1.1.1, 10.0.0.1, 198.51.100.1", address: "198.51.100.1" },
      ],
      [
        "what is no address ends the search",
        { peer: "127.0.0.1", forwarded: "1.1.1.1, nonsense", address: "127.0.0.1" },
      ],
      [
        "an address with a port is none",
        { peer: "127.0.0.1", forwarded: "198.51.100.1:1234", address: "127.0.0.1" },
      ],
      ["an empty list is none", { peer: "127.0.0.1", forwarded: "", address: "127.0.0.1" }],
      [
        "only proxies all the way is the peer",
        { peer: "127.0.0.1", forwarded: "10.0.0.1, 10.0.0.2", address: "127.0.0.1" },
      ],
      ["IPv6 counts like IPv4", { peer: "fd00::1", forwarded: "2001:db8::1", address: "2001:db8::1" }],
      [
        "a proxy in IPv6 clothes is the proxy",
        { peer: "::ffff:10.0.0.1", forwarded: "::ffff:198.51.100.1", address: "198.51.100.1" },
      ],
      ["spaces do not matter", { peer: "127.0.0.1", forwarded: "  198.51.100.1  ", address: "198.51.100.1" }],
      [
        "a proxy's TLS is the client's",
        { peer: "127.0.0.1", proto: "https", address: "127.0.0.1", secure: true },
      ],
      [
        "the last proxy's word about TLS counts",
        { peer: "127.0.0.1", proto: "https, http", address: "127.0.0.1", secure: false },
      ],
      [
        "and nothing but https is TLS",
        { peer: "127.0.0.1", proto: "HTTPS-ish", address: "127.0.0.1", secure: false },
      ],
      [
        "just outside the network is outside",
        { peer: "11.0.0.1", forwarded: "198.51.100.1", address: "11.0.0.1" },
      ],
    ],
  );
});

describe("known by an https address", () => {
  run(
    [],
    [["every connection counts as TLS", { peer: "198.51.100.1", address: "198.51.100.1", secure: true }]],
    "https://pulse.example.org",
  );
});
describe("known by an http address", () => {
  run(
    [],
    [["none does", { peer: "198.51.100.1", address: "198.51.100.1", secure: false }]],
    "http://pulse.lan",
  );
});

test("this machine asks when a program on it asks by its own name, through nobody", () => {
  const asks = (peer: string, host: string, more: Record<string, string> = {}) =>
    isFromThisMachine(peer, new Headers({ host, ...more }));
  for (const host of ["localhost:7655", "127.0.0.1", "[::1]:7655"]) {
    expect(["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"].map((peer) => asks(peer, host))).toEqual(
      Array(4).fill(true),
    );
  }
  for (const peer of ["", "::", "0.0.0.0", "10.0.0.1", "1.127.0.0", "::2"]) {
    expect(asks(peer, "localhost:7655")).toBe(false);
  }
  expect(asks("127.0.0.1", "evil.example")).toBe(false);
  expect(asks("127.0.0.1", "localhost.evil.example")).toBe(false);
  expect(asks("127.0.0.1", "localhost", { "x-forwarded-for": "203.0.113.9" })).toBe(false);
  expect(asks("127.0.0.1", "localhost", { forwarded: "for=203.0.113.9" })).toBe(false);
});
