/** What somebody with the page open sees: the picture, as the live stream alone tells it, and everything it was. */
import type { Resource, ResourceChange, ResourceStatus } from "../../server/contract/resource.ts";
import type { Target, Visitor } from "../support/calls.ts";
import { LiveStream } from "../support/live.ts";
import { until } from "../support/until.ts";

export interface Moment {
  name: string;
  status: ResourceStatus;
  problem: unknown;
  lastSeenAt: number;
  attemptsFailed: number | undefined;
}

export class OpenPage {
  readonly #stream: LiveStream;
  readonly #resources = new Map<string, Resource>();
  readonly #past: Moment[] = [];
  #read = 0;
  #snapshots = 0;

  constructor(target: Target, visitor: Visitor) {
    this.#stream = new LiveStream(target, { cookie: visitor.cookie, reconnectMs: 200 });
  }

  get resources(): ReadonlyMap<string, Resource> {
    for (const { type, data } of this.#stream.events.slice(this.#read)) {
      if (type === "snapshot") this.#begin(data.resources);
      if (type === "resources") {
        for (const id of data.removed) this.#resources.delete(id);
        for (const change of data.changed) this.#apply(change);
      }
    }
    this.#read = this.#stream.events.length;
    return this.#resources;
  }

  /** Everything that was ever shown, in order. */
  get past(): readonly Moment[] {
    void this.resources;
    return this.#past;
  }

  /** How often it was given the whole picture. */
  get snapshots(): number {
    void this.resources;
    return this.#snapshots;
  }

  named(name: string): Resource | undefined {
    return [...this.resources.values()].find((resource) => resource.name === name);
  }

  /** Waits until the page shows it. */
  sees<T>(what: string, look: (page: this) => T, withinMs = 30_000): Promise<Exclude<T, undefined | false>> {
    return until(() => look(this), { withinMs, what: `the page shows ${what}` });
  }

  close(): void {
    this.#stream.close();
  }

  #begin(resources: Resource[]): void {
    this.#snapshots++;
    this.#resources.clear();
    for (const resource of resources) this.#apply(resource);
  }

  #apply({ attributes, metrics, parentId, own: _, ...rest }: ResourceChange): void {
    const known = this.#resources.get(rest.id);
    const next = {
      ...known,
      ...rest,
      ...(parentId && { parentId }),
      attributes: merged(known?.attributes, attributes),
      metrics: merged(known?.metrics, metrics),
    } as Resource;
    this.#resources.set(next.id, next);
    this.#past.push({
      name: next.name,
      status: next.status,
      problem: next.attributes.problem,
      lastSeenAt: next.lastSeenAt,
      attemptsFailed: next.metrics.attempts_failed,
    });
  }
}

/** Null means gone. */
function merged(before: Record<string, unknown> = {}, changed: Record<string, unknown> = {}) {
  const entries = Object.entries({ ...before, ...changed }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries);
}
