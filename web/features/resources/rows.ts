/** In which order the resources of a list stand, and how deep. Pure. */
import type { Resource } from "../../../server/contract/resource.ts";
import { rankOf } from "../resource/kinds.ts";

export interface Row {
  id: string;
  depth: number;
  /** How many it could be opened to show; zero in a flat list. */
  parts: number;
  open: boolean;
  /** Not wanted itself: it says where what is wanted below it is. */
  aside: boolean;
}

export interface Wanted {
  /** By name. */
  resources: readonly Resource[];
  matches: (resource: Resource) => boolean;
  compare: (a: Resource, b: Resource) => number;
  /** By name, and that from the end. */
  byName: "standard" | "reversed" | undefined;
  /** In a flat list by name: kind by kind. */
  kindsApart?: boolean;
}

export function flat({ resources, matches, compare, byName, kindsApart }: Wanted): Row[] {
  const found = resources.filter(matches);
  if (byName === undefined) found.sort(compare);
  else if (byName === "reversed") found.reverse();
  if (byName && kindsApart) found.sort(byKind);
  return found.map(({ id }) => ({ id, depth: 0, parts: 0, open: false, aside: false }));
}

function byKind(a: Resource, b: Resource): number {
  return rankOf(a.kind) - rankOf(b.kind);
}

/**
 * Everything below what it is part of. While something is looked for, all of what was found is in sight;
 * otherwise `isOpen` says what one has opened.
 */
export function grouped(
  { resources, matches, compare, byName }: Wanted,
  searching: boolean,
  isOpen: (id: string) => boolean,
): Row[] {
  const known = new Set(resources.map(({ id }) => id));
  const below = new Map<string, Resource[]>();
  const tops: Resource[] = [];
  for (const resource of resources) {
    const { parentId } = resource;
    // What is part of itself, however that came to be, must not be drawn for ever.
    if (!parentId || parentId === resource.id || !known.has(parentId)) tops.push(resource);
    else if (below.has(parentId)) below.get(parentId)?.push(resource);
    else below.set(parentId, [resource]);
  }
  const inOrder = (siblings: Resource[]) => {
    if (byName === undefined) return siblings.sort(compare);
    if (byName === "reversed") siblings.reverse();
    return siblings.sort(byKind);
  };
  const rows: Row[] = [];
  const add = (resource: Resource, depth: number): boolean => {
    const parts = below.get(resource.id);
    const wanted = matches(resource);
    const row = {
      id: resource.id,
      depth,
      parts: searching ? 0 : (parts?.length ?? 0),
      open: false,
      aside: !wanted,
    };
    const place = rows.push(row);
    if (parts && depth < DEEPEST && (searching || isOpen(resource.id))) {
      for (const part of inOrder(parts)) row.open = add(part, depth + 1) || row.open;
    }
    if (wanted || row.open) return true;
    rows.length = place - 1;
    return false;
  };
  for (const top of inOrder(tops)) add(top, 0);
  return rows;
}

/** A cluster, its node, a guest, what is in it, and parts of that. */
const DEEPEST = 6;
