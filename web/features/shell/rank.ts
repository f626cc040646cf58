interface Named {
  name: string;
  /** Further words it is found by, which count least. */
  also?: string;
}

/** Entries that match what was typed, best first: whole beginnings, then beginnings of words, then anywhere. */
export function rank<Entry extends Named>(entries: readonly Entry[], wanted: string): Entry[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...entries];
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}

function scoreOf({ name, also }: Named, words: readonly string[]): number {
  const lower = name.toLowerCase();
  let sum = 0;
  for (const word of words) {
    const at = lower.indexOf(word);
    if (at === 0) sum += 6;
    else if (at > 0) sum += /[^a-z0-9]/.test(lower.charAt(at - 1)) ? 4 : 2;
    else if (also?.toLowerCase().includes(word)) sum += 1;
    else return 0;
  }
  return sum;
}
