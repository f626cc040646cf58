const HOUR_MS = 3_600_000;

/** How long machines may begin with a token for many. */
export const LIFETIMES = [
  { value: "1", label: "One hour" },
  { value: "24", label: "One day" },
  { value: "168", label: "One week" },
  { value: "720", label: "30 days" },
] as const;

export type Lifetime = (typeof LIFETIMES)[number]["value"];

export function endOf(lifetime: Lifetime, now: number): number {
  return now + Number(lifetime) * HOUR_MS;
}
