/**
 * From what a person wrote to addresses. A host is read the way a browser reads it, so `0x7f.1`,
 * `2130706433` and `①②⑦.0.0.1` become the address they mean before anything is judged. Names are
 * resolved once; whatever connects is given an address and never the name.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { codeOf, EgressError } from "./egress-error.ts";

/** Finds the addresses of a name; rejects with an error whose `code` is of `node:dns`. */
export type ResolveName = (name: string) => Promise<string[]>;

const NAME_LENGTH = 253;
/** A name may have any number of addresses; so many are looked at. */
export const ADDRESSES_LIMIT = 16;

/** An address, or a name in ASCII and lower case. */
export function parseHost(host: string): string {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  if (isIP(bare) === 6) return bare.toLowerCase();
  const isOdd = bare.length > NAME_LENGTH || /[\s/\\?#@:[\]<>^|%]/.test(bare);
  const address = `http://${bare}/`;
  if (bare === "" || isOdd || !URL.canParse(address)) {
    throw new EgressError("scheme", "That is not the name or the address of a machine.");
  }
  return new URL(address).hostname;
}

export async function resolveWithSystem(name: string): Promise<string[]> {
  return (await lookup(name, { all: true, verbatim: true })).map(({ address }) => address);
}

export function dnsError(name: string, cause: unknown): EgressError {
  const code = codeOf(cause);
  const unknown = ["ENOTFOUND", "ENODATA", "EAI_NONAME", "EAI_NODATA"].includes(code);
  const sentence = unknown
    ? `The name "${name}" does not exist.`
    : `The name "${name}" could not be looked up: the name server did not answer.`;
  return new EgressError("dns", sentence, { cause });
}
