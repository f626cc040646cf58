/** Where a person was, newest first, in this browser: ids alone, which mean nothing to anybody else. */
const KEPT = 20;

export function withUsed(before: readonly string[], id: string): string[] {
  return [id, ...before.filter((each) => each !== id)].slice(0, KEPT);
}

/** In the order of last use; what was never used follows as it came. */
export function byLastUse<Entry extends { id: string }>(
  entries: readonly Entry[],
  used: readonly string[],
): Entry[] {
  const place = ({ id }: Entry) => {
    const index = used.indexOf(id);
    return index < 0 ? used.length : index;
  };
  return entries.toSorted((a, b) => place(a) - place(b));
}

export function readUsed(userId: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string").slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

export function noteUsed(userId: string, id: string): void {
  try {
    localStorage.setItem(keyOf(userId), JSON.stringify(withUsed(readUsed(userId), id)));
  } catch {
    // Storage is refused here: the order is that of the names.
  }
}

function keyOf(userId: string): string {
  return `pulse.used.${userId}`;
}
