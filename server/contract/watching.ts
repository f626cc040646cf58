/** Looking at a machine: while somebody does, whoever reports it reports faster. */
import { z } from "zod";
import { ResourceId } from "./ids.ts";

/** `tab` tells the looks of one caller apart, where there are several at the same machine. */
export const WatchInput = z.strictObject({
  id: ResourceId,
  tab: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, "must be 1 to 40 letters, digits, - and _")
    .optional(),
});
export type WatchInput = z.infer<typeof WatchInput>;

/**
 * Why looking changes nothing. `source`: neither an agent nor the server itself reports it, it is asked every so often;
 * `agent`: its agent does not know of it, or runs where it cannot; `shared`: it is another org's, theirs to look at
 * closely; `over`: it was looked at for as long as one may without a break, and a new look has to be begun.
 */
export type NoFaster = "source" | "agent" | "shared" | "over";

export interface Watch {
  /** How often it reports, or will after its next report; absent where that is another org's to know. */
  intervalMs?: number;
  /** How often it reports while nobody looks. */
  usualMs?: number;
  /** When this look is over unless it is renewed, epoch milliseconds; absent where there is none. */
  until?: number;
  why?: NoFaster;
}
