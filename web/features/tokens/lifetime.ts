const DAY_MS = 86_400_000;

export const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "One year" },
  { value: "never", label: "Until it is revoked" },
] as const;

export type Lifetime = (typeof LIFETIMES)[number]["value"];

/** When a token made now ends; undefined: never. */
export function endOf(lifetime: Lifetime, now: number): number | undefined {
  return lifetime === "never" ? undefined : now + Number(lifetime) * DAY_MS;
}
