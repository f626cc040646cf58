/**
 * When a machine is looked at, by an agent on it or by the server it runs on. A whole report is made at every interval.
 * While somebody looks at the machine more is asked for, and between two whole reports there are glances: what changes
 * by the second and costs next to nothing to find out. What a report says of its interval is the time between two
 * whole ones, so nothing is missed when the glances end.
 */
import { sha256Hex } from "./random-id.ts";

/** Agents of one interval would all report at the same moment; this far they are spread. */
const SPREAD_MS = 500;
/**
 * A glance that takes longer than this part of the time between two: the machine has other things to do, and there is
 * none until the next whole report.
 */
const GLANCE_COST_MOST = 1 / 10;

/**
 * How long until the next report. Reports are made in the middle of a step of every chart, so that no
 * sample drifts over the edge of one, plus this agent's own share of the spread.
 */
export function untilNextReportMs(now: number, intervalMs: number, share: number): number {
  const spread = share * Math.min(SPREAD_MS, intervalMs / 4);
  const middle = Math.floor(now / intervalMs) * intervalMs + intervalMs / 2 + spread;
  const next = middle - now > intervalMs / 4 ? middle : middle + intervalMs;
  return Math.round(next - now);
}

/** From 0 to 1, the same for an agent for as long as it has its token. */
export function shareOf(token: string): number {
  return Number.parseInt(sha256Hex(token).slice(0, 4), 16) / 65_536;
}

export interface Next {
  delayMs: number;
  isWhole: boolean;
}

export class ReportPace {
  readonly #ownMs: number;
  readonly #share: number;
  #askedMs: number;
  #wholeAt = 0;
  #isBusy = false;

  constructor(ownMs: number, share: number) {
    this.#ownMs = ownMs;
    this.#share = share;
    this.#askedMs = ownMs;
  }

  /** Between two whole reports: its own interval, or longer where that is asked for. */
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
  looked(now: number): void {
    this.#wholeAt = now + untilNextReportMs(now, this.wholeMs, this.#share);
    this.#isBusy = false;
  }

  glanced(tookMs: number): void {
    this.#isBusy = tookMs > this.nextMs * GLANCE_COST_MOST;
  }

  /** What comes next, and when. */
  next(now: number): Next {
    const { wholeMs, nextMs } = this;
    const due = this.#wholeAt - now;
    /* The clock was set, or the interval is another: what was planned means nothing. */
    const untilWhole = due > 0 && due <= 1.5 * wholeMs ? due : untilNextReportMs(now, wholeMs, this.#share);
    if (nextMs === wholeMs || this.#isBusy) return { delayMs: untilWhole, isWhole: true };
    /* A whole report stands for the glance next to it, so there are never more than the pace says. */
    const soon = untilNextReportMs(now, nextMs, this.#share);
    const untilGlance = soon > nextMs / 2 ? soon : soon + nextMs;
    return untilGlance <= untilWhole - nextMs / 2
      ? { delayMs: untilGlance, isWhole: false }
      : { delayMs: untilWhole, isWhole: true };
  }
}
