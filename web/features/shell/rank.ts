/** Entries that match what was typed, best first: whole beginnings, then beginnings of words, then anywhere. */
export function rank<Entry extends { name: string }>(entries: readonly Entry[], wanted: string): Entry[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...entries];
  return entries
    .map((entry) => ({ entry, score: scoreOf(entry.name.toLowerCase(), words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}

function scoreOf(name: string, words: readonly string[]): number {
  let sum = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    if (at < 0) return 0;
    if (at === 0) sum += 3;
    else sum += /[^a-z0-9]/.test(name.charAt(at - 1)) ? 2 : 1;
  }
  return sum;
}
