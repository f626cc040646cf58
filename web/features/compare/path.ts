import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";

/** What is run on machines, and so uses something of them. */
const RUN: readonly ResourceKind[] = ["container", "vm", "lxc"];

/** Where one sees which of its parts used most, over the time an address shows; nothing where that is no question. */
export function comparePath(
  { kind, count, within }: { kind: ResourceKind; count: number; within: Pick<Resource, "id"> },
  query: Record<string, string | string[] | undefined>,
): string | undefined {
  if (count < 2 || !RUN.includes(kind)) return undefined;
  const time = timeIn(query);
  return `/compare?kind=${kind}&within=${within.id}${time && `&${time}`}`;
}

/** What of an address says which time is shown: the same on every page that shows one. */
export function timeIn(query: Record<string, string | string[] | undefined>): string {
  const kept = new URLSearchParams();
  for (const name of ["range", "from", "to"]) {
    const value = query[name];
    if (typeof value === "string") kept.set(name, value);
  }
  return kept.toString();
}
