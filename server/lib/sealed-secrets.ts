/**
 * Credentials in an org's own file, sealed with a key of that org, each bound to its row. Nobody is ever
 * shown one again.
 *
 *   name of the key 8 (ASCII) | sealed JSON
 */
import { seal, unseal } from "./seal.ts";

/** The keys of one org. Undefined when there is none of that name. */
export type OrgKeys = (name?: string) => { name: string; key: Buffer } | undefined;

export type Secrets = Record<string, unknown>;

const NAME_BYTES = 8;

/** `row` names what it belongs to: it opens for nothing else. */
export function sealSecrets(keys: OrgKeys, row: string, secrets: Secrets): Buffer {
  const current = keys();
  if (!current) throw new Error("there is no key to seal with");
  const sealed = seal(current.key, JSON.stringify(secrets), row);
  return Buffer.concat([Buffer.from(current.name, "latin1"), sealed]);
}

/** Throws when the key is gone, or when it is not what was sealed for this row. */
export function openSecrets(keys: OrgKeys, row: string, sealed: Buffer): Secrets {
  const found = keys(keyNameOf(sealed));
  if (!found) throw new Error("the key these credentials were sealed with is missing");
  return JSON.parse(unseal(found.key, sealed.subarray(NAME_BYTES), row)) as Secrets;
}

export function keyNameOf(sealed: Buffer): string {
  return sealed.toString("latin1", 0, NAME_BYTES);
}
