/**
 * Which views are of one thing. A machine that an agent reports and a hypervisor lists is seen twice;
 * a join says so: the absorbed view is shown in the picture of the other, and nothing of either is
 * rewritten, so a join can be undone at any time, with the history of both as it was.
 *
 * The parts of joined machines follow: their joins are implied (`twin-parts`).
 */
import type { MergeId, ResourceId } from "../contract/ids.ts";

export interface Join {
  id: MergeId;
  absorbed: ResourceId;
  into: ResourceId;
  how: "found" | "said";
  /** Why they are the same, in words. */
  evidence: string;
  at: number;
}

export class Joins {
  readonly #byAbsorbed = new Map<ResourceId, Join>();
  readonly #implied = new Map<ResourceId, ResourceId>();
  readonly #members = new Map<ResourceId, Set<ResourceId>>();

  get isEmpty(): boolean {
    return this.#byAbsorbed.size === 0;
  }

  all(): IterableIterator<Join> {
    return this.#byAbsorbed.values();
  }

  ofAbsorbed(id: ResourceId): Join | undefined {
    return this.#byAbsorbed.get(id);
  }

  /** Under which id a view is shown. */
  shownAs(id: ResourceId): ResourceId {
    return this.#byAbsorbed.get(id)?.into ?? this.#implied.get(id) ?? id;
  }

  /** The views that are shown under an id, itself among them. */
  shownIn(id: ResourceId): ResourceId[] {
    return [id, ...(this.#members.get(id) ?? [])];
  }

  isJoined(id: ResourceId): boolean {
    return this.#members.has(id) || this.shownAs(id) !== id;
  }

  /** Whether it is joined by more than its name. */
  isSaidOrFound(id: ResourceId): boolean {
    return this.#byAbsorbed.has(id) || this.shownIn(id).some((other) => this.#byAbsorbed.has(other));
  }

  /** What was absorbed by the absorbed one comes along. */
  add(join: Join): void {
    for (const other of [...this.#byAbsorbed.values()]) {
      if (other.into !== join.absorbed) continue;
      this.remove(other.absorbed);
      this.#put({ ...other, into: join.into });
    }
    this.#put(join);
  }

  remove(absorbed: ResourceId): void {
    const join = this.#byAbsorbed.get(absorbed);
    if (!join) return;
    this.#byAbsorbed.delete(absorbed);
    this.#leave(join.into, absorbed);
  }

  imply(absorbed: ResourceId, into: ResourceId): void {
    this.#implied.set(absorbed, into);
    this.#enter(into, absorbed);
  }

  forgetImplied(id: ResourceId): void {
    const into = this.#implied.get(id);
    if (into === undefined) return;
    this.#implied.delete(id);
    this.#leave(into, id);
  }

  #put(join: Join): void {
    this.#byAbsorbed.set(join.absorbed, join);
    this.#enter(join.into, join.absorbed);
  }

  #enter(into: ResourceId, id: ResourceId): void {
    const members = this.#members.get(into) ?? new Set();
    this.#members.set(into, members.add(id));
  }

  #leave(into: ResourceId, id: ResourceId): void {
    const members = this.#members.get(into);
    members?.delete(id);
    if (members?.size === 0) this.#members.delete(into);
  }
}
