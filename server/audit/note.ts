import type { Database } from "../../db/driver.ts";
import type { Clock } from "../lib/clock.ts";
import { type Deed, record } from "./record.ts";

/**
 * Records what was done in an org's own file, which is on disk by then. The two files share no
 * transaction: a crash in the moment between them leaves a change without its line, never a line
 * without its change.
 */
export function note(
  instance: { db: Database; clock: Clock; write<T>(work: () => T): T },
  deed: Deed,
): { noted: true } {
  return instance.write(() => {
    record(instance.db, instance.clock(), deed);
    return { noted: true };
  });
}
