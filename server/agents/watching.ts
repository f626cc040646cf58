/**
 * Who looks at which machine at this moment, so that it reports faster for them: leases, in memory only. A lease is
 * one caller's look at one machine; it has to be renewed, ends by itself, and is told to nobody. What it does is said
 * in the answer to the machine's next report (`intervalOf`), so a machine learns of it within its usual interval, and
 * of its end within a second.
 *
 * Only what the org's own machines report can be made faster, and only by the org's own people: whoever is shown a
 * machine of another org sees what there is.
 */
import type { Resource } from "../contract/resource.ts";
import { WATCH_LIMITS } from "../contract/watch-limits.ts";
import type { Watch, WatchInput } from "../contract/watching.ts";
import { DomainError } from "../lib/domain-error.ts";

/** How the server's own machine is called as a source. */
export const LOCAL_SOURCE = "local";

/** Who looks: a person by a session or a token of theirs. */
export interface Watcher {
  person: string;
  /** What the session or the token is known by. */
  by: string;
}

/** Whose leases end: everything that is named fits. */
export type WatchersGone = Partial<Watcher>;

interface Lease extends Watcher {
  source: string;
  beganAt: number;
  renewedAt: number;
}

interface WithWatching {
  clock: () => number;
  watching: Watching;
  intervalOf(source: string): number;
  inventory: {
    get(id: Resource["id"]): Resource | undefined;
    viewsOf(id: Resource["id"]): { id: Resource["id"]; source: string }[];
    viewOf(id: Resource["id"]): Resource | undefined;
  };
}

export class Watching {
  readonly #clock: () => number;
  readonly #leases = new Map<string, Lease>();
  /** Told at once of a source that is to be faster or may be slower again. */
  onChange: (source: string) => void = () => {};

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** How often a source is to report that does so every `usualMs` by itself. */
  intervalOf(source: string, usualMs: number): number {
    const { fastMs } = WATCH_LIMITS;
    if (this.#leases.size === 0 || usualMs <= fastMs) return usualMs;
    this.#forgetEnded();
    for (const lease of this.#leases.values())
      if (lease.source === source && this.#stands(lease)) return fastMs;
    return usualMs;
  }

  /** Begins or renews; the moment it ends, or undefined when it has lasted as long as one may. */
  hold(key: string, source: string, { person, by }: Watcher): number | undefined {
    this.#forgetEnded();
    const now = this.#clock();
    const known = this.#leases.get(key);
    if (!known) this.#requireRoom(person);
    const lease = { source, person, by, beganAt: known?.beganAt ?? now, renewedAt: now };
    this.#leases.set(key, lease);
    if (!this.#stands(lease)) return undefined;
    if (!known) this.onChange(source);
    return Math.min(now + WATCH_LIMITS.heldMs, lease.beganAt + WATCH_LIMITS.longestMs);
  }

  release(key: string): void {
    const lease = this.#leases.get(key);
    if (this.#leases.delete(key) && lease) this.onChange(lease.source);
  }

  /** Of those whose right is gone. */
  releaseAll({ person, by }: WatchersGone): void {
    for (const [key, lease] of this.#leases)
      if ((person ?? lease.person) === lease.person && (by ?? lease.by) === lease.by) this.release(key);
  }

  get size(): number {
    this.#forgetEnded();
    return this.#leases.size;
  }

  #stands({ beganAt, renewedAt }: Lease): boolean {
    const now = this.#clock();
    return now < renewedAt + WATCH_LIMITS.heldMs && now < beganAt + WATCH_LIMITS.longestMs;
  }

  /** One that is renewed beyond its longest is remembered as that: else it would begin anew. */
  #forgetEnded(): void {
    const oldest = this.#clock() - WATCH_LIMITS.heldMs;
    for (const [key, { renewedAt }] of this.#leases) if (renewedAt <= oldest) this.#leases.delete(key);
  }

  #requireRoom(person: string): void {
    const { perOrg, perPerson } = WATCH_LIMITS;
    const theirs = [...this.#leases.values()].filter((lease) => lease.person === person).length;
    if (theirs >= perPerson) throw tooMany(`You look closely at ${theirs} machines at once, and no more`);
    if (this.#leases.size >= perOrg)
      throw tooMany(`${perOrg} machines are looked at closely here, and no more`);
  }
}

export function watch(org: WithWatching, { id, tab, watcher }: WatchInput & { watcher: Watcher }): Watch {
  const views = viewsOf(org, id);
  const fast = views.find(({ view, source }) => isHost(view) && reportsFaster(source, view));
  if (!fast) {
    const usualMs = Math.min(...views.map(({ source }) => org.intervalOf(source)));
    const isAgents = views.some(({ view, source }) => isHost(view) && source.startsWith("agent:"));
    return { intervalMs: usualMs, usualMs, why: isAgents ? "agent" : "source" };
  }
  const { source } = fast;
  const usualMs = org.intervalOf(source);
  const until = org.watching.hold(keyOf(id, tab, watcher), source, watcher);
  if (until === undefined) return { intervalMs: usualMs, usualMs, why: "over" };
  return { intervalMs: Math.min(usualMs, WATCH_LIMITS.fastMs), usualMs, until };
}

export function unwatch(
  org: WithWatching,
  { id, tab, watcher }: WatchInput & { watcher: Watcher },
): { released: true } {
  viewsOf(org, id);
  org.watching.release(keyOf(id, tab, watcher));
  return { released: true };
}

/** Nobody can name the lease of another: who it is of is part of its key. */
function keyOf(id: string, tab: string | undefined, { person, by }: Watcher): string {
  return JSON.stringify([person, by, id, tab ?? ""]);
}

function viewsOf({ inventory }: WithWatching, id: Resource["id"]) {
  if (!inventory.get(id)) throw new DomainError("not_found", "There is no such resource.");
  return inventory.viewsOf(id).map(({ id: viewId, source }) => ({ source, view: inventory.viewOf(viewId) }));
}

function isHost(view: Resource | undefined): boolean {
  return view?.kind === "host" && view.parentId === undefined;
}

/** Agents say so themselves: one that does not know of it would never go back to its own interval. */
function reportsFaster(source: string, view: Resource | undefined): boolean {
  if (source === LOCAL_SOURCE) return true;
  return source.startsWith("agent:") && typeof view?.attributes["agent_fastest_interval_ms"] === "number";
}

function tooMany(words: string): DomainError {
  return new DomainError("rate_limited", `${words} may be. Close one of them.`, {
    retryAfterMs: WATCH_LIMITS.heldMs,
  });
}
