/** What is usual for what rules compare with itself: worked out from history once an hour, and only where one is on. */
import { USUAL_FOR_MS, USUAL_OVER_MS, type Usual, usualOf } from "../alerts/baseline.ts";
import type { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import type { WithHistory } from "../history/range.ts";
import { knownSteps } from "./known-steps.ts";
import type { SeldomReading } from "./seldom-reading.ts";

/** Read at one look, of ten seconds: 7,200 in an hour. What is more is worked out less often. */
const READ_AT_ONCE = 20;
const HOUR = 3_600_000;

interface WithBaselines extends WithHistory {
  inventory: WithHistory["inventory"] & { all(): Iterable<Resource> };
  alerts: { comparesAny: boolean; comparedOf(resource: Resource): string[] };
}

interface Known {
  usual: Usual | undefined;
  hour: number;
}

export class Baselines {
  readonly #org: WithBaselines;
  readonly #reading: SeldomReading;
  readonly #known = new Map<string, Known>();

  constructor(org: WithBaselines, reading: SeldomReading) {
    this.#org = org;
    this.#reading = reading;
  }

  usualOf(id: ResourceId, metric: string): Usual | undefined {
    return this.#known.get(keyOf(id, metric))?.usual;
  }

  get isBusy(): boolean {
    return this.#reading.isBusy;
  }

  settled(): Promise<void> {
    return this.#reading.settled();
  }

  look(now: number): void {
    if (!this.#org.alerts.comparesAny) {
      this.#known.clear();
      return;
    }
    const hour = Math.floor(now / USUAL_FOR_MS);
    const due: { id: ResourceId; metric: string }[] = [];
    const wanted = new Set<string>();
    for (const resource of this.#org.inventory.all())
      for (const metric of this.#org.alerts.comparedOf(resource)) {
        const key = keyOf(resource.id, metric);
        wanted.add(key);
        if (this.#known.get(key)?.hour !== hour) due.push({ id: resource.id, metric });
      }
    if (this.#known.size > wanted.size)
      for (const key of this.#known.keys()) if (!wanted.has(key)) this.#known.delete(key);
    this.#reading.begin(due.slice(0, READ_AT_ONCE), (one) => this.#read(one, now, hour));
  }

  async #read({ id, metric }: { id: ResourceId; metric: string }, now: number, hour: number): Promise<void> {
    const key = keyOf(id, metric);
    /* What cannot be read is tried again in the next hour. */
    this.#known.set(key, { usual: this.#known.get(key)?.usual, hour });
    const frame = { from: now - USUAL_OVER_MS - 2 * HOUR, to: now, step: HOUR };
    const { max } = await knownSteps(this.#org, { id, metric }, frame);
    this.#known.set(key, { usual: usualOf(new Map(max), metric, now), hour });
  }
}

function keyOf(id: ResourceId, metric: string): string {
  return `${id} ${metric}`;
}
