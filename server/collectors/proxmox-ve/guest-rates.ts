/**
 * Rates of the guests. Each node counts for itself about every ten seconds and hands the counters round
 * with the guest's uptime of that moment. So the uptime is the clock: two answers with the same one are
 * the same count, and the time between two counts is the difference of their uptimes, whenever we asked.
 */
import { increase, perSecond } from "../host/figures.ts";
import type { GuestRates } from "./picture.ts";
import type { ResourceRow } from "./requests.ts";

type Counted = Pick<ResourceRow, "uptime" | "netin" | "netout" | "diskread" | "diskwrite">;

interface Known {
  count: Counted;
  rates: GuestRates;
}

export class GuestRateMeter {
  private known = new Map<number, Known>();

  /** Rates of these guests; every other one is forgotten. */
  read(rows: readonly ResourceRow[]): Map<number, GuestRates> {
    const next = new Map<number, Known>();
    for (const row of rows) {
      if (row.vmid === undefined || !row.uptime) continue;
      const before = this.known.get(row.vmid);
      const rates = ratesBetween(before, row);
      next.set(row.vmid, { count: row, rates });
    }
    this.known = next;
    return new Map([...next].map(([vmid, { rates }]) => [vmid, rates]));
  }
}

/** Pure. Nothing is known the first time, and when the guest was started anew. */
function ratesBetween(before: Known | undefined, after: Counted): GuestRates {
  const seconds = increase(before?.count.uptime, after.uptime);
  if (!before || seconds === undefined) return {};
  if (seconds === 0) return before.rates;
  const rate = (name: keyof Counted) => perSecond(before.count[name], after[name], seconds);
  return {
    receivedBytes: rate("netin"),
    transmittedBytes: rate("netout"),
    readBytes: rate("diskread"),
    writtenBytes: rate("diskwrite"),
  };
}
