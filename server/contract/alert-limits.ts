/** Bounds of what alerts there are, and of what people say about them. */

export const ALERT_LIMITS = {
  /** Open at the same time in one org; what would be one more waits until another is over. */
  open: 5_000,
  /** Beyond those, of what is not heard of. */
  openOfSilence: 500,
  /** Past ones an org keeps, and for how long: the older ones go. */
  past: 20_000,
  pastMs: 400 * 86_400_000,
  /** Entries in the timeline of one incident that Pulse writes; people have as many again. */
  timeline: 500,
  noteLength: 2_000,
  snoozeMs: 30 * 86_400_000,
  ownRules: 50,
  overrides: 500,
  silences: 200,
  /** So far ahead it is told when silences cover something, and so many times. */
  comingMs: 35 * 86_400_000,
  coming: 1_000,
  perPage: 200,
  acknowledgedAtOnce: 1_000,
  /** Of any delay. */
  delayMs: 30 * 86_400_000,
} as const;
