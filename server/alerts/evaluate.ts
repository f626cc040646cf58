/**
 * From what a rule finds to what is told. Pure: the same rule, resource, stand and time give the same
 * answer, so a report that is taken from the journal once more after a crash leads to the same alert.
 *
 * A level is reached when what raises it has held without a break for its delay. From then on it holds
 * until the value has come back past `clear` (a state: until it is not found any more). The alert has
 * the highest level that holds. Going up is told at once; going down, and being over, when that has
 * held for `clearAfterMs`. A rule that fired, or became critical again, four times within half an hour is flapping:
 * from then on it is over, or better, only when it has been for a quarter of an hour, which is one message instead of
 * many.
 *
 * What is not known neither begins nor ends anything: a value that is missing, a machine that is
 * silent. Who is silent together with what it runs on is not told of beside it; what was open before
 * stays open, behind it. A rule whose value has been missing for a quarter of an hour, although its
 * resource was heard of, has nothing left to look at. What another rule has told of the same trouble is
 * not told again, unless it is worse. Of a machine that has just started some rules wait
 * until it has settled.
 */
import type { Alert, AlertLevel, RuleTrial, TimelineEntry } from "../contract/alerts.ts";
import type { AlertId, ResourceId, SilenceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import type { Usual } from "./baseline.ts";
import {
  type Applied,
  type AppliedLevel,
  type Around,
  type Finding,
  hasJustStarted,
  isDownBySilence,
  isMachine,
  isPart,
  type Rule,
  type ThresholdRule,
} from "./rule.ts";
import { isBeyond, LEVELS, measured, reaches } from "./threshold-rules.ts";

/** How far a rule has come with a resource. Kept while there is anything to remember. */
export interface Stand {
  /** Since when what raises this level has held. */
  since?: { [Level in AlertLevel]?: number };
  alertId?: AlertId;
  /** Since when the level would be lower, or the alert over. */
  calmSince?: number;
  /** Since when nothing can be said although the resource is heard of. */
  unknownSince?: number;
  /** When it fired, or became critical again, within the last half hour. */
  fired?: number[];
  /** It was critical and has come down to a warning. */
  fell?: true;
  /** Closed by hand: nothing is told of it until it has been over. */
  closed?: true;
}

export interface Looked {
  resource: Resource;
  applied: Applied;
  stand: Stand | undefined;
  /** The one it has open. */
  open: Alert | undefined;
  now: number;
}

export interface EvaluateAround extends Around {
  newId(resource: Resource, rule: string, at: number): AlertId;
  silencedBy(resource: Resource, rule: string, at: number): SilenceId | undefined;
  /** The alert that a rule has open of it. */
  openOf(id: ResourceId, rule: string): Alert | undefined;
  /** Whether one more of this rule may be open. */
  hasRoom(rule: Rule): boolean;
}

export interface Transition {
  type: "fired" | "updated" | "resolved";
  alert: Alert;
  /** For its timeline; none where only a value moved. */
  entries: TimelineEntry[];
}

export interface Evaluated {
  /** Undefined: nothing to remember. */
  stand: Stand | undefined;
  transition?: Transition;
}

const FLAPPING_TIMES = 4;
const FLAPPING_WITHIN_MS = 30 * 60_000;
const FLAPPING_OVER_AFTER_MS = 15 * 60_000;
const GONE_AFTER_MS = 15 * 60_000;
/** A value that goes on moving is told again at most this often. */
const TELL_AGAIN_MS = 60_000;
/** Of what has no unit whose least change is known: this share of what was told. */
const RELATIVE_CHANGE = 0.05;

/** What lies ahead is of a clock that was set back since. */
function recent(fired: readonly number[] | undefined, now: number): number[] | undefined {
  return fired?.filter((at) => at > now - FLAPPING_WITHIN_MS && at <= now);
}

interface Read {
  /** Undefined: nothing wrong. */
  raised: AlertLevel | undefined;
  /** What is not back yet, of what may have been reached before. */
  held: { [Level in AlertLevel]: boolean };
  finding: Finding | undefined;
  threshold?: { [Level in AlertLevel]?: number };
}

export function evaluate(looked: Looked, around: EvaluateAround): Evaluated {
  const { resource, applied, stand, open, now } = looked;
  if (applied.off || applied.rule.isFor?.(resource) === false) return ended(looked, "off");
  if (resource.status === "unknown" && around.isUnasked(resource.id)) return ended(looked, "off");
  const behind = behindOf(looked, around);
  const found = behind === undefined ? readingOf(resource, applied, around) : "unknown";
  if (found === "unknown") return unknown(looked, around, behind);
  const read = isStillStarting(looked, around, found) ? { ...found, raised: undefined } : found;
  /* By far the most: nothing is wrong and nothing was. */
  if (!stand && read.raised === undefined) return QUIET;
  if (stand?.closed) return afterClosing(stand, read, now);

  const since = raisedSince(stand, read, applied, now);
  const fired = recent(stand?.fired, now);
  const memory = fired && fired.length > 0 ? { fired } : {};
  if (!open) {
    const level = reachedLevel(since, applied, now);
    if (!level || isToldByAnother(level, looked, around) || !around.hasRoom(applied.rule))
      return { stand: orNothing({ ...memory, ...(since && { since }) }) };
    return fire({ looked, around, read, level, since, fired: fired ?? [] });
  }
  return goOn({ looked, around, read, open, since, memory });
}

const QUIET: Evaluated = { stand: undefined };

/** What is open already goes on. */
function isStillStarting({ resource, applied, open }: Looked, around: Around, read: Read): boolean {
  if (!applied.rule.settles || open || read.raised === undefined) return false;
  return hasJustStarted(resource, around);
}

// What is found ------------------------------------------------------------------------------------------------

/** What is silent now, so that this rule has nothing to say: the resource, or what it runs on. */
function behindOf(
  { resource, applied }: Pick<Looked, "resource" | "applied">,
  around: Around,
): ResourceId | undefined {
  const { rule } = applied;
  const isAway = resource.status === "unknown" || resource.status === "down";
  if (!isAway) return undefined;
  const parent = around.parentOf(resource);
  if (parent && isAwayAsParent(parent, around)) return parent.id;
  if (rule.type === "state" && rule.isAboutSilence) return undefined;
  const isSilent = resource.status === "unknown" || isMachine(resource) || isDownBySilence(resource, around);
  return isSilent ? resource.id : undefined;
}

/** What nobody asks any more is unknown by somebody's wish, and says nothing about what is on it. */
function isAwayAsParent(parent: Resource, around: Around): boolean {
  if (parent.status === "unknown") return !around.isUnasked(parent.id);
  return parent.status === "down" && isMachine(parent);
}

function readingOf(resource: Resource, applied: Applied, around: Around): Read | "unknown" {
  const { rule } = applied;
  if (rule.type === "threshold") return readThreshold({ resource, rule, applied, around });
  const finding = rule.find(resource, around);
  if (finding === "unknown") return "unknown";
  /* A level that is off is told of as the other. */
  const level = finding && levelFor(finding.level, applied);
  return { raised: level, held: heldFrom(level), finding: level && finding };
}

function levelFor(level: AlertLevel, { warning, critical }: Applied): AlertLevel | undefined {
  if (level === "critical" && critical) return "critical";
  return warning ? "warning" : undefined;
}

function heldFrom(level: AlertLevel | undefined): Read["held"] {
  return { warning: level !== undefined, critical: level === "critical" };
}

function readThreshold({
  resource,
  rule,
  applied,
  around,
}: {
  resource: Resource;
  rule: ThresholdRule;
  applied: Applied;
  around: Around;
}): Read | "unknown" {
  const value = measured(rule, resource, around);
  const limits = limitsFor(resource, applied, around);
  if (value === undefined || !limits) return "unknown";
  const { direction } = rule;
  const { warning, critical } = limits;
  const isAt = (level: AppliedLevel | undefined) =>
    level?.trigger !== undefined && reaches(direction, value, level.trigger);
  const isHeld = (level: AppliedLevel | undefined) =>
    level !== undefined && isBeyond(direction, value, level);
  const raised = isAt(critical) ? "critical" : isAt(warning) ? "warning" : undefined;
  const held = { warning: isHeld(warning), critical: isHeld(critical) };
  if (!raised && !held.warning && !held.critical) return { raised, held, finding: undefined };
  return {
    raised,
    held,
    finding: { level: raised ?? "warning", value, ...rule.words(resource, value) },
    threshold: {
      ...(warning?.trigger !== undefined && { warning: warning.trigger }),
      ...(critical?.trigger !== undefined && { critical: critical.trigger }),
    },
  };
}

/**
 * The levels as they are for this resource: what it says of itself counts until somebody says otherwise. Undefined: it
 * is not known what is usual for it.
 */
export function limitsFor(
  resource: Resource,
  { rule, warning, critical }: Applied,
  around: Around,
): Pick<Applied, "warning" | "critical"> | undefined {
  if (rule.type === "threshold" && rule.baseline) {
    const usual = around.usualOf(resource.id, rule.metric);
    return usual && { warning: spreadOut(warning, usual), critical: spreadOut(critical, usual) };
  }
  const own = rule.type === "threshold" ? rule.limitsOf?.(resource) : undefined;
  if (!own) return { warning, critical };
  return { warning: limited(warning, own.warning), critical: limited(critical, own.critical) };
}

function spreadOut(level: AppliedLevel | undefined, { middle, spread }: Usual): AppliedLevel | undefined {
  if (level?.trigger === undefined) return level;
  const { trigger, clear = trigger } = level;
  return { ...level, trigger: middle + trigger * spread, clear: middle + clear * spread };
}

function limited(level: AppliedLevel | undefined, own: number | undefined): AppliedLevel | undefined {
  if (!level || level.isSet || own === undefined || level.trigger === undefined) return level;
  return { ...level, trigger: own, clear: own + ((level.clear ?? level.trigger) - level.trigger) };
}

// What becomes of it -------------------------------------------------------------------------------------------

function raisedSince(stand: Stand | undefined, read: Read, applied: Applied, now: number): Stand["since"] {
  if (!read.raised) return undefined;
  /* A clock that was set back does not make anything wait for longer than its delay. */
  const begun = (level: AlertLevel) => Math.min(stand?.since?.[level] ?? now, now);
  return {
    ...(applied.warning && { warning: begun("warning") }),
    ...(read.raised === "critical" && { critical: begun("critical") }),
  };
}

function reachedLevel(since: Stand["since"], applied: Applied, now: number): AlertLevel | undefined {
  const isReached = (level: AlertLevel) => {
    const at = since?.[level];
    const delayMs = applied[level]?.delayMs;
    return at !== undefined && delayMs !== undefined && now - at >= delayMs;
  };
  if (isReached("critical")) return "critical";
  return isReached("warning") ? "warning" : undefined;
}

interface Firing {
  looked: Looked;
  around: EvaluateAround;
  read: Read;
  level: AlertLevel;
  since: Stand["since"];
  fired: number[];
}

function fire({ looked, around, read, level, since, fired }: Firing): Evaluated {
  const { resource, applied, now } = looked;
  const times = timesOf(fired, now);
  const silencedBy = around.silencedBy(resource, applied.rule.name, now);
  const alert: Alert = {
    id: around.newId(resource, applied.rule.name, now),
    rule: applied.rule.name,
    level,
    ...subjectsOf(resource, around),
    ...factsOf(read, level, applied),
    firedAt: now,
    changedAt: now,
    ...(silencedBy && { silencedBy }),
    ...(isOften(times) && { flapping: true as const }),
  };
  const entries: TimelineEntry[] = [{ at: now, type: "fired", ...told(alert) }];
  if (alert.flapping) entries.push({ at: now, type: "flapping" });
  if (silencedBy) entries.push({ at: now, type: "silenced" });
  return {
    stand: { ...(since && { since }), alertId: alert.id, fired: times },
    transition: { type: "fired", alert, entries },
  };
}

interface GoingOn {
  looked: Looked;
  around: EvaluateAround;
  read: Read;
  open: Alert;
  since: Stand["since"];
  memory: Pick<Stand, "fired">;
}

function goOn({ looked, around, read, open, since, memory }: GoingOn): Evaluated {
  const { applied, stand, now } = looked;
  const reached = wantedLevel(open.level, read, since, applied, now);
  const isOthers = reached && rank(reached) > rank(open.level) && isToldByAnother(reached, looked, around);
  const wanted = isOthers ? open.level : reached;
  const isLess = rank(wanted) < rank(open.level);
  const calmSince = isLess ? Math.min(stand?.calmSince ?? now, now) : undefined;
  const calmMs = open.flapping ? FLAPPING_OVER_AFTER_MS : applied.clearAfterMs;
  const isCalm = calmSince !== undefined && now - calmSince >= calmMs;
  if (isCalm && !wanted) return over(open, "over", now, open.flapping ? {} : memory);
  const level = isLess && !isCalm ? open.level : (wanted ?? open.level);
  const isAgain = level === "critical" && open.level === "warning" && stand?.fell === true;
  const fired = isAgain ? timesOf(memory.fired, now) : memory.fired;
  const fell = level === "warning" && (open.level === "critical" || stand?.fell === true);
  const isFlapping = open.flapping === true || (isAgain && isOften(fired));
  const alert = changedAlert({ looked, around, read, open, level, isFlapping });
  return {
    stand: {
      ...(fired && { fired }),
      ...(fell && { fell }),
      ...(since && { since }),
      alertId: open.id,
      ...(calmSince !== undefined && !(isCalm && wanted) && { calmSince }),
    },
    ...(alert && { transition: { type: "updated", alert, entries: differences(open, alert, now) } }),
  };
}

function timesOf(fired: readonly number[] = [], now: number): number[] {
  return [...fired, now].slice(-FLAPPING_TIMES);
}

function isOften(times: readonly number[] = []): boolean {
  return times.length >= FLAPPING_TIMES;
}

/** Of one trouble that several rules can tell of, one does; not one that is quiet where this one would not be. */
export function isToldByAnother(
  level: AlertLevel,
  { resource, applied: { rule }, now }: Pick<Looked, "resource" | "applied" | "now">,
  around: EvaluateAround,
): boolean {
  return (rule.sameAs ?? []).some((other) => {
    const open = around.openOf(resource.id, other);
    if (!open || rank(open.level) < rank(level) || open.snoozedUntil !== undefined) return false;
    return open.silencedBy === undefined || around.silencedBy(resource, rule.name, now) !== undefined;
  });
}

function wantedLevel(
  current: AlertLevel,
  read: Read,
  since: Stand["since"],
  applied: Applied,
  now: number,
): AlertLevel | undefined {
  const reached = reachedLevel(since, applied, now);
  if (reached === "critical" || (current === "critical" && read.held.critical)) return "critical";
  /* Critical has come back: of what is still wrong it is a warning, without waiting for that once more. */
  return reached || (read.held.warning && applied.warning) ? "warning" : undefined;
}

function rank(level: AlertLevel | undefined): number {
  return level === "critical" ? 2 : level === "warning" ? 1 : 0;
}

function changedAlert({
  looked,
  around,
  read,
  open,
  level,
  isFlapping,
}: Omit<GoingOn, "since" | "memory"> & { level: AlertLevel; isFlapping: boolean }): Alert | undefined {
  const { resource, applied, now } = looked;
  const { behind: _, ...known } = open;
  const base = withoutEndedSnooze(known, level, now);
  const silencedBy = around.silencedBy(resource, applied.rule.name, now);
  const isTold =
    base !== known || level !== open.level || open.behind !== undefined || silencedBy !== open.silencedBy;
  const facts =
    read.finding && isWorthTelling(open, read.finding, applied, now) ? factsOf(read, level, applied) : {};
  if (!isTold && Object.keys(facts).length === 0) return undefined;
  const { silencedBy: __, ...rest } = base;
  return {
    ...rest,
    ...(level !== open.level && factsOf(read, level, applied)),
    ...facts,
    level,
    ...(silencedBy && { silencedBy }),
    ...(isFlapping && { flapping: true as const }),
    changedAt: now,
  };
}

/** A snooze is over at its time, and when it gets worse. */
function withoutEndedSnooze(alert: Alert, level: AlertLevel, now: number): Alert {
  if (alert.snoozedUntil === undefined) return alert;
  if (alert.snoozedUntil > now && rank(level) <= rank(alert.level)) return alert;
  const { snoozedUntil: _, ...rest } = alert;
  return rest;
}

function isWorthTelling(open: Alert, { value, words }: Finding, { rule }: Applied, now: number): boolean {
  if (words === open.words || Math.abs(now - open.changedAt) < TELL_AGAIN_MS) return false;
  if (rule.type === "state" || value === undefined || open.value === undefined) return true;
  const least = Math.max(rule.minChange, rule.minChange === 0 ? Math.abs(open.value) * RELATIVE_CHANGE : 0);
  return Math.abs(value - open.value) >= least;
}

/** Nothing can be said: what is open stays so, behind what is silent; nothing begins. */
function unknown(
  { stand, open, now, resource, applied }: Looked,
  around: EvaluateAround,
  behind: ResourceId | undefined,
): Evaluated {
  if (!stand) return QUIET;
  if (stand.closed) return { stand };
  /* Of what was silent together with its machine it counts from when that is heard of again. */
  const isOtherwise = open !== undefined && open.behind !== behind;
  const unknownSince = isOtherwise ? now : Math.min(stand.unknownSince ?? now, now);
  const isLost = now - unknownSince >= GONE_AFTER_MS;
  const isLeftOut = behind === resource.id && resource.parentId !== undefined && around.isSilent(behind);
  if (open && (behind === undefined || isLeftOut) && isLost) return over(open, "gone", now, {});
  /* What waited has not held without a break, as far as anybody knows. */
  if (!open) return { stand: isLost ? undefined : { ...stand, unknownSince } };
  /* How long it has been over, or better, counts from when that is known again. */
  const { calmSince: _, ...kept } = stand;
  const next = { ...kept, unknownSince };
  const silencedBy = around.silencedBy(resource, applied.rule.name, now);
  const base = withoutEndedSnooze(open, open.level, now);
  if (base === open && open.behind === behind && silencedBy === open.silencedBy) return { stand: next };
  const { behind: __, silencedBy: ___, ...known } = base;
  const alert: Alert = {
    ...known,
    ...(behind && { behind }),
    ...(silencedBy && { silencedBy }),
    changedAt: now,
  };
  return { stand: next, transition: { type: "updated", alert, entries: differences(open, alert, now) } };
}

function afterClosing(stand: Stand, read: Read, now: number): Evaluated {
  if (read.raised || read.held.warning || read.held.critical) return { stand };
  const fired = recent(stand.fired, now);
  return { stand: orNothing(fired && fired.length > 0 ? { fired } : {}) };
}

/** The rule does not apply any more, or there is nothing left that it could apply to. */
export function ended({ open, now }: Pick<Looked, "open" | "now">, end: "off" | "gone"): Evaluated {
  return open ? over(open, end, now, {}) : QUIET;
}

function over(open: Alert, end: NonNullable<Alert["end"]>, now: number, stand: Stand): Evaluated {
  const { behind: _, silencedBy: __, snoozedUntil: ___, ...known } = open;
  const alert: Alert = { ...known, resolvedAt: now, changedAt: now, end };
  return {
    stand: orNothing(stand),
    transition: { type: "resolved", alert, entries: [{ at: now, type: "resolved", end }] },
  };
}

/** By a person. It is not told again until it has been over. */
export function close(open: Alert, stand: Stand | undefined, now: number): Evaluated {
  return {
    ...over(open, "closed", now, {}),
    stand: { ...(stand?.fired && { fired: stand.fired }), closed: true },
  };
}

function orNothing(stand: Stand): Stand | undefined {
  return Object.keys(stand).length > 0 ? stand : undefined;
}

// How it is told -----------------------------------------------------------------------------------------------

function factsOf(
  read: Read,
  level: AlertLevel,
  { rule }: Applied,
): Pick<Alert, "words" | "about"> & Partial<Alert> {
  const { finding, threshold } = read;
  if (!finding) return {} as Pick<Alert, "words" | "about">;
  const { words, about, value, seenAt } = finding;
  const limit = threshold?.[level];
  return {
    words,
    about,
    ...(rule.type === "threshold" && { metric: rule.metric }),
    ...(value !== undefined && { value }),
    ...(limit !== undefined && { threshold: limit }),
    ...(seenAt !== undefined && { seenAt }),
  };
}

/** Of a part the machine is what is spoken of; of what runs on one, it is said where. */
function subjectsOf(resource: Resource, around: Around): Pick<Alert, "resource" | "subject" | "on"> {
  const own = subjectOf(resource);
  const parent = resource.parentId ? around.parentOf(resource) : undefined;
  if (!parent || isMachine(resource)) return { resource: own, subject: own };
  if (isPart(resource)) return { resource: own, subject: subjectOf(parent) };
  return { resource: own, subject: own, on: subjectOf(parent) };
}

function subjectOf({ id, kind, name }: Resource): Alert["subject"] {
  return { id, kind, name };
}

function differences(before: Alert, after: Alert, at: number): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const add = (type: TimelineEntry["type"], more: Partial<TimelineEntry> = {}) =>
    entries.push({ at, type, ...more });
  if (before.level !== after.level) add("level", told(after));
  if (!before.flapping && after.flapping) add("flapping");
  if (before.snoozedUntil !== undefined && after.snoozedUntil === undefined) add("unsnoozed");
  if (!before.silencedBy && after.silencedBy) add("silenced");
  if (before.silencedBy && !after.silencedBy) add("unsilenced");
  if (before.behind === undefined && after.behind !== undefined) add("hidden");
  if (before.behind !== undefined && after.behind === undefined) add("shown");
  return entries;
}

function told({ level, words, value }: Alert): Pick<TimelineEntry, "level" | "words" | "value"> {
  return { level, words, ...(value !== undefined && { value }) };
}

/** The clock was set, by so much: what waits goes on waiting for as long as it would have. */
export function shifted(stand: Stand, byMs: number): Stand {
  const { since, calmSince, unknownSince } = stand;
  return {
    ...stand,
    ...(since && {
      since: {
        ...(since.warning !== undefined && { warning: since.warning + byMs }),
        ...(since.critical !== undefined && { critical: since.critical + byMs }),
      },
    }),
    ...(calmSince !== undefined && { calmSince: calmSince + byMs }),
    ...(unknownSince !== undefined && { unknownSince: unknownSince + byMs }),
  };
}

/** When it becomes an alert if nothing changes; undefined while nothing is raised. */
export function firesAt({ since }: Stand, applied: Applied): number | undefined {
  const times = LEVELS.flatMap((level) => {
    const at = since?.[level];
    const delayMs = applied[level]?.delayMs;
    return at === undefined || delayMs === undefined ? [] : [at + delayMs];
  });
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** What a rule finds now, for whoever asks why. */
export function findingOf(
  resource: Resource,
  applied: Applied,
  around: Around,
): Finding | "unknown" | undefined {
  if (behindOf({ resource, applied }, around) !== undefined) return "unknown";
  const read = readingOf(resource, applied, around);
  return read === "unknown" ? read : read.finding;
}

/** What it would begin with now, with whom that is said of. */
export function raisedNow(
  resource: Resource,
  applied: Applied,
  around: Around,
): RuleTrial["examples"][number] | undefined {
  if (applied.off || applied.rule.isFor?.(resource) === false) return undefined;
  if (resource.status === "unknown" && around.isUnasked(resource.id)) return undefined;
  if (behindOf({ resource, applied }, around) !== undefined) return undefined;
  const read = readingOf(resource, applied, around);
  if (read === "unknown" || !read.raised || !read.finding) return undefined;
  const { subject, on } = subjectsOf(resource, around);
  const { words, about } = read.finding;
  return { subject, ...(on && { on }), level: read.raised, words, about };
}
