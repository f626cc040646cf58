import { networkInterfaces } from "node:os";
import { findBytes, isWithin, type Network, parseNetwork } from "./address.ts";
import { type AddressClass, addressesInside, getClass } from "./address-class.ts";

export interface EgressRules {
  /** Networks that may be reached although they are refused by default: the operator's PULSE_OUTBOUND_ALLOW. */
  allow: readonly string[];
  /** Where this process itself listens; never reached unless allowed. */
  own?: readonly { address: string; port: number }[];
  /** "lan": private networks are fine (sources, checks). "public": only public addresses (notifications). */
  reach: "lan" | "public";
}

const WORDS: Record<Exclude<AddressClass, "public">, string> = {
  private: "in a private network",
  loopback: "this machine itself",
  link_local: "a link-local address",
  metadata: "where a cloud keeps its credentials",
  unspecified: "no address of a machine",
  multicast: "a multicast address",
  broadcast: "a broadcast address",
  reserved: "a reserved address",
};

/** Decides which addresses may be reached. */
export class Judge {
  readonly #allowed: Network[];
  readonly #own: readonly { address: string; port: number }[];
  readonly #reach: "lan" | "public";

  constructor(rules: EgressRules) {
    this.#allowed = rules.allow.map(parseNetwork);
    this.#own = rules.own ?? [];
    this.#reach = rules.reach;
  }

  /** Why not, as the end of "… is". The port matters only to where this process listens. */
  findRefusal(address: string, port?: number): string | undefined {
    const bytes = findBytes(address);
    if (!bytes) return "no address";
    const forms = [bytes, ...addressesInside(bytes)];
    if (forms.some((form) => this.#allowed.some((network) => isWithin(form, network)))) return undefined;
    const name = getClass(address);
    if (name !== "public" && !(name === "private" && this.#reach === "lan")) return WORDS[name];
    return port !== undefined && forms.some((form) => this.#isOwn(form, port)) ? "Pulse itself" : undefined;
  }

  #isOwn(bytes: Uint8Array, port: number): boolean {
    return this.#own.some((own) => {
      if (own.port !== port) return false;
      const listens = findBytes(own.address);
      if (!listens) return false;
      /* Listening on no particular address is listening on all of them. */
      if (listens.some((byte) => byte !== 0)) return equal(listens, bytes);
      return ownAddresses().some((address) => equal(findBytes(address), bytes));
    });
  }
}

function equal(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && isWithin(other, { bytes: one, prefix: one.length * 8 });
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
