export const WATCH_LIMITS = {
  /** Between two reports of a machine somebody looks at. */
  fastMs: 1_000,
  /** A look that is not renewed is over after this; a page renews it three times as often. */
  heldMs: 30_000,
  renewEveryMs: 10_000,
  /** A look ends after this however often it is renewed: an open page is not always looked at. */
  longestMs: 3_600_000,
  /** Looks of one person, whatever they look with, and of all people and tokens of an org. */
  perPerson: 10,
  perOrg: 50,
} as const;
