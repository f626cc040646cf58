/**
 * Credentials of sources, sealed in the org's own file with a key of that org, each bound to its row.
 * Nobody is ever shown one again.
 *
 *   name of the key 8 (ASCII) | sealed JSON
 */
import { seal, unseal } from "../lib/seal.ts";

/** The keys of one org. Undefined when there is none of that name. */
export type OrgKeys = (name?: string) => { name: string; key: Buffer } | undefined;

const NAME_BYTES = 8;

export type Secrets = Record<string, unknown>;

export function sealSecrets(keys: OrgKeys, sourceId: string, secrets: Secrets): Buffer {
  const current = keys();
  if (!current) throw new Error("there is no key to seal with");
  const sealed = seal(current.key, JSON.stringify(secrets), boundTo(sourceId));
  return Buffer.concat([Buffer.from(current.name, "latin1"), sealed]);
}

/** Throws when the key is gone, or when it is not what was sealed for this source. */
export function openSecrets(keys: OrgKeys, sourceId: string, sealed: Buffer): Secrets {
  const found = keys(keyNameOf(sealed));
  if (!found) throw new Error("the key these credentials were sealed with is missing");
  return JSON.parse(unseal(found.key, sealed.subarray(NAME_BYTES), boundTo(sourceId))) as Secrets;
}

export function keyNameOf(sealed: Buffer): string {
  return sealed.toString("latin1", 0, NAME_BYTES);
}

function boundTo(sourceId: string): string {
  return `source ${sourceId} secrets`;
}
