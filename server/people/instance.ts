import type { Instance } from "../instance/instance.ts";
import type { Passwords } from "./passwords.ts";
import type { SetupToken } from "./setup-token.ts";

/** What the verbs about people are handed. */
export interface PeopleInstance extends Instance {
  passwords: Passwords;
  /** There until the first account was made. */
  setupToken: SetupToken | undefined;
}
