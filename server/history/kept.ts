/** What an org has set about its history: how long each tier is kept, and how many bytes its file may take. */
import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { retention } from "../../db/org/history.ts";
import type { RetentionInput, RetentionSettings } from "../contract/history.ts";
import {
  KEPT_TIERS,
  type KeepDays,
  type KeptTier,
  STANDARD_KEEP_DAYS,
} from "../contract/retention-limits.ts";
import { DomainError } from "../lib/domain-error.ts";

/** What is kept, and since when that has been so; absent: nobody has ever said anything. */
export interface Kept extends RetentionSettings {
  changedAt?: number;
}

/** There is one row. */
const ONLY = 1;

export function readKept({ orm }: Database): Kept {
  const row = orm.select().from(retention).where(eq(retention.id, ONLY)).get();
  if (!row) return { keepDays: { ...STANDARD_KEEP_DAYS }, maxBytes: null };
  const { samples, fiveMinutes, hours, days, maxBytes, changedAt } = row;
  return { keepDays: { samples, fiveMinutes, hours, days }, maxBytes, changedAt };
}

/** Inside the caller's transaction. */
export function writeKept(db: Database, { keepDays, maxBytes }: RetentionSettings, at: number): void {
  /* Two changes never have the same time: by it they are told apart. */
  const { changedAt = at - 1 } = readKept(db);
  const set = { ...keepDays, maxBytes, changedAt: at === changedAt ? at + 1 : at };
  db.orm
    .insert(retention)
    .values({ id: ONLY, ...set })
    .onConflictDoUpdate({ target: retention.id, set })
    .run();
}

/** What is kept with this change. What is left out stays; what does not fit together is refused. */
export function changed(
  before: RetentionSettings,
  { keepDays = {}, maxBytes }: RetentionInput,
  quotaBytes: number,
): RetentionSettings {
  const next = { ...before.keepDays };
  for (const tier of KEPT_TIERS) next[tier] = keepDays[tier] ?? next[tier];
  requireOrder(next);
  if (typeof maxBytes === "number" && maxBytes > quotaBytes)
    throw new DomainError("invalid_request", `At most ${quotaBytes} bytes are allowed here.`, {
      fields: { maxBytes: `must be at most ${quotaBytes} bytes: more is not allowed here` },
    });
  return { keepDays: next, maxBytes: maxBytes === undefined ? before.maxBytes : maxBytes };
}

const NAMES: Readonly<Record<KeptTier, string>> = {
  samples: "samples",
  fiveMinutes: "steps of 5 minutes",
  hours: "steps of an hour",
  days: "steps of a day",
};

/** What is coarse is all there is left of what was fine: it is not to go first. */
function requireOrder(keepDays: KeepDays): void {
  for (const [index, tier] of KEPT_TIERS.entries()) {
    const finer = KEPT_TIERS[index - 1];
    if (!finer || keepDays[tier] >= keepDays[finer]) continue;
    const [days, name] = [keepDays[finer], NAMES[finer]];
    throw new DomainError(
      "invalid_request",
      `Keep ${NAMES[tier]} at least as long as ${name}: ${days} days.`,
      { fields: { [`keepDays.${tier}`]: `must be at least as long as ${name} are kept: ${days} days` } },
    );
  }
}
