/**
 * From what a person wrote to addresses. A host is read the way a browser reads it, so `0x7f.1`,
 * `2130706433` and `①②⑦.0.0.1` become the address they mean before anything is judged. Names are
 * resolved once; whatever connects is given an address and never the name.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { EgressError } from "./egress-error.ts";

/** Finds the addresses of a name; rejects with an error whose `code` is of `node:dns`. */
export type ResolveName = (name: string) => Promise<string[]>;

const NAME_LENGTH = 253;
const URL_LENGTH = 8_192;

/** An address, or a name in ASCII and lower case. */
export function parseHost(host: string): string {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  if (isIP(bare) === 6) return bare;
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

/** An http or https address without credentials: those belong into a header, where no log shows them. */
export function parseUrl(text: string): URL {
  if (text.length > URL_LENGTH || !URL.canParse(text)) {
    throw new EgressError("scheme", "That is not a web address.");
  }
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new EgressError("scheme", "Only http and https addresses can be reached.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new EgressError("scheme", "A web address must not hold a user name or a password.");
  }
  return url;
}
