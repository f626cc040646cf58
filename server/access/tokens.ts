/** API tokens at the edge: what a bearer stands for, and whether that still stands. Memory only. */
import type { TokenEntry } from "../contract/directory.ts";
import { TOKEN_PREFIX } from "../contract/tokens.ts";
import type { Clock } from "../lib/clock.ts";
import { sha256Hex } from "../lib/random-id.ts";
import type { Directory } from "./directory.ts";

/** Longer than any token: what is longer is not worth a hash. */
const MAX_LENGTH = 100;
/** "Last used" is written at most this often. */
const NOTE_USE_EVERY_MS = 5 * 60_000;

export function findToken(directory: Directory, bearer: string | undefined): TokenEntry | undefined {
  if (bearer === undefined || !bearer.startsWith(TOKEN_PREFIX) || bearer.length > MAX_LENGTH)
    return undefined;
  return directory.tokenOfSecret(sha256Hex(bearer));
}

export function tokenStands(
  { directory, clock }: { directory: Directory; clock: Clock },
  token: TokenEntry,
): boolean {
  const person = directory.person(token.madeBy);
  if (!person || person.disabled) return false;
  return token.expiresAt === undefined || clock() < token.expiresAt;
}

/** Remembers when tokens were used, and has it written now and then, without anybody waiting for it. */
export class TokenUse {
  readonly #clock: Clock;
  readonly #write: (use: { id: TokenEntry["id"]; at: number }) => void;
  readonly #noted = new Map<TokenEntry["id"], number>();

  constructor(clock: Clock, write: (use: { id: TokenEntry["id"]; at: number }) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  note({ id, lastUsedAt }: TokenEntry): void {
    const at = this.#clock();
    if (at - (this.#noted.get(id) ?? lastUsedAt ?? 0) < NOTE_USE_EVERY_MS) return;
    this.#noted.set(id, at);
    this.#write({ id, at });
  }

  forget(id: TokenEntry["id"]): void {
    this.#noted.delete(id);
  }
}
