/**
 * The parts of machines that are shown as one: two filesystems of one name are one, and so are their
 * parts in turn. This is not written down, it follows from the joins of the machines and from the names.
 * Where one source has two parts of a kind and name, nobody can tell which is which, and none is joined.
 */
import type { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import type { Joins } from "./joins.ts";

type PartsOf = (id: ResourceId) => readonly Resource[];

/** Joins them anew; the views that are shown under another id by it. */
export function joinTwins(joins: Joins, machine: ResourceId, partsOf: PartsOf): ResourceId[] {
  for (const id of joins.shownIn(machine)) splitTwins(joins, id, partsOf);
  const joined: ResourceId[] = [];
  const waiting = [machine];
  for (const seen = new Set(waiting); waiting.length > 0; ) {
    const parts = joins.shownIn(waiting.pop() as ResourceId).flatMap(partsOf);
    for (const twins of Map.groupBy(parts, nameOf).values()) {
      const shown = joinAll(joins, twins);
      if (shown === undefined || seen.has(shown)) continue;
      joined.push(...twins.map(({ id }) => id).filter((id) => id !== shown));
      waiting.push(shown);
      seen.add(shown);
    }
  }
  return joined;
}

/** The parts of a view are shown for themselves, as far as nothing but a name says otherwise. */
export function splitTwins(joins: Joins, view: ResourceId, partsOf: PartsOf): void {
  const waiting = [view];
  for (const seen = new Set(waiting); waiting.length > 0; ) {
    for (const { id } of partsOf(waiting.pop() as ResourceId)) {
      /* A guest that somebody joined is a machine of its own: its parts are no business of this one. */
      if (seen.has(id) || joins.isSaidOrFound(id)) continue;
      joins.forgetImplied(id);
      waiting.push(id);
      seen.add(id);
    }
  }
}

/** Under which id they are shown together; undefined where they are not. */
function joinAll(joins: Joins, twins: readonly Resource[]): ResourceId | undefined {
  const [first] = twins;
  const parents = new Set(twins.map(({ parentId }) => parentId));
  if (!first || twins.length < 2 || parents.size < twins.length) return undefined;
  const joinedElsewhere = twins.find(({ id }) => joins.ofAbsorbed(id));
  const shown = joins.shownAs((joinedElsewhere ?? first).id);
  for (const { id } of twins) if (id !== shown && !joins.isSaidOrFound(id)) joins.imply(id, shown);
  return shown;
}

function nameOf({ kind, name }: Resource): string {
  return `${kind} ${name}`;
}
