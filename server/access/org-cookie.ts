/**
 * `pulse_org`: what this browser last chose, as `<org id>.<HMAC>`. The HMAC covers the org and the
 * session, so that it cannot be made up, nor carried over into another session. It is a request like
 * any other: it grants nothing.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { OrgId } from "../contract/ids.ts";

const NAME = "pulse_org";
const SECURE_NAME = `__Host-${NAME}`;
const KEPT_S = 365 * 86_400;

export class OrgCookie {
  #key: Buffer | undefined;

  /** The instance hands the key over once it has started. */
  use(key: Buffer): void {
    this.#key = key;
  }

  /** What the browser sent, valid or not. */
  rawIn(cookieHeader: string, secure: boolean): string | undefined {
    const start = `${nameOf(secure)}=`;
    const pairs = cookieHeader.split(";").map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
  }

  /** The org it names; undefined when it was not made here for this session. */
  read(raw: string, sessionIdHash: string): OrgId | undefined {
    const [id = "", signature = "", ...more] = raw.split(".");
    const orgId = OrgId.safeParse(id);
    if (!orgId.success || more.length > 0) return undefined;
    const expected = Buffer.from(this.#sign(orgId.data, sessionIdHash));
    const given = Buffer.from(signature);
    return given.length === expected.length && timingSafeEqual(given, expected) ? orgId.data : undefined;
  }

  make(orgId: OrgId, sessionIdHash: string, secure: boolean): string {
    return this.#cookie(`${orgId}.${this.#sign(orgId, sessionIdHash)}`, KEPT_S, secure);
  }

  /** What tells a browser to forget it. */
  blank(secure: boolean): string {
    return this.#cookie("", 0, secure);
  }

  #cookie(value: string, maxAgeS: number, secure: boolean): string {
    const rest = `Path=/; Max-Age=${maxAgeS}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
    return `${nameOf(secure)}=${value}; ${rest}`;
  }

  #sign(orgId: OrgId, sessionIdHash: string): string {
    if (!this.#key) throw new Error("the org cookie has no key yet");
    return createHmac("sha256", this.#key).update(`${orgId}|${sessionIdHash}`).digest("base64url");
  }
}

function nameOf(secure: boolean): string {
  return secure ? SECURE_NAME : NAME;
}
