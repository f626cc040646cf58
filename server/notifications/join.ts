/**
 * How what happens to alerts becomes messages, for one channel at a time. Pure, but that a message hands the set of what
 * it only counts on to the one that takes its place: thousands are added to it one by one.
 */
import {
  type AlertTransition,
  MESSAGE_LIMITS,
  type NotificationMessage,
  type ToldAlert,
  type ToldLevel,
} from "../contract/notifications.ts";

/** Of more than so many that are only counted nobody knows which they are; more than can be open at a time. */
const COUNTED_MOST = 10_000;

/** A message with one more alert in it; what it said of the same alert before is replaced. */
export function withAlert(message: NotificationMessage, alert: ToldAlert): NotificationMessage {
  const at = message.alerts.findIndex(({ id }) => id === alert.id);
  if (at >= 0) {
    const before = message.alerts[at];
    /* Whoever hears of it for the first time hears that it fired. */
    const event = before?.event === "fired" && alert.event === "updated" ? "fired" : alert.event;
    return { ...message, alerts: message.alerts.with(at, { ...alert, event }) };
  }
  const { alerts } = message;
  if (alerts.length < MESSAGE_LIMITS.alerts)
    return { ...withoutCounted(message, alert.id), alerts: [...alerts, alert] };
  /* Where not all can be named the worst are. */
  const less = isWorst(alert) ? alerts.findLastIndex((one) => !isWorst(one)) : -1;
  const outdone = alerts[less];
  if (!outdone) return withCounted(message, alert.id);
  return withCounted({ ...withoutCounted(message, alert.id), alerts: alerts.with(less, alert) }, outdone.id);
}

function withCounted(message: NotificationMessage, alertId: string): NotificationMessage {
  const { counted = new Set(), more } = message;
  if (counted.has(alertId)) return message;
  if (counted.size < COUNTED_MOST) counted.add(alertId);
  return { ...message, more: more + 1, counted };
}

/** The same message where it does not count this alert. */
function withoutCounted(message: NotificationMessage, alertId: string): NotificationMessage {
  return message.counted?.delete(alertId) ? { ...message, more: message.more - 1 } : message;
}

function isWorst({ level, event }: ToldAlert): boolean {
  return level === "critical" && event !== "resolved";
}

/** What could be said now of an alert that a message only counts; undefined: nothing any more. */
export type Recall = (alertId: string) => ToldAlert | undefined;

/**
 * Without what it said of this alert; what it only counted takes the place. Undefined: there is nothing left to say.
 */
export function withoutAlert(
  message: NotificationMessage,
  alertId: string,
  recall: Recall,
): NotificationMessage | undefined {
  const left = withoutCounted(message, alertId);
  const alerts = left.alerts.filter(({ id }) => id !== alertId);
  if (alerts.length === left.alerts.length) return left;
  let { more } = left;
  for (const id of left.counted ?? []) {
    if (alerts.length >= MESSAGE_LIMITS.alerts) break;
    left.counted?.delete(id);
    more--;
    const alert = recall(id);
    if (alert) alerts.push(alert);
  }
  return alerts.length === 0 ? undefined : { ...left, alerts, more };
}

/** A message that waits for a channel. */
export interface Waiting {
  seq: number;
  /** Undefined: there is nothing left of it. */
  message: NotificationMessage | undefined;
  isTried: boolean;
  /** It is on its way, or was and may have arrived. */
  isUncertain: boolean;
  dueAt: number;
}

/** Where what was taken is told, by the id of its message; or why it is not. */
export type Taken = { messageId: string } | { not: "unheard" | "too_many" };

export interface PlanOptions {
  /** Each alert is a message of its own. */
  isEach: boolean;
  /** Messages that may wait. */
  most: number;
  /** How bad the channel was told that this alert is; undefined: it was not, or that it is over. */
  toldAs(alertId: string): ToldLevel | undefined;
  begin(alert: ToldAlert): NotificationMessage;
  recall: Recall;
}

/** What is to be done about the messages that wait for one channel. */
export class Plan {
  /** Messages that are new, in order. */
  readonly begun: NotificationMessage[] = [];
  /** What there was no room for. */
  tooMany = 0;
  readonly isEach: boolean;
  readonly #options: PlanOptions;
  readonly #waiting: Waiting[];
  readonly #changed = new Set<Waiting>();

  constructor(waiting: Waiting[], options: PlanOptions) {
    this.#waiting = waiting;
    this.#options = options;
    this.isEach = options.isEach;
  }

  /** Messages that were there and say something else now. */
  get changed(): Iterable<Waiting> {
    return this.#changed;
  }

  take(alert: ToldAlert): Taken {
    /* Nobody is told that something is over which they never heard of. */
    if (alert.event === "resolved" && !this.takeOut(alert.id)) return { not: "unheard" };
    const joined = this.isEach ? alert.event !== "resolved" && this.#replace(alert) : this.#join(alert);
    if (joined) return { messageId: joined };
    if (this.#waiting.length + this.begun.length >= this.#options.most) {
      this.tooMany++;
      return { not: "too_many" };
    }
    const message = this.#options.begin(alert);
    this.begun.push(message);
    return { messageId: message.id };
  }

  /** How bad somebody was told that it is, or will be by what waits; undefined: nobody was told of it. */
  heardAs(alertId: string): ToldLevel | undefined {
    for (const { message } of this.#waiting.toReversed()) {
      const said = message?.alerts.find(({ id }) => id === alertId);
      if (said) return said.level;
    }
    return this.#options.toldAs(alertId);
  }

  /** Takes what is over out of what has not been sent; whether somebody may have heard of it. */
  takeOut(alertId: string): boolean {
    const { toldAs, recall } = this.#options;
    let isHeard = toldAs(alertId) !== undefined;
    for (const waiting of this.#waiting) {
      const { message, isUncertain } = waiting;
      if (!message) continue;
      if (isUncertain) isHeard ||= tellsOf(message, alertId);
      else if (tellsOf(message, alertId) || message.counted?.has(alertId))
        this.#change(waiting, withoutAlert(message, alertId, recall));
    }
    for (const [at, message] of [...this.begun.entries()].reverse()) {
      if (!tellsOf(message, alertId) && !message.counted?.has(alertId)) continue;
      const rest = withoutAlert(message, alertId, recall);
      this.begun.splice(at, 1, ...(rest ? [rest] : []));
    }
    return isHeard;
  }

  /** Into the last message that nobody has been sent yet; its id. */
  #join(alert: ToldAlert): string | undefined {
    const last = this.begun.at(-1);
    if (last) {
      this.begun[this.begun.length - 1] = withAlert(last, alert);
      return last.id;
    }
    const open = this.#waiting.findLast(({ message, isTried }) => message && !isTried);
    if (!open?.message) return undefined;
    this.#change(open, withAlert(open.message, alert));
    return open.message.id;
  }

  /** In place of what was to be said of the same alert. */
  #replace(alert: ToldAlert): string | undefined {
    const at = this.begun.findIndex((message) => tellsOf(message, alert.id));
    const begun = this.begun[at];
    if (begun) {
      this.begun[at] = withAlert(begun, alert);
      return begun.id;
    }
    const open = this.#waiting.find(
      ({ message, isTried }) => message && !isTried && tellsOf(message, alert.id),
    );
    if (!open?.message) return undefined;
    this.#change(open, withAlert(open.message, alert));
    return open.message.id;
  }

  #change(waiting: Waiting, message: NotificationMessage | undefined): void {
    waiting.message = message;
    this.#changed.add(waiting);
  }
}

function tellsOf(message: NotificationMessage, alertId: string): boolean {
  return message.alerts.some(({ id }) => id === alertId);
}

/** `home`: where the org's pages are; undefined: the server does not know its own address. */
export function toldAlert(
  { path, ifUntold: _, facts: __, untold: ___, isLeft: ____, ...alert }: AlertTransition,
  home: string | undefined,
): ToldAlert {
  if (home === undefined) return alert;
  const page = path ?? (alert.resource ? `/resources/${alert.resource.id}` : "/");
  return { ...alert, link: home + page };
}
