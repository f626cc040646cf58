/**
 * The address a heartbeat is sent to holds which one it is of which org, sealed, so that it says nothing
 * and cannot be made up. The same heartbeat always has the same address: people write it into scripts.
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { OrgId, SourceId } from "../contract/ids.ts";

const CIPHER = "aes-256-ctr";
const TAG_BYTES = 16;
/** Longer than any of ours. */
const MAX_LENGTH = 120;

export class HeartbeatKeys {
  #key: Uint8Array = new Uint8Array(32);

  /** 32 bytes that belong to this instance for good. */
  use(key: Uint8Array): void {
    this.#key = key;
  }

  keyOf(orgId: OrgId, sourceId: SourceId): string {
    const text = Buffer.from(`${orgId} ${sourceId}`);
    const tag = this.#tagOf(text);
    const cipher = createCipheriv(CIPHER, this.#key, tag);
    return Buffer.concat([tag, cipher.update(text), cipher.final()]).toString("base64url");
  }

  /** Undefined when it is none of ours. */
  read(key: string): { orgId: OrgId; sourceId: SourceId } | undefined {
    if (key.length > MAX_LENGTH || !/^[\w-]+$/.test(key)) return undefined;
    const bytes = Buffer.from(key, "base64url");
    if (bytes.length <= TAG_BYTES) return undefined;
    const tag = bytes.subarray(0, TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#key, tag);
    const text = Buffer.concat([decipher.update(bytes.subarray(TAG_BYTES)), decipher.final()]);
    if (!timingSafeEqual(tag, this.#tagOf(text))) return undefined;
    const [org, source] = text.toString("latin1").split(" ");
    return { orgId: OrgId.parse(org), sourceId: SourceId.parse(source) };
  }

  /** Also the nonce: one that follows from the text needs no luck (SIV). */
  #tagOf(text: Buffer): Buffer {
    return createHmac("sha256", this.#key).update("heartbeat ").update(text).digest().subarray(0, TAG_BYTES);
  }
}
