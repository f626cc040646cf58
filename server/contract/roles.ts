import { z } from "zod";

/** Weakest first: each role may do what the ones before it may. */
export const ROLES = ["viewer", "editor", "admin", "owner"] as const;

export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export function roleCovers(held: Role, needed: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(needed);
}
