/** Alerts: what is wrong now, what was wrong, and by which rules that is decided. */
import { z } from "zod";
import { ALERT_LIMITS } from "./alert-limits.ts";
import { AlertId, ResourceId, SilenceId, type TokenId, type UserId } from "./ids.ts";
import { Moment } from "./moment.ts";
import { type Resource, ResourceKind } from "./resource.ts";
import type { SharedFrom } from "./shares.ts";

export const AlertLevel = z.enum(["warning", "critical"]);
export type AlertLevel = z.infer<typeof AlertLevel>;

/** One of the rules Pulse comes with (`memory`), or one somebody made (`own_queue_length`). */
export const RuleName = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9_]*$/, "must be small letters, digits and underscores");
export type RuleName = z.infer<typeof RuleName>;

export type AlertSubject = Pick<Resource, "id" | "kind" | "name">;

/** Who did something, by the name they had then. */
export interface Author {
  kind: "person" | "token";
  id: UserId | TokenId;
  name?: string;
}

/**
 * One rule that finds something wrong with one resource. At any time there is at most one open alert of
 * a rule and a resource.
 */
export interface Alert {
  id: AlertId;
  rule: RuleName;
  level: AlertLevel;
  resource: AlertSubject;
  /** Whose page tells more: of a filesystem or a disk its machine, of everything else itself. */
  subject: AlertSubject;
  /** What it runs on, where that is something else. */
  on?: AlertSubject;
  /** Said of the subject ("is down"), or a sentence about it or a part of it ("/var is 96 % full"). */
  words: string;
  about: "itself" | "part";
  metric?: string;
  value?: number;
  /** What the value has reached. */
  threshold?: number;
  /** When it was last heard of, for what is about silence. */
  seenAt?: number;
  firedAt: number;
  /** When anything of it last changed. */
  changedAt: number;
  resolvedAt?: number;
  /**
   * `over`: what was wrong is not wrong any more. `closed`: by a person. `gone`: the resource, or the value, is not
   * there any more. `off`: the rule does not apply any more.
   */
  end?: "over" | "closed" | "gone" | "off";
  /** `level`: how bad it was then. */
  acknowledged?: { at: number; level?: AlertLevel; by?: Author; note?: string };
  /** Nobody is told until then, or until it gets worse. */
  snoozedUntil?: number;
  /** A silence that covers it now. */
  silencedBy?: SilenceId;
  /** What is not heard of now, so that nobody knows whether this is still so: itself, or what it runs on. */
  behind?: ResourceId;
  /** It came and went several times: it is over when it has been for a quarter of an hour. */
  flapping?: true;
  /** Present when another org shows it here. */
  sharedFrom?: SharedFrom;
}

export type TimelineType =
  | "fired"
  | "level"
  | "resolved"
  | "acknowledged"
  | "unacknowledged"
  | "snoozed"
  | "unsnoozed"
  | "noted"
  | "silenced"
  | "unsilenced"
  | "hidden"
  | "shown"
  | "flapping";

export interface TimelineEntry {
  at: number;
  type: TimelineType;
  level?: AlertLevel;
  words?: string;
  value?: number;
  by?: Author;
  note?: string;
  until?: number;
  end?: Alert["end"];
}

export interface Incident {
  alert: Alert;
  /** Oldest first. */
  timeline: TimelineEntry[];
  /** Earlier ones of the same rule and resource, newest first, ten at most. */
  similar: Alert[];
  /** What else fired on the same machine within ten minutes, twenty at most. */
  nearby: Alert[];
}

/** What a person did to an incident; its alert is told by `alert.updated`. */
export interface IncidentUpdated {
  incident: { id: AlertId; entry: TimelineEntry };
}

export interface AlertList {
  /** The worst first, then the newest. */
  alerts: Alert[];
}

export const NamedAlertInput = z.strictObject({ id: AlertId });
export type NamedAlertInput = z.infer<typeof NamedAlertInput>;

/** One line, in characters that can be seen. */
const Line = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(100, "must have at most 100 characters")
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown");

const Note = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(ALERT_LIMITS.noteLength, "must have at most 2,000 characters");

export const AcknowledgeInput = z.strictObject({ id: AlertId, note: Note.optional() });
export type AcknowledgeInput = z.infer<typeof AcknowledgeInput>;

/** What is not open any more, or has been taken, is left out. */
export const AcknowledgeAllInput = z.strictObject({
  ids: z.array(AlertId).min(1).max(ALERT_LIMITS.acknowledgedAtOnce, "must be at most 1,000"),
});
export type AcknowledgeAllInput = z.infer<typeof AcknowledgeAllInput>;

/** Null ends it. */
export const SnoozeInput = z.strictObject({ id: AlertId, until: Moment.nullable() });
export type SnoozeInput = z.infer<typeof SnoozeInput>;

export const NoteInput = z.strictObject({ id: AlertId, note: Note });
export type NoteInput = z.infer<typeof NoteInput>;

export const CloseAlertInput = z.strictObject({ id: AlertId, note: Note.optional() });
export type CloseAlertInput = z.infer<typeof CloseAlertInput>;

export const IncidentListInput = z.strictObject({
  state: z.enum(["open", "resolved"]).optional(),
  level: AlertLevel.optional(),
  rule: RuleName.optional(),
  resourceId: ResourceId.optional(),
  /** Epoch milliseconds in which it fired: inclusive, and exclusive. */
  from: Moment.optional(),
  to: Moment.optional(),
  limit: z.int().min(1).max(ALERT_LIMITS.perPage).optional(),
  /** The last one seen: older ones follow. */
  cursor: AlertId.optional(),
});
export type IncidentListInput = z.infer<typeof IncidentListInput>;

/** Newest first. */
export interface IncidentList {
  incidents: Alert[];
  nextCursor?: AlertId;
}

// Rules --------------------------------------------------------------------------------------------------------

const DelayMs = z.int().min(0).max(ALERT_LIMITS.delayMs, "must be at most 30 days");

/** What is left out stays as the rule has it. `clear` moves along with `trigger` unless it is given. */
export const LevelChange = z.strictObject({
  trigger: z.number().optional(),
  clear: z.number().optional(),
  delayMs: DelayMs.optional(),
});
export type LevelChange = z.infer<typeof LevelChange>;

/** Null switches one level off. */
export const RuleChange = z
  .strictObject({
    off: z.boolean().optional(),
    warning: LevelChange.nullable().optional(),
    critical: LevelChange.nullable().optional(),
    clearAfterMs: DelayMs.optional(),
  })
  .refine((change) => Object.keys(change).length > 0, "says nothing to change");
export type RuleChange = z.infer<typeof RuleChange>;

const Tag = z.string().trim().toLowerCase().min(1).max(40);

/** For whom an override is: exactly one of these. A resource's parts follow it. */
export const OverrideScope = z
  .strictObject({ resourceId: ResourceId.optional(), kind: ResourceKind.optional(), tag: Tag.optional() })
  .refine((scope) => Object.keys(scope).length === 1, "must name a resource, a kind or a tag");
export type OverrideScope = z.infer<typeof OverrideScope>;

export const RuleOverride = z.strictObject({
  scope: OverrideScope,
  /** `*`: every rule. */
  rule: z.union([RuleName, z.literal("*")]),
  change: RuleChange,
  note: Note.optional(),
});
export type RuleOverride = z.infer<typeof RuleOverride>;

const OwnLevel = z.strictObject({
  trigger: z.number(),
  clear: z.number().optional(),
  delayMs: DelayMs.optional(),
});

/** A threshold on any metric. */
export const OwnRule = z
  .strictObject({
    name: RuleName.refine((name) => name.startsWith("own_"), "must begin with own_"),
    title: Line,
    metric: z.string().regex(/^[a-z][a-z0-9_]{0,79}$/, "is no name of a metric"),
    direction: z.enum(["above", "below"]),
    /** Left out: whatever has the metric. */
    kinds: z.array(ResourceKind).min(1).max(20).optional(),
    warning: OwnLevel.optional(),
    critical: OwnLevel.optional(),
  })
  .refine(({ warning, critical }) => warning || critical, "needs at least one level");
export type OwnRule = z.infer<typeof OwnRule>;

export const RuleSettings = z.strictObject({
  /** What is different from the defaults everywhere, by rule. */
  rules: z.record(RuleName, RuleChange),
  /** Kinds first, then tags, then resources; of the same sort the later one counts. */
  overrides: z.array(RuleOverride).max(ALERT_LIMITS.overrides, "are at most 500"),
  own: z.array(OwnRule).max(ALERT_LIMITS.ownRules, "are at most 50"),
});
export type RuleSettings = z.infer<typeof RuleSettings>;

/** `revision` is that of the answer this was made from: what somebody else changed meanwhile is not lost. */
export const SetRulesInput = z.strictObject({ revision: z.int().min(0), settings: RuleSettings });
export type SetRulesInput = z.infer<typeof SetRulesInput>;

export interface LevelInfo {
  trigger?: number;
  clear?: number;
  delayMs: number;
}

export interface RuleInfo {
  name: RuleName;
  title: string;
  /** What it looks at, in a sentence. */
  says: string;
  /** Left out: every kind that has the metric. */
  kinds?: ResourceKind[];
  metric?: string;
  /** In place of `metric`: compared with what is usual for it at this hour of the week. Trigger and clear count spreads. */
  baseline?: string;
  direction?: "above" | "below";
  off: boolean;
  warning?: LevelInfo;
  critical?: LevelInfo;
  clearAfterMs: number;
}

export interface RuleList {
  /** As Pulse comes with them, in the order in which they are told of. */
  defaults: RuleInfo[];
  /** With what is different everywhere in this org. */
  rules: RuleInfo[];
  settings: RuleSettings;
  revision: number;
}

/**
 * What a rule would find now if it were changed so, before it is: everywhere (null: as it comes), for some, or as one
 * of one's own.
 */
export const TryRuleInput = z.strictObject({
  rule: RuleName,
  everywhere: RuleChange.nullable().optional(),
  override: RuleOverride.optional(),
  own: OwnRule.optional(),
});
export type TryRuleInput = z.infer<typeof TryRuleInput>;

/** What is wrong by it now, whether or not that has lasted for its delay; of an override, with what it is for. */
export interface RuleTrial {
  found: number;
  critical: number;
  /** The worst first, five at most. */
  examples: Pick<Alert, "subject" | "on" | "level" | "words" | "about">[];
}

export const ExplainInput = z.strictObject({ resourceId: ResourceId });
export type ExplainInput = z.infer<typeof ExplainInput>;

/** How one rule stands with one resource. */
export interface Explained extends RuleInfo {
  /** What made it as it is: `default`, `everywhere`, `kind host`, `tag db`, `resource nas`, `its own limits`. */
  from: string[];
  state: "off" | "quiet" | "waiting" | "open" | "closed";
  /** Why nothing is found, or why it waits. */
  why: string;
  value?: number;
  /** What is found now. */
  words?: string;
  level?: AlertLevel;
  /** Since when it waits, and when it fires if nothing changes. */
  since?: number;
  firesAt?: number;
  alertId?: AlertId;
  silencedBy?: SilenceId;
}

export interface Explanation {
  resource: AlertSubject;
  rules: Explained[];
}

// Silences -----------------------------------------------------------------------------------------------------

const TimeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "must be a time like 22:30");

export const TimeZone = z.string().min(1).max(60).refine(isTimeZone, "is no time zone, like Europe/Berlin");

/** By the clock on the wall of a time zone. */
export const WeeklyTime = z.strictObject({
  /** 0 is Sunday. The day on which it begins. */
  days: z.array(z.int().min(0).max(6)).min(1, "needs a day").max(7),
  /** An end that is not after the beginning is on the next day. */
  from: TimeOfDay,
  to: TimeOfDay,
  timeZone: TimeZone,
});
export type WeeklyTime = z.infer<typeof WeeklyTime>;

/** A day of the calendar, like 2026-11-30. */
const CalendarDay = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, "must be a day like 2026-11-30")
  .refine(isCalendarDay, "is no day of the calendar");

/** Of what repeats, the first and the last day on which it may begin, by the calendar of its time zone. */
const Bounds = { firstDay: CalendarDay.optional(), lastDay: CalendarDay.optional() };

function isInOrder({
  firstDay,
  lastDay,
}: {
  firstDay?: string | undefined;
  lastDay?: string | undefined;
}): boolean {
  return firstDay === undefined || lastDay === undefined || firstDay <= lastDay;
}
const OUT_OF_ORDER = { path: ["lastDay"], message: "must not be before the first day" };

/** A day of every month. A month that has no such day is left out. */
export const MonthlyDay = z.union([
  z.strictObject({ day: z.union([z.int().min(1).max(31), z.literal("last")]) }),
  /** The second Tuesday, the last Friday. 0 is Sunday. */
  z.strictObject({
    nth: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal("last")]),
    weekday: z.int().min(0).max(6),
  }),
]);
export type MonthlyDay = z.infer<typeof MonthlyDay>;

export const SilenceWhen = z.discriminatedUnion("type", [
  z
    .strictObject({ type: z.literal("once"), from: Moment, to: Moment })
    .refine(({ from, to }) => from < to, { path: ["to"], message: "must be after its beginning" }),
  WeeklyTime.extend({ type: z.literal("weekly"), ...Bounds }).refine(isInOrder, OUT_OF_ORDER),
  z
    .strictObject({
      type: z.literal("monthly"),
      on: MonthlyDay,
      from: TimeOfDay,
      to: TimeOfDay,
      timeZone: TimeZone,
      ...Bounds,
    })
    .refine(isInOrder, OUT_OF_ORDER),
]);
export type SilenceWhen = z.infer<typeof SilenceWhen>;

/** All that is named has to fit; of a list one. Nothing named: everything. */
export const SilenceScope = z.strictObject({
  /** With their parts. */
  resourceIds: z.array(ResourceId).min(1).max(100).optional(),
  tags: z.array(Tag).min(1).max(20).optional(),
  kinds: z.array(ResourceKind).min(1).max(20).optional(),
  rules: z.array(RuleName).min(1).max(50).optional(),
});
export type SilenceScope = z.infer<typeof SilenceScope>;

/** What a silence or a route looks at, of one alert. */
export interface AlertFacts {
  rule: string;
  kind: ResourceKind;
  resourceId: ResourceId;
  /** What it is a part of, or runs on; of a check the machine that makes it. */
  parentId?: ResourceId;
  /** Its own, and those of what it is a part of. */
  tags: readonly string[];
}

export const CreateSilenceInput = z.strictObject({
  name: Line,
  scope: SilenceScope,
  when: SilenceWhen,
});
export type CreateSilenceInput = z.infer<typeof CreateSilenceInput>;

/** Takes the place of all it was. */
export const UpdateSilenceInput = CreateSilenceInput.extend({ id: SilenceId });
export type UpdateSilenceInput = z.infer<typeof UpdateSilenceInput>;

export interface Silence extends CreateSilenceInput {
  id: SilenceId;
  createdAt: number;
  /** Who made it, or changed it last. */
  by?: Author;
  /** Whether it covers this moment. */
  active: boolean;
}

export interface SilenceList {
  silences: Silence[];
  /** When they cover something, from now on: in order, of what is covered now from its beginning. */
  coming: SilenceWindow[];
  /** All up to then are there. */
  comingUntil: number;
}

export interface SilenceWindow {
  id: SilenceId;
  from: number;
  to: number;
}

export const NamedSilenceInput = z.strictObject({ id: SilenceId });
export type NamedSilenceInput = z.infer<typeof NamedSilenceInput>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isCalendarDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(at) && new Date(at).toISOString().startsWith(text);
}
