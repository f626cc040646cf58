/**
 * The current picture of one org: every resource with its newest values, in memory, and what is kept
 * about each on disk. Only `runtime/pipeline` and what people say about a resource change it.
 *
 * A source's word about a thing is a view, with an id of its own that never changes. What is shown is
 * the picture: one resource per thing, made of its views (`combine`) and of what people said about
 * it. Nearly always there is one view and nothing was said, and the picture is the view itself.
 */
import type { Database } from "../../db/driver.ts";
import { MergeId, type OrgId, ResourceId } from "../contract/ids.ts";
import type { Report } from "../contract/report.ts";
import type { Metrics, OwnFacts, Resource, ResourceChange } from "../contract/resource.ts";
import { MapOfSets } from "../lib/map-of-sets.ts";
import { derivedId, mintId } from "../lib/random-id.ts";
import { byCloseness, combine, parentAmong, type View } from "./combine.ts";
import { isSettledInSilence, type SourceRhythm, statusInSilence } from "./freshness.ts";
import { type Join, Joins } from "./joins.ts";
import { changeBetween, mergeResource } from "./merge.ts";
import { findSame, machineViews } from "./same-machine.ts";
import {
  type Origin,
  pairKey,
  readJoins,
  readOwnFacts,
  readSeparations,
  readViews,
} from "./stored-inventory.ts";
import { joinTwins, splitTwins } from "./twin-parts.ts";
import { Unwritten } from "./unwritten.ts";

export interface PictureChange {
  changed: ResourceChange[];
  removed: ResourceId[];
}

/** Under which ids the values of a report are kept: those of the views. */
export interface SeenValues {
  id: ResourceId;
  metrics: Metrics;
}

interface KnownView extends View {
  origin: Origin;
}

export class Inventory {
  readonly #db: () => Database;
  readonly #orgId: OrgId;
  readonly #runs: (source: string, key: string) => boolean;
  readonly #views = new Map<ResourceId, KnownView>();
  readonly #partsOf = new MapOfSets<ResourceId, ResourceId>();
  readonly #idByOrigin = new Map<string, ResourceId>();
  readonly #joins = new Joins();
  readonly #separated: Set<string>;
  readonly #own = new Map<ResourceId, OwnFacts>();
  readonly #picture = new Map<ResourceId, Resource>();
  readonly #unwritten = new Unwritten();
  /** A machine is new, or its addresses are: somebody may be the same. */
  #lookForSame = false;

  /** `runs`: whether this source is the one that makes the check of this key. */
  constructor(
    db: () => Database,
    orgId: OrgId,
    runs: (source: string, key: string) => boolean = () => false,
  ) {
    this.#db = db;
    this.#orgId = orgId;
    this.#runs = runs;
    this.#separated = new Set(readSeparations(db()));
    this.#load(db());
  }

  get(id: ResourceId): Resource | undefined {
    return this.#picture.get(id);
  }

  all(): IterableIterator<Resource> {
    return this.#picture.values();
  }

  get size(): number {
    return this.#picture.size;
  }

  /** Whether it is that one, a part of it, or a part of a part. */
  isWithin(id: ResourceId, whole: ResourceId): boolean {
    let current: ResourceId | undefined = id;
    for (let depth = 0; current !== undefined && depth < MAX_DEPTH; depth++) {
      if (current === whole) return this.#picture.has(id);
      current = this.#picture.get(current)?.parentId;
    }
    return false;
  }

  /** What is seen of a resource, closest source first. */
  viewsOf(id: ResourceId): { id: ResourceId; source: string }[] {
    return byCloseness(this.#viewsIn(id)).map(({ resource }) => ({
      id: resource.id,
      source: resource.sources[0] ?? "",
    }));
  }

  /** What its source sees, whatever it is shown as. */
  viewOf(id: ResourceId): Resource | undefined {
    return this.#views.get(id)?.resource;
  }

  /** Of the source with this name, the ids under which it is shown, each once. */
  idsFrom(source: string): ResourceId[] {
    const ids = new Set<ResourceId>();
    for (const { origin, resource } of this.#views.values())
      if (origin.source === source) ids.add(this.#joins.shownAs(resource.id));
    return [...ids];
  }

  /** Under which id what a source calls by this key is shown. */
  find(source: string, key: string): ResourceId | undefined {
    const id = this.#idByOrigin.get(originKey(source, key));
    return id && this.#joins.shownAs(id);
  }

  /** Who sees it, and what they call it. */
  originsOf(id: ResourceId): { source: string; key: string }[] {
    return this.#viewsIn(id).map(({ origin: { source, key } }) => ({ source, key }));
  }

  /** Whether nobody has been heard of it for some time: its status is what silence says. */
  isUnheard(id: ResourceId): boolean {
    return this.#viewsIn(id).every(({ isSilent }) => isSilent);
  }

  /** A thing and what it holds, by one step. */
  withParts(ids: Iterable<ResourceId>): ResourceId[] {
    const all = new Set(ids);
    const asked = new Set(all);
    for (const { id, parentId } of this.#picture.values()) if (parentId && asked.has(parentId)) all.add(id);
    return [...all];
  }

  /** Takes a report into the picture. What it changes on disk waits for `write`. */
  merge(source: string, report: Report): PictureChange & { seen: SeenValues[] } {
    const seen: SeenValues[] = [];
    const changed: ResourceChange[] = [];
    const joined = new Set<ResourceId>();
    const regrouped = new Set<ResourceId>();
    for (const reported of report.resources) this.#idFor(source, reported.key, report.at);
    for (const reported of report.resources) {
      const id = this.#idFor(source, reported.key, report.at);
      const parentId = this.#parentOf(source, reported.parent);
      const known = this.#views.get(id);
      const merged = mergeResource(known?.resource, reported, { id, parentId, source }, report.at);
      const origin = { source, key: reported.key, parentKey: reported.parent };
      this.#keep({ origin, resource: merged.resource, isSilent: false });
      seen.push({ id, metrics: reported.metrics });
      if (merged.described) this.#unwritten.noteView(id);
      if (merged.described) this.#noticeMachine(merged.resource);
      if (isCalledAnew(merged.change))
        for (const parent of [known?.resource.parentId, parentId]) this.#noticeGroup(regrouped, parent);
      if (!known && reported.kind === "check") changed.push(...this.#joinCheck(id, origin, report.at));
      if (this.#isPlain(id, parentId)) {
        this.#picture.set(id, merged.resource);
        changed.push(merged.change);
      } else joined.add(id);
    }
    const parts = this.#regroup(regrouped);
    for (const id of joined) changed.push(...this.#redraw(this.#joins.shownAs(id)));
    const same = this.#lookForSame ? this.#joinSame(report.at) : NOTHING;
    return { seen, ...this.#together({ changed, removed: [] }, parts, same) };
  }

  /**
   * The same values for a report that is older than the newest of its source: nothing is shown of it,
   * and what is not known any more gets an id for its history.
   */
  place(source: string, report: Report): SeenValues[] {
    for (const reported of report.resources) this.#idFor(source, reported.key, report.at);
    return report.resources.map((reported) => {
      const id = this.#idFor(source, reported.key, report.at);
      if (!this.#views.has(id)) {
        const parentId = this.#parentOf(source, reported.parent);
        const said = { ...reported, status: "unknown" } as const;
        const { resource } = mergeResource(undefined, said, { id, parentId, source }, report.at);
        const origin = { source, key: reported.key, parentKey: reported.parent };
        this.#keep({ origin, resource, isSilent: true });
        if (parentId) this.#joinTwins(this.#joins.shownAs(parentId));
        this.#redraw(this.#joins.shownAs(id));
        this.#unwritten.noteView(id);
      }
      return { id, metrics: reported.metrics };
    });
  }

  /** Draws the consequences of silence. */
  judgeSilence(
    rhythmOf: (source: string) => SourceRhythm,
    now: number,
    listeningSince: number,
  ): PictureChange {
    const change: PictureChange = { changed: [], removed: [] };
    const regrouped = new Set<ResourceId>();
    for (const [id, view] of [...this.#views]) {
      const status = statusInSilence(view.resource, rhythmOf(view.origin.source), now, listeningSince);
      if (status === view.resource.status) continue;
      if (status === "forgotten") {
        const others = this.#joins.shownIn(this.#joins.shownAs(id)).filter((other) => other !== id);
        this.#drop(id);
        change.removed.push(id);
        for (const other of others) change.changed.push(...this.#redraw(this.#joins.shownAs(other)));
        this.#noticeGroup(regrouped, view.resource.parentId);
        continue;
      }
      this.#keep({ ...view, isSilent: true, resource: { ...view.resource, status } });
      this.#unwritten.noteView(id);
      change.changed.push(...this.#redraw(this.#joins.shownAs(id)));
    }
    return this.#together(change, this.#regroup(regrouped));
  }

  /** Whether silence has nothing more to say: every machine is down, of every part it is unknown how it is. */
  isSilent(rhythmOf: (source: string) => SourceRhythm): boolean {
    for (const { origin, resource } of this.#views.values())
      if (!isSettledInSilence(resource, rhythmOf(origin.source))) return false;
    return true;
  }

  /** What a person says; undefined fields stay, null ones go. */
  say(
    id: ResourceId,
    facts: { [Name in keyof OwnFacts]?: OwnFacts[Name] | null | undefined },
  ): PictureChange {
    const own = { ...this.#own.get(id) };
    const others = this.#joins.shownIn(id).filter((other) => other !== id && this.#own.has(other));
    for (const [name, value] of Object.entries(facts) as [keyof OwnFacts, never][]) {
      if (value === undefined) continue;
      const isNothing = !value || (Array.isArray(value) && (value as unknown[]).length === 0);
      if (!isNothing) own[name] = value;
      else for (const said of [own, ...others.map((other) => this.#own.get(other))]) delete said?.[name];
    }
    this.#own.set(id, own);
    for (const one of [id, ...others]) {
      if (Object.keys(this.#own.get(one) ?? {}).length === 0) this.#own.delete(one);
      this.#unwritten.noteOwn(one);
    }
    return { changed: this.#redraw(id), removed: [] };
  }

  /** With its parts, and whatever was joined to it. */
  forget(id: ResourceId): PictureChange {
    const removed: ResourceId[] = [];
    const gone = new Set([id]);
    /* A part of a part of it goes too: parents come before their parts only by luck. */
    for (let before = 0; before < gone.size; ) {
      before = gone.size;
      for (const { id: part, parentId } of this.#picture.values())
        if (parentId && gone.has(parentId)) gone.add(part);
    }
    const regrouped = new Set<ResourceId>();
    for (const one of gone) {
      for (const { resource } of this.#viewsIn(one)) {
        this.#drop(resource.id);
        this.#noticeGroup(regrouped, resource.parentId);
      }
      removed.push(one);
    }
    return this.#together({ changed: [], removed }, this.#regroup(regrouped));
  }

  joins(): Join[] {
    return [...this.#joins.all()];
  }

  /** `absorbed` and its parts are shown in the picture of `into`. */
  join(absorbed: ResourceId, into: ResourceId, why: Pick<Join, "how" | "evidence" | "at">): PictureChange {
    this.#joins.add({ id: MergeId.parse(mintId("m")), absorbed, into, ...why });
    this.#unwritten.noteJoins();
    this.#separated.delete(pairKey(absorbed, into));
    this.#picture.delete(absorbed);
    const parts = this.#regroup([into]);
    return this.#together({ changed: this.#redraw(into), removed: [absorbed] }, parts);
  }

  /** Undoes a join; the two are not found to be the same again. */
  separate(join: Join, at: number): PictureChange {
    const { absorbed, into } = join;
    this.#joins.remove(absorbed);
    this.#unwritten.noteJoins();
    this.#separated.add(pairKey(absorbed, into));
    this.#unwritten.noteSeparation(absorbed, into, at);
    splitTwins(this.#joins, absorbed, (id) => this.#partViews(id));
    const parts = this.#regroup([into, absorbed]);
    return this.#together(
      { changed: [...this.#redraw(into), ...this.#redraw(absorbed)], removed: [] },
      parts,
    );
  }

  /** Puts back the values of the newest sample after a restart. */
  restoreValues(source: string, at: number, values: Map<ResourceId, Metrics>): void {
    for (const [id, metrics] of values) {
      const view = this.#views.get(id);
      if (view?.origin.source !== source) continue;
      const resource = { ...view.resource, metrics, lastSeenAt: Math.max(at, view.resource.lastSeenAt) };
      this.#keep({ ...view, resource });
      this.#redraw(this.#joins.shownAs(id));
    }
  }

  get hasUnwritten(): boolean {
    return !this.#unwritten.isEmpty;
  }

  /** Writes what changed; inside the caller's transaction. Call `written` once that is committed. */
  write(): void {
    this.#unwritten.write(this.#db(), {
      viewOf: (id) => this.#views.get(id),
      ownOf: (id) => this.#own.get(id),
      joins: () => this.#joins.all(),
    });
  }

  written(): void {
    this.#unwritten.written();
  }

  /**
   * A new id follows from who saw the thing first, and when: what is taken from a journal once more after a
   * crash has the id that links to it were made with.
   */
  #idFor(source: string, key: string, at: number): ResourceId {
    const origin = originKey(source, key);
    let id = this.#idByOrigin.get(origin);
    if (!id) {
      id = ResourceId.parse(derivedId("r", JSON.stringify([this.#orgId, source, key, at])));
      this.#idByOrigin.set(origin, id);
    }
    return id;
  }

  #parentOf(source: string, parentKey: string | undefined): ResourceId | undefined {
    return parentKey === undefined ? undefined : this.#idByOrigin.get(originKey(source, parentKey));
  }

  #keep(view: KnownView): void {
    const { id, parentId } = view.resource;
    const before = this.#views.get(id)?.resource.parentId;
    if (before !== parentId) {
      if (before) this.#partsOf.delete(before, id);
      if (parentId) this.#partsOf.add(parentId, id);
    }
    this.#views.set(id, view);
  }

  /** Shown as its source sees it, under its own id. */
  #isPlain(id: ResourceId, parentId: ResourceId | undefined): boolean {
    if (this.#own.has(id)) return false;
    if (this.#joins.isEmpty) return true;
    return (
      !this.#joins.isJoined(id) && (parentId === undefined || this.#joins.shownAs(parentId) === parentId)
    );
  }

  #viewsIn(id: ResourceId): KnownView[] {
    return this.#joins.shownIn(id).flatMap((one) => this.#views.get(one) ?? []);
  }

  /** Draws one resource anew; what changed in it, or all of it where it is new. */
  #redraw(id: ResourceId): ResourceChange[] {
    const views = this.#viewsIn(id);
    if (views.length === 0) return [];
    const parent = parentAmong(views);
    const next = combine(id, views, parent && this.#joins.shownAs(parent), this.#saidOf(id));
    const before = this.#picture.get(id);
    this.#picture.set(id, next);
    if (!before) return [next];
    const change = changeBetween(before, next);
    return Object.keys(change).length > 1 ? [change] : [];
  }

  /** What people said of it, before it was joined too: the newer word is that about what is shown. */
  #saidOf(id: ResourceId): OwnFacts | undefined {
    const said = this.#joins.shownIn(id).flatMap((one) => this.#own.get(one) ?? []);
    return said.length > 0 ? Object.assign({}, ...said.toReversed()) : undefined;
  }

  /** And the parts of its parts. */
  #redrawParts(id: ResourceId): ResourceChange[] {
    const shown = new Set([id]);
    for (const one of shown)
      for (const view of this.#joins.shownIn(one))
        for (const part of this.#partsOf.get(view)) shown.add(this.#joins.shownAs(part));
    shown.delete(id);
    return [...shown].flatMap((part) => this.#redraw(part));
  }

  #partViews(id: ResourceId): Resource[] {
    return this.#partsOf.get(id).flatMap((part) => this.#views.get(part)?.resource ?? []);
  }

  /** What a source sees in something has changed: if others see it too, its parts are to be looked at. */
  #noticeGroup(regrouped: Set<ResourceId>, parentId: ResourceId | undefined): void {
    if (parentId && this.#joins.isJoined(parentId)) regrouped.add(this.#joins.shownAs(parentId));
  }

  #regroup(machines: Iterable<ResourceId>): PictureChange {
    const all = [...machines];
    const removed = all.flatMap((id) => this.#joinTwins(id));
    return { changed: all.flatMap((id) => this.#redrawParts(id)), removed };
  }

  /** Whoever is told at once that something has changed and is gone would show it. */
  #together(...all: PictureChange[]): PictureChange {
    return {
      changed: all.flatMap(({ changed }) => changed.filter(({ id }) => this.#picture.has(id))),
      removed: all.flatMap(({ removed }) => removed.filter((id) => !this.#picture.has(id))),
    };
  }

  /** The ids that are not shown any more. */
  #joinTwins(machine: ResourceId): ResourceId[] {
    if (!this.#joins.isJoined(machine)) return [];
    const joined = joinTwins(this.#joins, machine, (id) => this.#partViews(id));
    return joined.filter((id) => this.#picture.delete(id));
  }

  /** A check stays the same, with its past, whoever makes it. */
  #joinCheck(id: ResourceId, { source, key }: Origin, at: number): ResourceChange[] {
    if (!this.#runs(source, key)) return [];
    for (const [other, { origin }] of this.#views) {
      if (other === id || origin.key !== key) continue;
      const into = this.#joins.shownAs(other);
      return this.join(id, into, { how: "found", evidence: "it is the same check", at }).changed;
    }
    return [];
  }

  #noticeMachine({ kind }: Resource): void {
    if (kind === "host" || kind === "vm" || kind === "lxc" || kind === "interface") this.#lookForSame = true;
  }

  #joinSame(at: number): PictureChange {
    this.#lookForSame = false;
    const seen = [...this.#views.values()].map(({ resource }) => resource);
    const views = machineViews(seen, (id) => this.#joins.isJoined(id));
    const change: PictureChange = { changed: [], removed: [] };
    for (const { absorbed, into, evidence } of findSame(views, (one, other) =>
      this.#separated.has(pairKey(one, other)),
    )) {
      const { changed, removed } = this.join(absorbed, into, { how: "found", evidence, at });
      change.changed.push(...changed);
      change.removed.push(...removed);
    }
    return change;
  }

  #drop(id: ResourceId): void {
    const view = this.#views.get(id);
    if (view) this.#idByOrigin.delete(originKey(view.origin.source, view.origin.key));
    for (const other of this.#joins.shownIn(id)) this.#joins.forgetImplied(other);
    for (const join of this.joins())
      if (join.absorbed === id || join.into === id) this.#joins.remove(join.absorbed);
    this.#views.delete(id);
    if (view?.resource.parentId) this.#partsOf.delete(view.resource.parentId, id);
    this.#picture.delete(id);
    this.#own.delete(id);
    this.#unwritten.noteGone(id);
  }

  #load(db: Database): void {
    const stored = readViews(db);
    for (const { origin, resource } of stored)
      this.#idByOrigin.set(originKey(origin.source, origin.key), resource.id);
    for (const { origin, resource } of stored) {
      const parentId = this.#parentOf(origin.source, origin.parentKey);
      /* Until it is heard of again, it is only known how it was. */
      this.#keep({ origin, resource: { ...resource, ...(parentId && { parentId }) }, isSilent: true });
    }
    for (const [id, own] of readOwnFacts(db)) this.#own.set(id, own);
    for (const join of readJoins(db)) this.#joins.add(join);
    for (const into of new Set(this.joins().map((join) => join.into))) this.#joinTwins(into);
    for (const id of this.#views.keys()) this.#redraw(this.#joins.shownAs(id));
  }
}

/** A part of a part of a part: deeper is no machine any more. */
const MAX_DEPTH = 8;
const NOTHING: PictureChange = { changed: [], removed: [] };

/** Its parts may be those of another now, and it another's. */
function isCalledAnew(change: ResourceChange): boolean {
  return change.name !== undefined || change.kind !== undefined || "parentId" in change;
}

function originKey(source: string, key: string): string {
  return JSON.stringify([source, key]);
}
