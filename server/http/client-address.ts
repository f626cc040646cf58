/** Where a request comes from, through the proxies the operator named and no others. */
import { BlockList, isIP } from "node:net";

export interface ClientOrigin {
  address: string;
  /** Whether the browser's own connection is TLS. */
  secure: boolean;
}

export class ClientAddresses {
  readonly #trusted = new BlockList();
  readonly #alwaysSecure: boolean;

  /** `proxies` are addresses or CIDRs, already checked. */
  constructor(proxies: readonly string[], publicUrl: string | undefined) {
    this.#alwaysSecure = publicUrl?.startsWith("https:") ?? false;
    for (const proxy of proxies) {
      const [address = "", prefix] = proxy.split("/");
      const family = isIP(address) === 6 ? "ipv6" : "ipv4";
      if (prefix === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(prefix), family);
    }
  }

  /** The right-most forwarded address that is not a trusted proxy; a header from anyone else is ignored. */
  origin(peer: string, headers: Headers): ClientOrigin {
    const direct = withoutMapping(peer);
    if (!this.#isTrusted(direct)) return { address: direct, secure: this.#alwaysSecure };
    const secure =
      this.#alwaysSecure || headers.get("x-forwarded-proto")?.split(",").at(-1)?.trim() === "https";
    const hops = (headers.get("x-forwarded-for") ?? "").split(",").map((hop) => withoutMapping(hop.trim()));
    for (const hop of hops.reverse()) {
      if (isIP(hop) === 0) break;
      if (!this.#isTrusted(hop)) return { address: hop, secure };
    }
    return { address: direct, secure };
  }

  #isTrusted(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#trusted.check(address, version === 6 ? "ipv6" : "ipv4");
  }
}

/** Headers that say a request was passed on. */
const PASSED_ON = ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via"];
const OWN_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Whether a program on this machine asks, by this machine's own name. A proxy here passes on what
 * others ask, and a page may have made its own host name mean this address: neither counts.
 */
export function isFromThisMachine(peer: string, headers: Headers): boolean {
  const address = withoutMapping(peer);
  const isLoopback = address === "::1" || address.startsWith("127.");
  return (
    isLoopback && OWN_HOST.test(headers.get("host") ?? "") && !PASSED_ON.some((name) => headers.has(name))
  );
}

function withoutMapping(address: string): string {
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
