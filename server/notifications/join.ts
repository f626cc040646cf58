/** How what happens to alerts becomes messages, for one channel at a time: pure. */
import {
  type AlertTransition,
  MESSAGE_LIMITS,
  type NotificationMessage,
  type ToldAlert,
} from "../contract/notifications.ts";

/** A message with one more alert in it; what it said of the same alert before is replaced. */
export function withAlert(message: NotificationMessage, alert: ToldAlert): NotificationMessage {
  const at = message.alerts.findIndex(({ id }) => id === alert.id);
  if (at >= 0) {
    const before = message.alerts[at];
    /* Whoever hears of it for the first time hears that it fired. */
    const event = before?.event === "fired" && alert.event === "updated" ? "fired" : alert.event;
    return { ...message, alerts: message.alerts.with(at, { ...alert, event }) };
  }
  if (message.alerts.length >= MESSAGE_LIMITS.alerts) {
    /* Where not all can be named the worst are. */
    const less = isWorst(alert) ? message.alerts.findLastIndex((one) => !isWorst(one)) : -1;
    const alerts = less < 0 ? message.alerts : message.alerts.with(less, alert);
    return { ...message, alerts, more: message.more + 1 };
  }
  return { ...message, alerts: [...message.alerts, alert] };
}

function isWorst({ level, event }: ToldAlert): boolean {
  return level === "critical" && event !== "resolved";
}

/** Without what it said of this alert; undefined: there is nothing left to say. */
export function withoutAlert(message: NotificationMessage, alertId: string): NotificationMessage | undefined {
  const alerts = message.alerts.filter(({ id }) => id !== alertId);
  return alerts.length === 0 ? undefined : { ...message, alerts };
}

/** A message that waits for a channel. */
export interface Waiting {
  seq: number;
  /** Undefined: there is nothing left of it. */
  message: NotificationMessage | undefined;
  isTried: boolean;
  /** It is on its way, or was and may have arrived. */
  isUncertain: boolean;
}

export interface PlanOptions {
  /** Each alert is a message of its own. */
  isEach: boolean;
  /** Messages that may wait. */
  most: number;
  /** Whether the channel was told of this alert, and not that it is over. */
  isTold(alertId: string): boolean;
  begin(alert: ToldAlert): NotificationMessage;
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

  take(alert: ToldAlert): void {
    /* Nobody is told that something is over which they never heard of. */
    if (alert.event === "resolved" && !this.#takeOut(alert.id)) return;
    const isJoined = this.isEach ? alert.event !== "resolved" && this.#replace(alert) : this.#join(alert);
    if (isJoined) return;
    if (this.#waiting.length + this.begun.length >= this.#options.most) this.tooMany++;
    else this.begun.push(this.#options.begin(alert));
  }

  /** Takes what is over out of what has not been sent; whether somebody may have heard of it. */
  #takeOut(alertId: string): boolean {
    let isHeard = this.#options.isTold(alertId);
    for (const waiting of this.#waiting) {
      if (!waiting.message || !tellsOf(waiting.message, alertId)) continue;
      if (waiting.isUncertain) isHeard = true;
      else this.#change(waiting, withoutAlert(waiting.message, alertId));
    }
    for (const [at, message] of [...this.begun.entries()].reverse()) {
      if (!tellsOf(message, alertId)) continue;
      const rest = withoutAlert(message, alertId);
      this.begun.splice(at, 1, ...(rest ? [rest] : []));
    }
    return isHeard;
  }

  /** Into the last message that nobody has been sent yet. */
  #join(alert: ToldAlert): boolean {
    const last = this.begun.at(-1);
    if (last) {
      this.begun[this.begun.length - 1] = withAlert(last, alert);
      return true;
    }
    const open = this.#waiting.findLast(({ message, isTried }) => message && !isTried);
    if (!open?.message) return false;
    this.#change(open, withAlert(open.message, alert));
    return true;
  }

  /** In place of what was to be said of the same alert. */
  #replace(alert: ToldAlert): boolean {
    const at = this.begun.findIndex((message) => tellsOf(message, alert.id));
    const begun = this.begun[at];
    if (begun) {
      this.begun[at] = withAlert(begun, alert);
      return true;
    }
    const open = this.#waiting.find(
      ({ message, isTried }) => message && !isTried && tellsOf(message, alert.id),
    );
    if (!open?.message) return false;
    this.#change(open, withAlert(open.message, alert));
    return true;
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
  { path, ifUntold: _, ...alert }: AlertTransition,
  home: string | undefined,
): ToldAlert {
  if (home === undefined) return alert;
  const page = path ?? (alert.resource ? `/resources/${alert.resource.id}` : "/");
  return { ...alert, link: home + page };
}
