/**
 * What an answer of Proxmox is read with. It is written in Perl and in Rust, and changes with every
 * release: a number may come as text, a field may be missing, a list may hold what we do not know. So
 * what cannot be read is left out, one field or one entry at a time, and never becomes a zero.
 */
import { z } from "zod";

/** A number, or a number written as text. */
export const figure = z.preprocess((value) => {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  return Number.isFinite(Number(value)) ? Number(value) : undefined;
}, z.number().optional());

/** Text of a bounded length; a number is taken for the text it would be written as. */
export const text = z.preprocess((value) => {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value.slice(0, 2_000) : undefined;
}, z.string().optional());

/** Perl's 0 and 1, or the real thing. */
export const flag = z.preprocess((value) => {
  if (typeof value === "boolean") return value;
  if (value === 1 || value === "1") return true;
  return value === 0 || value === "0" || value === "" ? false : undefined;
}, z.boolean().optional());

/** At most `limit` entries; one that is not of the form is left out, and takes no other with it. */
export function listOf<Entry extends z.ZodType>(entry: Entry, limit: number) {
  return z.array(z.unknown()).transform((entries) => {
    const read: z.output<Entry>[] = [];
    for (const one of entries) {
      if (read.length === limit) break;
      const parsed = entry.safeParse(one);
      if (parsed.success) read.push(parsed.data);
    }
    return read;
  });
}

/** Privileges by path: `true` where they are also valid below it. */
export const Permissions = z.record(z.string().max(500), z.record(z.string().max(100), z.unknown()));
export type Permissions = z.infer<typeof Permissions>;

/** A path that has entries of its own decides alone; else the nearest above it that hands its privileges down. */
export function isAllowed(permissions: Permissions, path: string, privilege: string): boolean {
  const own = permissions[path];
  if (own) return privilege in own;
  for (let above = parentOf(path); ; above = parentOf(above)) {
    const held = permissions[above];
    if (held) return held[privilege] === 1 || held[privilege] === true || held[privilege] === "1";
    if (above === "/") return false;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"))) || "/";
}
