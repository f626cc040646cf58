/**
 * argon2id with the OWASP minimum (19 MiB, 2 passes). Two at a time and a short queue: fifty
 * sign-ins at once must not take the machine. Someone unknown costs the same work and the same time
 * as someone known, because a hash of nobody's password is checked instead.
 */
import { Limiter } from "../lib/limiter.ts";

const ARGON2 = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;
/** Of a random text nobody kept, with the same cost: what a password is compared to when there is no account. */
const HASH_OF_NOBODY =
  "$argon2id$v=19$m=19456,t=2,p=1$D4q1MSemZS3v3qVR5nSVoMf45THocC+rFllZ2gtkxpY$mjBDnG9fLhrgDCFybemdMM0jT/6+NZUaKTQAwjsYJoA";

export class Passwords {
  readonly #limiter = new Limiter({
    atOnce: 2,
    maxWaiting: 20,
    refusal: "Too many people are signing in at once. Try again in a moment.",
  });

  hash(password: string): Promise<string> {
    return this.#limiter.run(() => Bun.password.hash(password, ARGON2));
  }

  /** With no hash to compare to, does the same work and answers false. */
  verify(password: string, hash: string | undefined): Promise<boolean> {
    return this.#limiter.run(async () => {
      const matches = await Bun.password.verify(password, hash ?? HASH_OF_NOBODY);
      return matches && hash !== undefined;
    });
  }
}
