/**
 * Changes of the picture on their way to open pages. The first goes out at once; what follows is
 * joined and goes out a quarter of a second later, so that no org sends more than four a second and
 * none waits longer than that, however constant the change.
 */
import type { ResourceId } from "../contract/ids.ts";
import type { ResourcesChanged } from "../contract/live.ts";
import type { ResourceChange } from "../contract/resource.ts";
import { joinChanges } from "../inventory/merge.ts";

const SPACING_MS = 250;

export class Outbox {
  readonly #send: (data: ResourcesChanged) => void;
  readonly #changed = new Map<ResourceId, ResourceChange>();
  readonly #removed = new Set<ResourceId>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(send: (data: ResourcesChanged) => void) {
    this.#send = send;
  }

  put(change: ResourcesChanged): void {
    for (const id of change.removed) {
      this.#changed.delete(id);
      this.#removed.add(id);
    }
    for (const one of change.changed) {
      const waiting = this.#changed.get(one.id);
      this.#changed.set(one.id, waiting ? joinChanges(waiting, one) : one);
      this.#removed.delete(one.id);
    }
    if (this.#timer || (this.#changed.size === 0 && this.#removed.size === 0)) return;
    const waitMs = this.#sentAt + SPACING_MS - performance.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), waitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    this.#sentAt = performance.now();
    const data = { changed: [...this.#changed.values()], removed: [...this.#removed] };
    this.#changed.clear();
    this.#removed.clear();
    this.#send(data);
  }
}
