import { isIP } from "node:net";
import { getClass } from "./address-class.ts";
import { codeOf, EgressError } from "./egress-error.ts";
import type { ResolveName } from "./host-name.ts";
import type { Judge } from "./judge.ts";
import type { TimeLimit } from "./time-limit.ts";

/** A name may have any number of addresses; so many are looked at. */
const ADDRESSES_LIMIT = 16;

/** Finds where a host is, and of that only what may be reached. */
export class Addresses {
  readonly #judge: Judge;
  readonly #resolveName: ResolveName;

  constructor(judge: Judge, resolveName: ResolveName) {
    this.#judge = judge;
    this.#resolveName = resolveName;
  }

  /** At least one; throws when there is none. `host` is an address or a name, already parsed. */
  async find(host: string, port: number | undefined, limit: TimeLimit): Promise<string[]> {
    const found = isIP(host) === 0 ? await this.#lookUp(host, limit) : [host];
    const refusals = found.map((address) => this.#judge.findRefusal(address, port));
    const allowed = found.filter((_, index) => refusals[index] === undefined);
    if (allowed.length > 0) return allowed;
    const is = refusals[0] ?? "no address";
    throw new EgressError(
      "address_refused",
      `"${host}" is ${is}, which may not be reached unless the operator allows it (${settingFor(host)}).`,
    );
  }

  async #lookUp(name: string, limit: TimeLimit): Promise<string[]> {
    const asked = this.#resolveName(name).catch((cause) => {
      throw lookUpError(name, codeOf(cause), cause);
    });
    const found = (await limit.within(asked)).slice(0, ADDRESSES_LIMIT);
    if (found.length === 0) throw lookUpError(name, "ENODATA");
    return found;
  }
}

/**
 * What would allow it. Only what was given is named: where a name leads inside the network is not for everybody, and
 * where a cloud keeps its credentials nobody is led.
 */
function settingFor(host: string): string {
  const isOrdinary = isIP(host) !== 0 && ["private", "loopback"].includes(getClass(host));
  if (!isOrdinary) return "PULSE_OUTBOUND_ALLOW";
  return `PULSE_OUTBOUND_ALLOW=${host}/${isIP(host) === 4 ? 32 : 128}, then a restart`;
}

function lookUpError(name: string, code: string, cause?: unknown): EgressError {
  const isUnknown = ["ENOTFOUND", "ENODATA", "EAI_NONAME", "EAI_NODATA"].includes(code);
  const sentence = isUnknown
    ? `The name "${name}" does not exist.`
    : `The name "${name}" could not be looked up: the name server did not answer.`;
  return new EgressError("dns", sentence, { cause });
}
