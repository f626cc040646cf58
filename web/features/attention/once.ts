/** What several tabs see at the same time is done by one of them. */
const KEPT_MS = 10 * 60_000;
const MOST_KEPT = 100;
/** Longer than it takes until every tab reads what one has written. */
const HELD_MS = 5_000;
/** Without locks, which a page without https has none of, tabs look at different moments. */
const SPREAD_MS = 400;
const KEY = "pulse.attended";

/** Whether this tab is the one, of all tabs of this browser. */
export async function isOurs(what: string): Promise<boolean> {
  const locks = navigator.locks as LockManager | undefined;
  if (!locks) {
    await passed(Math.random() * SPREAD_MS);
    return take(what);
  }
  return new Promise((resolve) => {
    void locks.request(`${KEY}/${what}`, { ifAvailable: true }, async (lock) => {
      const isFirst = lock !== null && take(what);
      resolve(isFirst);
      if (isFirst) await passed(HELD_MS);
    });
  });
}

/** Also by a tab that slept meanwhile it is not done again. */
function take(what: string): boolean {
  const now = Date.now();
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as [string, number][];
    const recent = kept.filter(([, at]) => now - at < KEPT_MS);
    if (recent.some(([done]) => done === what)) return false;
    localStorage.setItem(KEY, JSON.stringify([...recent, [what, now]].slice(-MOST_KEPT)));
  } catch {
    // A browser that refuses storage draws attention in every tab.
  }
  return true;
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
