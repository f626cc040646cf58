/** What was told, held against what was wrong: which faults were told and how soon, and what was told of no fault. */

import { DEFAULT_RULES } from "../../../server/alerts/defaults.ts";
import type { AlertLevel } from "../../../server/contract/alerts.ts";
import type { ToldAlert } from "../../../server/contract/notifications.ts";
import type { ReportedResource } from "../../../server/contract/report.ts";
import { HOUR, MINUTE } from "./days.ts";
import type { Parts } from "./machine.ts";
import type { Fault } from "./plan.ts";

/** What its rules may still say of a fault that is over. */
const AFTERWARDS_MS = 30 * MINUTE;
/** Reports a machine has to miss until it counts as silent. */
const MISSED = 3;

interface Course {
  fault: Fault;
  first?: ReportedResource;
  /** Since when its rule could see it, by level. */
  since: { [Level in AlertLevel]?: number };
  /** When it has lasted for its rule's delay. */
  dueAt?: number;
  lastHeardAt?: number;
  toldAt?: number;
  /** Messages that told of it, and those that said it was over. */
  messages: number;
  endings: number;
  toldBy: Set<string>;
}

export interface What {
  rule: string;
  source: string;
  key: string;
}

export interface FaultScore {
  name: string;
  faults: number;
  told: number;
  /** Behind the rule's delay; less than nothing: before it had to. */
  lateMs: number[];
  messages: number;
  endings: number;
  toldBy: string[];
}

export interface Score {
  kinds: FaultScore[];
  faults: number;
  told: number;
  /** Told no later than their delay and one interval. */
  inTime: number;
  /** That something began or got worse. */
  messages: number;
  /** Of those, about a fault. */
  ofFaults: number;
  /** That something is over. */
  endings: number;
  /** What was told of no fault: by which rule, of what, when. */
  noise: { rule: string; what: string; at: number; title: string }[];
  /** Injected, and never as bad for as long as the rule asks. */
  neverDue: string[];
}

export class Judge {
  readonly #courses: Course[];
  readonly #intervalMs: number;
  readonly #names: readonly string[];
  readonly #byAlert = new Map<string, Course>();
  readonly #noise: Score["noise"] = [];
  #messages = 0;
  #ofFaults = 0;
  #endings = 0;

  constructor(faults: readonly Fault[], intervalMs: number, names: readonly string[]) {
    this.#courses = faults.map((fault) => ({
      fault,
      since: {},
      messages: 0,
      endings: 0,
      toldBy: new Set(),
    }));
    this.#intervalMs = intervalMs;
    this.#names = names;
  }

  /** It befalls what is reported now. */
  show(fault: Fault, parts: Parts, at: number): void {
    const course = this.#courseOf(fault);
    const part = parts.get(fault.key);
    if (!part) return;
    course.first ??= structuredClone(part);
    const sinceMs = at - fault.from;
    const share = sinceMs / (fault.to - fault.from);
    fault.kind.show?.({ part, parts, first: course.first, sinceMs, share });
    this.#notice(course, part, at);
  }

  /** Nothing is reported because of it. */
  silent(fault: Fault, at: number): void {
    const course = this.#courseOf(fault);
    /* The last report was one interval before the first that is missing. */
    course.lastHeardAt ??= at - this.#intervalMs;
    const [warning] = delaysOf(fault);
    course.dueAt ??= course.lastHeardAt + MISSED * this.#intervalMs + warning;
  }

  hear(alerts: readonly ToldAlert[], at: number, whatOf: (alert: ToldAlert) => What): void {
    const news = alerts.filter(({ event }) => event !== "resolved");
    const about = new Set<Course>();
    for (const alert of news) {
      const what = whatOf(alert);
      const course = this.#byAlert.get(alert.id) ?? this.#causeOf(what, at);
      if (!course) {
        this.#noise.push({ rule: what.rule, what: `${what.source} ${what.key}`, at, title: alert.title });
        continue;
      }
      this.#byAlert.set(alert.id, course);
      course.toldAt ??= at;
      course.toldBy.add(what.rule);
      about.add(course);
    }
    for (const course of about) course.messages++;
    if (news.length > 0) this.#messages++;
    else this.#endings++;
    if (about.size > 0) this.#ofFaults++;
    const ended = new Set(
      alerts.filter(({ event }) => event === "resolved").map(({ id }) => this.#byAlert.get(id)),
    );
    for (const course of ended) if (course) course.endings++;
  }

  score(): Score {
    const kinds = new Map<string, FaultScore>();
    let inTime = 0;
    for (const { fault, dueAt, toldAt, messages, endings, toldBy } of this.#courses) {
      const { name } = fault.kind;
      const kind = kinds.get(name) ?? {
        name,
        faults: 0,
        told: 0,
        lateMs: [],
        messages: 0,
        endings: 0,
        toldBy: [],
      };
      kinds.set(name, kind);
      kind.faults++;
      kind.messages += messages;
      kind.endings += endings;
      kind.toldBy = [...new Set([...kind.toldBy, ...toldBy])];
      if (toldAt === undefined) continue;
      kind.told++;
      const lateMs = toldAt - (dueAt ?? toldAt);
      kind.lateMs.push(lateMs);
      if (lateMs <= this.#intervalMs) inTime++;
    }
    return {
      kinds: [...kinds.values()],
      faults: this.#courses.length,
      told: this.#courses.filter(({ toldAt }) => toldAt !== undefined).length,
      inTime,
      messages: this.#messages,
      ofFaults: this.#ofFaults,
      endings: this.#endings,
      noise: this.#noise,
      neverDue: this.#courses.filter(({ dueAt }) => dueAt === undefined).map(nameOf),
    };
  }

  #courseOf(fault: Fault): Course {
    const course = this.#courses.find((one) => one.fault === fault);
    if (!course) throw new Error("a fault that was not planned");
    return course;
  }

  #notice(course: Course, part: ReportedResource, at: number): void {
    const levels = levelsOf(course.fault, part);
    const [warning, critical] = delaysOf(course.fault);
    for (const [level, delayMs] of [
      ["warning", warning],
      ["critical", critical],
    ] as const) {
      if (!levels.has(level)) delete course.since[level];
      else course.since[level] ??= at;
      const since = course.since[level];
      if (since !== undefined && at - since >= delayMs) course.dueAt ??= since + delayMs;
    }
  }

  /** A fault of just this, before one that everything on it may speak of. */
  #causeOf(what: What, at: number): Course | undefined {
    const likely = this.#courses.filter(({ fault: { kind, from, to } }) => {
      return at >= from && at <= to + AFTERWARDS_MS && kind.rules.includes(what.rule);
    });
    return (
      likely.find(({ fault }) => what.key === fault.key && this.#isOn(fault, what)) ??
      likely.find(({ fault }) => fault.kind.isOfAll && this.#isOn(fault, what))
    );
  }

  #isOn({ kind, machines }: Fault, { source }: What): boolean {
    if (kind.on === "checks") return source === "local";
    if (kind.on === "cluster") return source === "source:pve";
    return machines.some((machine) => source === `agent:${this.#names[machine]}`);
  }
}

/** By its first rule, as it comes. */
function ruleOf({ kind }: Fault) {
  const rule = DEFAULT_RULES.find(({ name }) => name === kind.rules[0]);
  if (!rule) throw new Error(`there is no rule ${kind.rules[0]}`);
  return rule;
}

function delaysOf(fault: Fault): [warning: number, critical: number] {
  const { warning, critical } = ruleOf(fault);
  const most = Number.POSITIVE_INFINITY;
  return [warning?.delayMs ?? most, critical?.delayMs ?? most];
}

function levelsOf(fault: Fault, part: ReportedResource): Set<AlertLevel> {
  const rule = ruleOf(fault);
  const levels = new Set<AlertLevel>();
  if (rule.type === "state") {
    levels.add("warning");
    if (part.status === "down") levels.add("critical");
    return levels;
  }
  const value = part.metrics[rule.metric];
  for (const level of ["warning", "critical"] as const) {
    const trigger = rule[level]?.trigger;
    if (value === undefined || trigger === undefined) continue;
    if (rule.direction === "above" ? value >= trigger : value <= trigger) levels.add(level);
  }
  return levels;
}

function nameOf({ fault }: Course): string {
  const hours = ((fault.to - fault.from) / HOUR).toFixed(1);
  return `${fault.kind.name} on ${fault.machines.join(", ")} ${fault.key} (${hours} h)`;
}
