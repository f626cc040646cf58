import { DomainError } from "./domain-error.ts";

/** Whoever asked has left: it ends the work, and counts as the caller's doing. Nobody reads it. */
export function givenUp(): DomainError {
  return new DomainError("invalid_request", "The call was given up by whoever made it.");
}

export function requireWanted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw givenUp();
}
