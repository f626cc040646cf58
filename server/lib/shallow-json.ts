import { DomainError } from "./domain-error.ts";

/** Of arrays and objects in each other. */
const MAX_DEPTH = 64;

/** Counts brackets outside strings: a parser would only find out by using up its stack. */
export function requireShallow(json: Uint8Array): void {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (inString) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MAX_DEPTH) throw new DomainError("invalid_request", "The request is nested too deeply.");
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
}
