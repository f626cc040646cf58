/**
 * When what can be full is: a point of each every ten minutes, from the picture; what was before comes from history
 * when one is looked at for the first time, so a restart forgets nothing. What has much room, or a rule that is off, is
 * not looked at.
 */

import { usedPercentOf } from "../alerts/threshold-rules.ts";
import { BEFORE_MS, Course, LOOKED_AT_FROM_PERCENT, POINT_EVERY_MS, RECENT_MS } from "../alerts/trend.ts";
import type { ResourceId } from "../contract/ids.ts";
import type { Resource, ResourceKind } from "../contract/resource.ts";
import type { WithHistory } from "../history/range.ts";
import { knownSteps } from "./known-steps.ts";
import type { SeldomReading } from "./seldom-reading.ts";

/** Read from history at one look, of ten seconds: after a start the others follow. */
const READ_AT_ONCE = 20;
/** That are remembered: a kilobyte each. */
const MOST = 20_000;
/** What moves around where looking begins is not read again and again. */
const FORGOTTEN_BELOW_PERCENT = LOOKED_AT_FROM_PERCENT - 10;
const HOUR = 3_600_000;

const METRICS: Partial<Record<ResourceKind, string>> = {
  filesystem: "filesystem_used_percent",
  storage: "storage_used_percent",
  pool: "storage_used_percent",
};

interface WithTrends extends WithHistory {
  inventory: WithHistory["inventory"] & { all(): Iterable<Resource> };
  alerts: { isWatched(resource: Resource, rule: string): boolean };
}

interface Known {
  course: Course;
  /** Undefined until what was before has been read. */
  fullInMs: number | undefined;
}

export class Trends {
  readonly #org: WithTrends;
  readonly #reading: SeldomReading;
  readonly #known = new Map<ResourceId, Known>();

  constructor(org: WithTrends, reading: SeldomReading) {
    this.#org = org;
    this.#reading = reading;
  }

  fullInMs(id: ResourceId): number | undefined {
    return this.#known.get(id)?.fullInMs;
  }

  /** How many are looked at. */
  get size(): number {
    return this.#known.size;
  }

  /** Something is read. */
  get isBusy(): boolean {
    return this.#reading.isBusy;
  }

  settled(): Promise<void> {
    return this.#reading.settled();
  }

  /** Takes the points that are due. */
  look(now: number): void {
    const unread: Resource[] = [];
    const seen = new Set<ResourceId>();
    for (const resource of this.#org.inventory.all()) {
      if (!METRICS[resource.kind] || resource.status === "unknown") continue;
      const used = usedPercentOf(resource);
      const known = this.#known.get(resource.id);
      const leastUsed = known ? FORGOTTEN_BELOW_PERCENT : LOOKED_AT_FROM_PERCENT;
      if (used === undefined || used < leastUsed) continue;
      seen.add(resource.id);
      if (known) this.#takePoint(known, now, used);
      else if (this.#org.alerts.isWatched(resource, "full_in")) unread.push(resource);
    }
    if (this.#known.size > seen.size) this.#forget(seen);
    if (this.#known.size >= MOST) return;
    this.#reading.begin(unread.slice(0, READ_AT_ONCE), async (resource) => {
      /* What cannot be read begins with what comes. */
      this.#known.set(resource.id, { course: new Course(), fullInMs: undefined });
      const course = await this.#read(resource, now);
      this.#known.set(resource.id, { course, fullInMs: course.fullInMs() });
    });
  }

  #takePoint(known: Known, now: number, used: number): void {
    const sinceMs = now - known.course.lastAt;
    if (sinceMs >= 0 && sinceMs < POINT_EVERY_MS) return;
    known.course.add(now, used);
    known.fullInMs = known.course.fullInMs();
  }

  /** What has room again, or is not heard of, is read anew when it is looked at again. */
  #forget(seen: ReadonlySet<ResourceId>): void {
    for (const id of this.#known.keys()) if (!seen.has(id)) this.#known.delete(id);
  }

  async #read({ id, kind }: Resource, now: number): Promise<Course> {
    const wanted = { id, metric: METRICS[kind] ?? "" };
    const recently = now - RECENT_MS;
    const course = new Course();
    const before = await knownSteps(this.#org, wanted, { from: now - BEFORE_MS, to: recently, step: HOUR });
    for (const [at, used] of before.max) course.addFullest(at, used);
    const recent = await knownSteps(this.#org, wanted, { from: recently, to: now, step: POINT_EVERY_MS });
    for (const [at, used] of recent.avg) course.add(at, used);
    return course;
  }
}
