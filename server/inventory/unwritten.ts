/** What has changed in a picture and is not on disk yet. */
import type { Database } from "../../db/driver.ts";
import type { ResourceId } from "../contract/ids.ts";
import type { OwnFacts } from "../contract/resource.ts";
import type { Join } from "./joins.ts";
import {
  deleteView,
  type StoredView,
  writeJoins,
  writeOwnFacts,
  writeSeparation,
  writeView,
} from "./stored-inventory.ts";

/** How it is now, whatever it was when it was noted that it has changed. */
export interface PictureNow {
  viewOf(id: ResourceId): StoredView | undefined;
  ownOf(id: ResourceId): OwnFacts | undefined;
  joins(): Iterable<Join>;
}

export class Unwritten {
  readonly #views = new Set<ResourceId>();
  readonly #gone = new Set<ResourceId>();
  readonly #own = new Set<ResourceId>();
  readonly #separations: [ResourceId, ResourceId, number][] = [];
  #joins = false;

  get isEmpty(): boolean {
    const rows = this.#views.size + this.#gone.size + this.#own.size + this.#separations.length;
    return rows === 0 && !this.#joins;
  }

  noteView(id: ResourceId): void {
    this.#views.add(id);
  }

  noteGone(id: ResourceId): void {
    this.#views.delete(id);
    this.#gone.add(id);
  }

  noteOwn(id: ResourceId): void {
    this.#own.add(id);
  }

  noteJoins(): void {
    this.#joins = true;
  }

  noteSeparation(one: ResourceId, other: ResourceId, at: number): void {
    this.#separations.push([one, other, at]);
  }

  /** Inside the caller's transaction. Call `written` once that is committed. */
  write(db: Database, now: PictureNow): void {
    for (const id of this.#gone) deleteView(db, id);
    for (const id of this.#views) {
      const view = now.viewOf(id);
      if (view) writeView(db, view);
    }
    for (const id of this.#own) writeOwnFacts(db, id, now.ownOf(id));
    if (this.#joins) writeJoins(db, now.joins());
    for (const [one, other, at] of this.#separations) writeSeparation(db, one, other, at);
  }

  written(): void {
    this.#views.clear();
    this.#gone.clear();
    this.#own.clear();
    this.#separations.length = 0;
    this.#joins = false;
  }
}
