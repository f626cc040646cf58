/**
 * How often the agent reports. A whole report is made at every interval. While somebody looks at the machine the
 * server asks for more, and between two whole reports there are glances: what changes by the second and costs next to
 * nothing to find out. What a report says of its interval is the time between two whole ones, so nothing is missed
 * when the glances end.
 */
import { untilNextReportMs } from "./schedule.ts";

export interface Next {
  delayMs: number;
  isWhole: boolean;
}

export class Pace {
  readonly #ownMs: number;
  #askedMs: number;
  #wholeAt = 0;

  constructor(ownMs: number) {
    this.#ownMs = ownMs;
    this.#askedMs = ownMs;
  }

  /** Between two whole reports: the agent's own interval, or longer where the server asks for that. */
  get wholeMs(): number {
    return Math.max(this.#ownMs, this.#askedMs);
  }

  /** Until the next report of either kind. */
  get nextMs(): number {
    return Math.min(this.wholeMs, this.#askedMs);
  }

  /** Whether that is another than before. */
  ask(intervalMs: number): boolean {
    const isAnother = intervalMs !== this.#askedMs;
    this.#askedMs = intervalMs;
    return isAnother;
  }

  /** A whole report is made now. */
  made(now: number, share: number): void {
    this.#wholeAt = now + untilNextReportMs(now, this.wholeMs, share);
  }

  /** What comes next, and when. */
  next(now: number, share: number): Next {
    const { wholeMs, nextMs } = this;
    const due = this.#wholeAt - now;
    /* The clock was set, or the interval is another: what was planned means nothing. */
    const untilWhole = due > 0 && due <= 1.5 * wholeMs ? due : untilNextReportMs(now, wholeMs, share);
    if (nextMs === wholeMs) return { delayMs: untilWhole, isWhole: true };
    /* A whole report stands for the glance next to it, so there are never more than the pace says. */
    const soon = untilNextReportMs(now, nextMs, share);
    const untilGlance = soon > nextMs / 2 ? soon : soon + nextMs;
    return untilGlance <= untilWhole - nextMs / 2
      ? { delayMs: untilGlance, isWhole: false }
      : { delayMs: untilWhole, isWhole: true };
  }
}
