import type { Database } from "../../db/driver.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import type { Clock } from "../lib/clock.ts";
import type { Passwords } from "./passwords.ts";
import type { SetupToken } from "./setup-token.ts";

/** What the verbs about people are handed: the instance's own file and its surroundings. */
export interface Instance {
  db: Database;
  clock: Clock;
  passwords: Passwords;
  /** There until the first account was made. */
  setupToken: SetupToken | undefined;
  /** Told to the edge before the verb's answer is. */
  announce(changes: DirectoryChange[]): void;
}
