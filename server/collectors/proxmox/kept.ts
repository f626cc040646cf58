/**
 * Answers that are dear to ask for: each is kept and asked for again when it is old, later and later
 * while it cannot be had. What is due is an errand; a collection runs the most overdue ones it has
 * time and requests left for, so nothing is asked in a burst and nothing waits for ever.
 */

/** A kept answer is forgotten when it has not been renewed for this many of its intervals. */
const BELIEVED_INTERVALS = 3;

/** After failures in a row the pause doubles up to this. */
const LONGEST_PAUSE_MS = 6 * 3_600_000;

interface Held<Answer> {
  answer?: Answer;
  answeredAt?: number;
  askAt: number;
  failures: number;
  error?: unknown;
}

export interface Errand {
  /** When it fell due; what was never asked goes first. */
  dueAt: number;
  run(now: number): Promise<void>;
}

export class Kept<Answer> {
  private readonly held = new Map<string, Held<Answer>>();
  private everyMs: number;

  constructor(private readonly leastMs: number) {
    this.everyMs = leastMs;
  }

  /** Large estates are asked in the same number of requests, each thing less often. */
  stretch(factor: number): void {
    this.everyMs = this.leastMs * Math.max(1, factor);
  }

  get(key: string, now: number): Answer | undefined {
    const held = this.held.get(key);
    if (held?.answeredAt === undefined) return undefined;
    return now - held.answeredAt > this.everyMs * BELIEVED_INTERVALS ? undefined : held.answer;
  }

  /** Why the last attempt failed; undefined once one has succeeded. */
  errorOf(key: string): unknown {
    return this.held.get(key)?.error;
  }

  /** Undefined when it is not due. */
  errand(key: string, now: number, ask: () => Promise<Answer>): Errand | undefined {
    const held = this.held.get(key);
    if (held && now < held.askAt) return undefined;
    return { dueAt: held?.askAt ?? 0, run: (at) => this.ask(key, at, ask) };
  }

  /** Everything that is known. */
  all(now: number): Answer[] {
    return [...this.held.keys()].map((key) => this.get(key, now)).filter((answer) => answer !== undefined);
  }

  /** What is kept is known to be old: it is due now, and believed until there is a newer one. */
  expire(key: string, now: number): void {
    const held = this.held.get(key);
    if (held && held.failures === 0) held.askAt = Math.min(held.askAt, now);
  }

  /** Forgets every other one. */
  only(keys: Iterable<string>): void {
    const wanted = new Set(keys);
    this.keep((key) => wanted.has(key));
  }

  keep(isWanted: (key: string) => boolean): void {
    for (const key of this.held.keys()) if (!isWanted(key)) this.held.delete(key);
  }

  private async ask(key: string, now: number, ask: () => Promise<Answer>): Promise<void> {
    const held = this.held.get(key) ?? { askAt: 0, failures: 0 };
    this.held.set(key, held);
    try {
      held.answer = await ask();
      held.answeredAt = now;
      held.askAt = now + this.everyMs * spread(key);
      held.failures = 0;
      held.error = undefined;
    } catch (error) {
      held.failures++;
      held.error = error;
      const pauseMs = this.everyMs * 2 ** Math.min(held.failures - 1, 10);
      held.askAt = now + Math.max(this.everyMs, Math.min(pauseMs, LONGEST_PAUSE_MS));
    }
  }
}

/** From 0.8 to 1.2, always the same for a key: what was first asked in one go drifts apart. */
function spread(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x9e3779b1);
  return 0.8 + ((hash >>> 0) / 2 ** 32) * 0.4;
}

/** Runs the most overdue errands, `atOnce` at a time, until `mayGoOn` says no; gives how many it ran. */
export async function runErrands(
  errands: (Errand | undefined)[],
  limits: { budget: number; atOnce: number; now: number; mayGoOn: () => boolean },
): Promise<number> {
  const queue = errands
    .filter((errand) => errand !== undefined)
    .sort((a, b) => a.dueAt - b.dueAt)
    .slice(0, Math.max(0, limits.budget));
  let next = 0;
  const runner = async () => {
    for (let errand = queue[next]; errand && limits.mayGoOn(); errand = queue[next]) {
      next++;
      await errand.run(limits.now);
    }
  };
  await Promise.all(Array.from({ length: limits.atOnce }, runner));
  return next;
}
