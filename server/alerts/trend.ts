/**
 * When something is full if it goes on filling as it does. Pure but for what it remembers.
 *
 * The rate is that of Theil and Sen (P. K. Sen, 1968: slopes between all pairs of points), and not their median but
 * their lower quarter: where that is above nothing, three of four pairs rise, so it grows steadily and not in one
 * step. From an hour nobody tells what will be in a week: it is looked ahead twice as far as back.
 *
 * Most of what grows is no trouble: a backup at night, a log until it is rotated, a temporary file. It has been as
 * full before. So nothing is said of what has not gone a tenth of the room that was left beyond the fullest of the
 * eight days before, nor where not every hour of a day is known. What this cannot know: that somebody copies a lot once.
 */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What has more room than this is not looked at. */
export const LOOKED_AT_FROM_PERCENT = 70;
/** Between two points. */
export const POINT_EVERY_MS = 10 * MINUTE;
/** How far back the rate is taken from, and the fullest before. */
export const RECENT_MS = 12 * HOUR;
export const BEFORE_MS = 8 * 24 * HOUR;

const WINDOWS_MS = [2 * HOUR, 6 * HOUR, RECENT_MS];
const AHEAD = 2;
const LEAST_POINTS = 9;
/** Of a window that points have to cover, and the share of pairs that may fall. */
const COVERED = 0.9;
const QUARTER = 0.25;
const HOURS_OF_DAY = 24;
const BEYOND = 0.1;
const MOST_POINTS = RECENT_MS / POINT_EVERY_MS + 2;
const MOST_HOURS = BEFORE_MS / HOUR;

interface Point {
  at: number;
  used: number;
}

/** How full one thing was: points of the last hours, and the fullest of each hour before. In percent. */
export class Course {
  #points: Point[] = [];
  readonly #hours = new Uint32Array(MOST_HOURS);
  readonly #fullest = new Float32Array(MOST_HOURS);

  get lastAt(): number {
    return this.#points.at(-1)?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** In the order of time; where that goes back, what was before is in the way. */
  add(at: number, used: number): void {
    if (at <= this.lastAt) this.#points = [];
    this.#points.push({ at, used });
    if (this.#points.length > MOST_POINTS) this.#points.shift();
    this.addFullest(at, used);
  }

  /** The fullest of the hour in which this is. */
  addFullest(at: number, used: number): void {
    const hour = Math.floor(at / HOUR);
    const place = hour % MOST_HOURS;
    const isKnown = this.#hours[place] === hour;
    this.#hours[place] = hour;
    this.#fullest[place] = isKnown ? Math.max(this.#fullest[place] as number, used) : used;
  }

  /** Infinity: not as far as it can be told. */
  fullInMs(): number {
    return Math.min(...WINDOWS_MS.map((windowMs) => this.#fullBy(windowMs)));
  }

  #fullBy(windowMs: number): number {
    const last = this.#points.at(-1);
    if (!last) return Number.POSITIVE_INFINITY;
    const window = this.#points.filter(({ at }) => at >= last.at - windowMs - POINT_EVERY_MS / 2);
    const [first] = window;
    const isCovered = first !== undefined && last.at - first.at >= windowMs * COVERED;
    if (!isCovered || window.length < LEAST_POINTS) return Number.POSITIVE_INFINITY;
    const fullest = this.#fullestBefore(first.at);
    if (fullest === undefined || last.used - fullest < BEYOND * (100 - fullest))
      return Number.POSITIVE_INFINITY;
    const perMs = quarterOfSlopes(window);
    if (perMs <= 0) return Number.POSITIVE_INFINITY;
    const ms = Math.max(0, 100 - last.used) / perMs;
    return ms <= windowMs * AHEAD ? ms : Number.POSITIVE_INFINITY;
  }

  /** Undefined: too little is known. */
  #fullestBefore(before: number): number | undefined {
    let fullest = Number.NEGATIVE_INFINITY;
    const known = new Set<number>();
    const until = Math.floor(before / HOUR);
    for (const [place, hour] of this.#hours.entries()) {
      if (hour >= until || hour < until - MOST_HOURS) continue;
      known.add(hour % HOURS_OF_DAY);
      fullest = Math.max(fullest, this.#fullest[place] as number);
    }
    for (const { at, used } of this.#points) if (at < before) fullest = Math.max(fullest, used);
    return known.size < HOURS_OF_DAY ? undefined : fullest;
  }
}

function quarterOfSlopes(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const later of points)
    for (const earlier of points) {
      if (earlier === later) break;
      slopes.push((later.used - earlier.used) / (later.at - earlier.at));
    }
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length * QUARTER)] ?? 0;
}
