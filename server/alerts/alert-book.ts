/**
 * The alerts of one org: which are open, how far every rule has come, what is still to be written and
 * told. Changed by what is seen (`look`), by time (`tick`), and by people (`amend`).
 *
 * What is decided is written with the report that led to it, in the same transaction, and told when it
 * is on disk: so whatever was told is there after a crash, and what was not written is decided again,
 * from the journal, in the same way. Where the disk refuses, it is told all the same, and once: that a
 * disk is full is worth knowing.
 *
 * Time is what reports and ticks say. Where it jumps (somebody set the clock, the machine slept) what
 * waits is moved along, so a jump makes nothing fire and nothing wait for longer. A restart is no jump:
 * what waited before goes on waiting from when it began.
 */
import type { Database } from "../../db/driver.ts";
import { ALERT_LIMITS } from "../contract/alert-limits.ts";
import type {
  Alert,
  AlertFacts,
  Explained,
  RuleSettings,
  RuleTrial,
  SilenceScope,
  TimelineEntry,
} from "../contract/alerts.ts";
import { AlertId, type OrgId, type ResourceId, type SilenceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { factsOf, fits } from "../contract/scope.ts";
import { derivedId } from "../lib/random-id.ts";
import type { Usual } from "./baseline.ts";
import { infoOf } from "./defaults.ts";
import {
  close,
  type EvaluateAround,
  type Evaluated,
  ended,
  evaluate,
  findingOf,
  firesAt,
  isToldByAnother,
  limitsFor,
  raisedNow,
  type Stand,
  shifted,
  type Transition,
} from "./evaluate.ts";
import { type Applied, hasJustStarted } from "./rule.ts";
import { RuleBook } from "./rule-book.ts";
import { covers, isPast, touchesMinute } from "./silence-windows.ts";
import * as stored from "./stored-alerts.ts";
import { measured } from "./threshold-rules.ts";

export type AlertEventType = "alert.fired" | "alert.updated" | "alert.resolved";

export interface AlertSurroundings {
  db: () => Database;
  orgId: OrgId;
  version: string;
  inventory: {
    get(id: ResourceId): Resource | undefined;
    find(source: string, key: string): ResourceId | undefined;
    isSilent(id: ResourceId): boolean;
    isUnasked(id: ResourceId): boolean;
    all(): Iterable<Resource>;
  };
  fullInMs(id: ResourceId): number | undefined;
  usualOf(id: ResourceId, metric: string): Usual | undefined;
  tell(type: AlertEventType, alert: Alert): void;
  /** Has people told of it who are not looking; in the transaction in which it is written. */
  notify(transitions: readonly Transition[]): void;
  commitWithin(ms: number): void;
}

const MINUTE_MS = 60_000;
/** A transition is told within this time: one commit for a storm. */
const TOLD_WITHIN_MS = 100;
/** What has begun to wait and is in no journal may be in memory only for so long. */
const WAITING_WITHIN_MS = 15_000;
/** Ticks come every ten seconds: time that passed without one did not pass. */
const JUMP_AHEAD_MS = 45_000;
const JUMP_BACK_MS = 30_000;
/** Of what a change would find now. */
const TRIAL_EXAMPLES = 5;
/** Alerts that end between two looks at whether there are too many past ones. */
const PRUNE_EVERY = 500;

export class AlertBook {
  readonly #around: AlertSurroundings;
  readonly #evaluation: EvaluateAround;
  #rules: RuleBook;
  #revision: number;
  #silences: stored.StoredSilence[];
  #silencesOfMinute:
    | { minute: number; among: stored.StoredSilence[]; those: readonly stored.StoredSilence[] }
    | undefined;
  readonly #open = new Map<AlertId, Alert>();
  readonly #stands = new Map<ResourceId, Map<string, Stand>>();
  readonly #standsToWrite = new Map<ResourceId, Set<string>>();
  readonly #alertsToWrite = new Map<AlertId, Alert>();
  #entriesToWrite: [AlertId, TimelineEntry][] = [];
  #toTell: [AlertEventType, Alert][] = [];
  #toNotify: Transition[] = [];
  #endedUnpruned = PRUNE_EVERY;
  #lastAt: number | undefined;
  #ticks = false;

  constructor(around: AlertSurroundings) {
    const db = around.db();
    this.#around = around;
    const { revision, settings } = stored.readSettings(db);
    this.#rules = new RuleBook(settings);
    this.#revision = revision;
    this.#silences = stored.readSilences(db);
    for (const alert of stored.readOpen(db)) this.#open.set(alert.id, alert);
    for (const [id, rule, stand] of stored.readStands(db)) this.#keepStand(id, rule, stand);
    this.#evaluation = {
      parentOf: (resource) => this.#parentOf(resource),
      isSilent: (id) => around.inventory.isSilent(id),
      isUnasked: (id) => around.inventory.isUnasked(id),
      fullInMs: (id) => around.fullInMs(id),
      usualOf: (id, metric) => around.usualOf(id, metric),
      openOf: (id, rule) => this.#openOf(this.#stands.get(id)?.get(rule)),
      version: around.version,
      newId: (resource, rule, at) =>
        AlertId.parse(derivedId("l", JSON.stringify([around.orgId, resource.id, rule, at]))),
      silencedBy: (resource, rule, at) => this.silencedBy(resource, rule, at)?.id,
      /* What is hidden behind silence must not keep the silence from being told. */
      hasRoom: (rule) => {
        const isAboutSilence = rule.type === "state" && rule.isAboutSilence;
        return this.#open.size < ALERT_LIMITS.open + (isAboutSilence ? ALERT_LIMITS.openOfSilence : 0);
      },
    };
  }

  /** The worst first, then the newest. */
  open(): Alert[] {
    return [...this.#open.values()].sort(
      (a, b) => Number(b.level === "critical") - Number(a.level === "critical") || b.firedAt - a.firedAt,
    );
  }

  /** Open, or in the file. */
  find(id: AlertId): Alert | undefined {
    return this.#open.get(id) ?? this.#alertsToWrite.get(id) ?? stored.findAlert(this.#around.db(), id);
  }

  get settings(): { settings: RuleSettings; revision: number } {
    return { settings: this.#rules.settings, revision: this.#revision };
  }

  get rules(): RuleBook {
    return this.#rules;
  }

  silences(): readonly stored.StoredSilence[] {
    return this.#silences;
  }

  /** Whether time alone changes nothing: nothing waits, nothing ends at its time. */
  get isAtRest(): boolean {
    if (this.#open.size > 0 && this.#silences.some(({ when }) => !isPast(when, this.#lastAt ?? 0)))
      return false;
    for (const { snoozedUntil } of this.#open.values()) if (snoozedUntil !== undefined) return false;
    for (const stands of this.#stands.values())
      for (const { since, alertId, calmSince } of stands.values())
        if ((since && !alertId) || calmSince !== undefined) return false;
    return true;
  }

  /** What was just seen of these, whatever it was: of what is gone its alerts end. `at`: by our clock. */
  look(ids: Iterable<ResourceId>, at: number, { isJournaled = false } = {}): void {
    this.#notice(at);
    let waits = false;
    for (const id of ids) waits = this.#lookAt(id, at) || waits;
    if (waits && !isJournaled) this.#around.commitWithin(WAITING_WITHIN_MS);
  }

  /** Looks again at whatever time alone could change. */
  tick(at: number): void {
    this.#ticks = true;
    this.look([...this.#stands.keys()], at);
  }

  /** Replaces the settings; all that is watched is looked at by the new ones. Written with the next commit. */
  setRules(settings: RuleSettings, at: number): void {
    const revision = this.#revision + 1;
    const rules = new RuleBook(settings);
    const db = this.#around.db();
    db.transaction(() => stored.writeSettings(db, revision, settings));
    this.#revision = revision;
    this.#rules = rules;
    this.#lookAtAll(at);
  }

  /** A new one, or in the place of the one it was. */
  putSilence(silence: stored.StoredSilence, at: number): void {
    const db = this.#around.db();
    db.transaction(() => stored.writeSilence(db, silence));
    const place = this.#silences.findIndex(({ id }) => id === silence.id);
    this.#silences = place < 0 ? [...this.#silences, silence] : this.#silences.with(place, silence);
    this.tick(at);
  }

  removeSilence(id: SilenceId, at: number): void {
    const db = this.#around.db();
    db.transaction(() => stored.deleteSilence(db, id));
    this.#silences = this.#silences.filter((silence) => silence.id !== id);
    this.tick(at);
  }

  /** What a person did to an open one. */
  amend(alert: Alert, entry: TimelineEntry): void {
    this.#take({ type: "updated", alert: { ...alert, changedAt: entry.at }, entries: [entry] });
  }

  /** To an open one or a past one; the alert itself stays as it is. */
  note(id: AlertId, entry: TimelineEntry): void {
    this.#entriesToWrite.push([id, entry]);
    this.#around.commitWithin(TOLD_WITHIN_MS);
  }

  closeByHand(alert: Alert, entry: Pick<TimelineEntry, "by" | "note">, at: number): Alert {
    const { id } = alert.resource;
    const { stand, transition } = close(alert, this.#stands.get(id)?.get(alert.rule), at);
    this.#setStand(id, alert.rule, stand);
    if (!transition) return alert;
    const entries = transition.entries.map((one) => ({ ...one, ...entry }));
    this.#take({ ...transition, entries });
    return transition.alert;
  }

  get comparesAny(): boolean {
    return this.#rules.comparesAny;
  }

  /** The metrics of it that are compared with what is usual for them. */
  comparedOf(resource: Resource): string[] {
    return this.#rules.for(resource, this.#parentOf(resource)).flatMap(({ rule, off }) => {
      if (off || rule.type !== "threshold" || !rule.baseline || rule.isFor?.(resource) === false) return [];
      return rule.metric in resource.metrics ? [rule.metric] : [];
    });
  }

  /** Whether a rule looks at it. */
  isWatched(resource: Resource, rule: string): boolean {
    const applied = this.#rules.for(resource, this.#parentOf(resource)).find((one) => one.rule.name === rule);
    return applied !== undefined && !applied.off && applied.rule.isFor?.(resource) !== false;
  }

  silencedBy(resource: Resource, rule: string, at: number): stored.StoredSilence | undefined {
    const now = this.#silencesAt(at);
    if (now.length === 0) return undefined;
    const facts = this.factsOf(resource, rule);
    return now.find(({ scope, when }) => (when.type !== "once" || covers(when, at)) && fits(scope, facts));
  }

  /** Those that may cover a moment: reading a clock on a wall for each alert and each silence would take seconds. */
  #silencesAt(at: number): readonly stored.StoredSilence[] {
    const minute = Math.floor(at / MINUTE_MS);
    const known = this.#silencesOfMinute;
    if (known?.minute === minute && known.among === this.#silences) return known.those;
    const those = this.#silences.filter(({ when }) => touchesMinute(when, at));
    this.#silencesOfMinute = { minute, among: this.#silences, those };
    return those;
  }

  /** What a silence or a route looks at. */
  factsOf(resource: Resource, rule: string): AlertFacts {
    return factsOf(rule, resource, this.#parentOf(resource));
  }

  /** How every rule stands with a resource. */
  explain(resource: Resource, at: number): Explained[] {
    const stands = this.#stands.get(resource.id);
    return this.#rules
      .for(resource, this.#parentOf(resource))
      .filter(
        ({ rule }) => rule.kinds !== undefined || rule.type === "state" || rule.metric in resource.metrics,
      )
      .map((applied) => this.#explainOne({ resource, applied, stand: stands?.get(applied.rule.name), at }));
  }

  /** What a rule would find now by other settings: everywhere, or with what fits a scope. */
  tryOut(settings: RuleSettings, rule: string, among: SilenceScope = {}): RuleTrial {
    const book = new RuleBook(settings);
    const found: RuleTrial["examples"] = [];
    for (const resource of this.#around.inventory.all()) {
      if (!fits(among, this.factsOf(resource, rule))) continue;
      const applied = book.for(resource, this.#parentOf(resource)).find((one) => one.rule.name === rule);
      const raised = applied && raisedNow(resource, applied, this.#evaluation);
      if (raised) found.push(raised);
    }
    const critical = found.filter(({ level }) => level === "critical").length;
    const worst = found.sort((a, b) => Number(b.level === "critical") - Number(a.level === "critical"));
    return { found: found.length, critical, examples: worst.slice(0, TRIAL_EXAMPLES) };
  }

  get hasUnwritten(): boolean {
    return this.#alertsToWrite.size > 0 || this.#entriesToWrite.length > 0 || this.#standsToWrite.size > 0;
  }

  /** Writes what changed; inside the caller's transaction. Call `written`, or `notWritten`, after it. */
  write(at: number): void {
    const db = this.#around.db();
    for (const [id, rules] of this.#standsToWrite)
      for (const rule of rules) stored.writeStand(db, id, rule, this.#stands.get(id)?.get(rule));
    for (const alert of this.#alertsToWrite.values()) stored.writeAlert(db, alert);
    for (const [id, entry] of this.#entriesToWrite) stored.writeEntry(db, id, entry);
    if (this.#toNotify.length > 0) this.#around.notify(this.#toNotify);
    if (this.#endedUnpruned >= PRUNE_EVERY) stored.prune(db, at);
  }

  written(): void {
    if (this.#endedUnpruned >= PRUNE_EVERY) this.#endedUnpruned = 0;
    this.#standsToWrite.clear();
    this.#alertsToWrite.clear();
    this.#entriesToWrite = [];
    this.#toNotify = [];
    this.#tellAll();
  }

  /** It stays to be written, and is told now. */
  notWritten(): void {
    this.#tellAll();
  }

  /** Returns whether something has begun to wait. */
  #lookAt(id: ResourceId, at: number): boolean {
    const resource = this.#around.inventory.get(id);
    if (!resource) {
      this.#endAll(id, at);
      return false;
    }
    const stands = this.#stands.get(id);
    const applied = this.#rules.for(resource, this.#parentOf(resource));
    let waits = false;
    for (const one of applied) {
      const stand = stands?.get(one.rule.name);
      if (one.off && !stand) continue;
      const evaluated = evaluate(
        { resource, applied: one, stand, open: this.#openOf(stand), now: at },
        this.#evaluation,
      );
      if (evaluated.stand === stand) continue;
      waits ||= evaluated.stand?.since !== undefined && stand?.since === undefined;
      this.#settle(id, one.rule.name, evaluated);
    }
    if (stands) this.#endStrayed(id, stands, applied, at);
    return waits;
  }

  /** Rules that are not there any more, or not for this kind. */
  #endStrayed(id: ResourceId, stands: Map<string, Stand>, applied: readonly Applied[], at: number): void {
    for (const [rule, stand] of [...stands])
      if (!applied.some((one) => one.rule.name === rule))
        this.#settle(id, rule, ended({ open: this.#openOf(stand), now: at }, "off"));
  }

  #endAll(id: ResourceId, at: number): void {
    for (const [rule, stand] of [...(this.#stands.get(id) ?? [])])
      this.#settle(id, rule, ended({ open: this.#openOf(stand), now: at }, "gone"));
  }

  #lookAtAll(at: number): void {
    this.look(
      [...this.#around.inventory.all()].map(({ id }) => id),
      at,
    );
    this.tick(at);
  }

  #settle(id: ResourceId, rule: string, { stand, transition }: Evaluated): void {
    this.#setStand(id, rule, stand);
    if (transition) this.#take(transition);
  }

  #take(transition: Transition): void {
    const { type, alert, entries } = transition;
    if (type === "resolved") {
      this.#open.delete(alert.id);
      this.#endedUnpruned++;
    } else this.#open.set(alert.id, alert);
    this.#alertsToWrite.set(alert.id, alert);
    for (const entry of entries) this.#entriesToWrite.push([alert.id, entry]);
    this.#toTell.push([`alert.${type}`, alert]);
    this.#toNotify.push(transition);
    this.#around.commitWithin(TOLD_WITHIN_MS);
  }

  #tellAll(): void {
    const told = this.#toTell;
    this.#toTell = [];
    for (const [type, alert] of told) this.#around.tell(type, alert);
  }

  #openOf(stand: Stand | undefined): Alert | undefined {
    return stand?.alertId && this.#open.get(stand.alertId);
  }

  #setStand(id: ResourceId, rule: string, stand: Stand | undefined): void {
    const known = this.#stands.get(id)?.get(rule);
    if (isSame(known, stand)) return;
    if (stand) this.#keepStand(id, rule, stand);
    else if (this.#stands.get(id)?.delete(rule) && this.#stands.get(id)?.size === 0) this.#stands.delete(id);
    const toWrite = this.#standsToWrite.get(id);
    if (toWrite) toWrite.add(rule);
    else this.#standsToWrite.set(id, new Set([rule]));
  }

  #keepStand(id: ResourceId, rule: string, stand: Stand): void {
    const stands = this.#stands.get(id);
    if (stands) stands.set(rule, stand);
    else this.#stands.set(id, new Map([[rule, stand]]));
  }

  /** What it is a part of, or runs on; of a check the machine that makes it. */
  #parentOf({ kind, parentId, sources }: Resource): Resource | undefined {
    const { inventory } = this.#around;
    if (parentId) return inventory.get(parentId);
    const source = kind === "check" ? sources[0] : undefined;
    if (!source?.startsWith("agent:")) return undefined;
    const id = inventory.find(source, "host");
    return id && inventory.get(id);
  }

  /** The clock was set, or stood still for us: what waits is moved along. */
  #notice(at: number): void {
    const passed = this.#lastAt === undefined ? 0 : at - this.#lastAt;
    this.#lastAt = at;
    if (!this.#ticks || (passed <= JUMP_AHEAD_MS && passed >= -JUMP_BACK_MS)) return;
    for (const [id, stands] of this.#stands)
      for (const [rule, stand] of stands) this.#setStand(id, rule, shifted(stand, passed));
  }

  #explainOne({
    resource,
    applied,
    stand,
    at,
  }: {
    resource: Resource;
    applied: Applied;
    stand: Stand | undefined;
    at: number;
  }): Explained {
    const { rule, off, from } = applied;
    const finding =
      off || rule.isFor?.(resource) === false ? undefined : findingOf(resource, applied, this.#evaluation);
    const value = rule.type === "threshold" ? measured(rule, resource, this.#evaluation) : undefined;
    const silence = this.silencedBy(resource, rule.name, at);
    const since = stand?.since && Math.min(...Object.values(stand.since));
    const fires = stand && !stand.alertId ? firesAt(stand, applied) : undefined;
    const limits = limitsFor(resource, applied, this.#evaluation) ?? applied;
    const isCompared = rule.type === "threshold" && rule.baseline === true;
    const isOwn = limits.warning !== applied.warning || limits.critical !== applied.critical;
    const { baseline, ...info } = infoOf({ ...applied, warning: limits.warning, critical: limits.critical });
    return {
      ...info,
      /* Once it is known what is usual for it these are values like any other. */
      ...(baseline !== undefined && (isOwn ? { metric: baseline } : { baseline })),
      from: isOwn ? [...from, isCompared ? "what is usual for it" : "its own limits"] : from,
      ...(value !== undefined && Number.isFinite(value) && { value }),
      ...(typeof finding === "object" && { words: finding.words, level: finding.level }),
      ...(since !== undefined && { since }),
      ...(fires !== undefined && { firesAt: fires }),
      ...(stand?.alertId && { alertId: stand.alertId }),
      ...(silence && { silencedBy: silence.id }),
      ...this.#stateOf({ resource, applied, stand, finding, at }),
    };
  }

  #stateOf({
    resource,
    applied,
    stand,
    finding,
    at,
  }: {
    resource: Resource;
    applied: Applied;
    stand: Stand | undefined;
    finding: ReturnType<typeof findingOf>;
    at: number;
  }): Pick<Explained, "state" | "why"> {
    const { rule, off, from } = applied;
    if (off)
      return { state: "off", why: from.length > 1 ? `Switched off: ${from.at(-1)}.` : "Off by default." };
    if (rule.isFor?.(resource) === false) return { state: "off", why: "It is not for such a thing." };
    const open = this.#openOf(stand);
    if (open) return { state: "open", why: open.behind ? "It is not heard of now." : "It is wrong now." };
    if (stand?.closed)
      return { state: "closed", why: "Closed by hand; it is told of again once it has been over." };
    if (finding === "unknown") {
      const isCompared = rule.type === "threshold" && rule.baseline && rule.metric in resource.metrics;
      const why = isCompared ? "It is not known yet what is usual for it." : "Nothing is known about it now.";
      return { state: "quiet", why };
    }
    if (!finding) return { state: "quiet", why: "Nothing is wrong." };
    if (!stand?.since && rule.settles && hasJustStarted(resource, this.#evaluation))
      return { state: "quiet", why: "The machine has just started and is left to settle." };
    if (!stand?.since) return { state: "quiet", why: "It is on its way back, or about to be looked at." };
    if (isToldByAnother(finding.level, { resource, applied, now: at }, this.#evaluation))
      return { state: "waiting", why: "Another rule has told of it already." };
    const isFull = this.#open.size >= ALERT_LIMITS.open;
    return {
      state: "waiting",
      why: isFull ? "Too many alerts are open." : "It has not lasted for its delay yet.",
    };
  }
}

function isSame(one: Stand | undefined, other: Stand | undefined): boolean {
  if (one === other) return true;
  if (!one || !other) return false;
  return (
    one.alertId === other.alertId &&
    one.calmSince === other.calmSince &&
    one.unknownSince === other.unknownSince &&
    one.closed === other.closed &&
    one.fell === other.fell &&
    one.since?.warning === other.since?.warning &&
    one.since?.critical === other.since?.critical &&
    one.fired?.length === other.fired?.length &&
    one.fired?.[0] === other.fired?.[0] &&
    one.fired?.at(-1) === other.fired?.at(-1)
  );
}
