/**
 * Why somebody was told of an alert, or was not: what was decided at each moment, with what became of it. It names
 * channels, routes and times, and never where a channel leads or what its service answered.
 */
import type { Database } from "../../db/driver.ts";
import type { AlertId } from "../contract/ids.ts";
import { type AlertNow, DELIVERY_FAILURES, type DeliveryFailure } from "../contract/notifications.ts";
import type { DiagnosedMoment, Diagnosis, Telling } from "../contract/routes.ts";
import { DomainError } from "../lib/domain-error.ts";
import { type ChannelBook, failureNamed, type StoredChannel } from "./channel-book.ts";
import { type Decided, type Decision, decisionsOf } from "./decisions.ts";
import { type DeliveryRow, findDelivery, messageOf } from "./deliveries.ts";
import { afterOf, answerOf, listed, NO_CHANNEL, wouldAnswer } from "./diagnosis-words.ts";
import { followUpsOf } from "./follow-ups.ts";
import { heldOf } from "./hold.ts";
import type { DeliveryQueue } from "./queue.ts";
import { type Hold, holdOf } from "./routing.ts";
import { TROUBLE_WORDS, timeOf } from "./wording.ts";

export interface WithDiagnosis {
  db(): Database;
  channels: ChannelBook;
  deliveries: DeliveryQueue;
  clock: () => number;
}

type Became = Pick<Telling, "state" | "why"> & Partial<Telling>;

export function ofAlert(org: WithDiagnosis, alertId: AlertId): Diagnosis {
  const alert = org.deliveries.alertNow(alertId);
  if (!alert) throw new DomainError("not_found", "There is no such alert.");
  const db = org.db();
  const decisions = decisionsOf(db, alertId);
  const held = heldOf(db, alertId);
  const routed = decisions.find(({ why }) => why === undefined);
  const moments = decisions.map((decision, index): DiagnosedMoment => {
    const { at, event, level, why, tellings } = decision;
    const later = decisions.slice(index + 1);
    const told = tellings.flatMap((one): Telling[] => {
      const channel = org.channels.get(one.channelId);
      if (!channel) return [];
      return [
        { ...named(channel, one.route), ...became(db, { channel, decided: one, decision, later, held }) },
      ];
    });
    /* Those that nothing names are told of once. */
    const isFirst = decision === routed && event !== "resolved";
    const unnamed = isFirst ? untoldBy(org, tellings, at) : [];
    const because = why ?? (isFirst && told.length + unnamed.length === 0 ? NO_CHANNEL : undefined);
    return {
      at,
      event,
      level,
      ...(because !== undefined && { why: because }),
      tellings: [...told, ...unnamed],
    };
  });
  const next = nextOf(org, alertId, alert, held);
  return { answer: answerOf(moments, alert), moments, ...(next && { next }) };
}

/** What would become of one at this moment. */
export function ofImagined(org: WithDiagnosis, { news, heldBack }: AlertNow, at: number): Diagnosis {
  const { level } = news;
  if (heldBack !== undefined) {
    const moments: DiagnosedMoment[] = [{ at, event: "fired", level, why: heldBack, tellings: [] }];
    return { answer: `Nobody would be told. ${heldBack}`, moments };
  }
  const { settings } = org.deliveries.routes;
  const ways = org.deliveries.waysOf(news);
  const tellings = ways.flatMap(({ route, policy, channels }) =>
    channels.flatMap((id): Telling[] => {
      const channel = org.channels.get(id);
      if (!channel) return [];
      return [
        { ...named(channel, route), ...wouldBecome(channel, level, holdOf(settings, policy, level, at)) },
      ];
    }),
  );
  const routed = tellings.map(({ channel }) => ({ channelId: channel.id }));
  const all = [...tellings, ...untoldBy(org, routed, Number.POSITIVE_INFINITY)];
  const why = all.length === 0 ? NO_CHANNEL : undefined;
  const soon = ways.flatMap(({ policy: { escalate } }) => (escalate ? [escalate] : []))[0];
  const others = soon && listed(soon.channels.flatMap((id) => org.channels.get(id)?.name ?? []));
  return {
    answer: wouldAnswer(all),
    moments: [{ at, event: "fired", level, ...(why && { why }), tellings: all }],
    ...(soon && {
      next: { at: at + soon.afterMs, says: `${others} would be told if nobody has acknowledged it.` },
    }),
  };
}

const NOT: Record<NonNullable<Decided["not"]>, string> = {
  level: "It takes only what is critical.",
  off: "The channel was off.",
  heard: "It had been told before.",
  unheard: "It had not heard of it.",
  behind: "It was not told again: what it was sent before has not arrived.",
  too_many: "Too many messages waited for it already.",
};

interface Asked {
  channel: StoredChannel;
  decided: Decided;
  decision: Decision;
  /** What was decided after it. */
  later: readonly Decision[];
  /** Until when it is held for whom. */
  held: ReadonlyMap<string, number>;
}

function became(db: Database, asked: Asked): Became {
  const { channel, decided, decision, later, held } = asked;
  const { not, hold, messageId } = decided;
  if (not) return { state: "untold", why: NOT[not] };
  if (hold) {
    const until = held.get(channel.id);
    if (until !== undefined) return waits({ ...hold, until });
    const then = later.find(({ tellings }) => tellings.some(({ channelId }) => channelId === channel.id));
    const next = then?.tellings.find(({ channelId }) => channelId === channel.id);
    if (then && next && (then.event !== "resolved" || decision.event === "resolved")) {
      const after = became(db, {
        ...asked,
        decided: next,
        decision: then,
        later: later.slice(later.indexOf(then) + 1),
      });
      return { ...after, why: `${HELD[hold.by]} ${after.why}` };
    }
    const dropped = later.find(({ why }) => why !== undefined)?.why;
    return { state: "untold", why: `${HELD[hold.by]} ${dropped ?? "It was over before."}` };
  }
  const row = messageId === undefined ? undefined : findDelivery(db, messageId);
  if (!row)
    return { state: "told", why: "It was sent, or given up; the line about that is not kept any more." };
  return ofDelivery(row, channel, decision);
}

const HELD: Record<Hold["by"], string> = {
  quiet: "It was held in a quiet time.",
  observing: "It was held while observing.",
};

function waits({ by, until }: Hold): Became {
  const why = by === "quiet" ? `Quiet until ${timeOf(until)}.` : `Observing until ${timeOf(until)}.`;
  return { state: "waiting", why: `${why} It is told then if it is still so.`, at: until };
}

function ofDelivery(row: DeliveryRow, channel: StoredChannel, { alertId, at, event }: Decision): Became {
  const message = messageOf(row);
  const isNamed = message.alerts.some(({ id }) => id === alertId);
  const failure = row.failure === null ? undefined : failureNamed(row.failure);
  const doneAt = row.doneAt ?? row.dueAt;
  if (row.state === "cancelled")
    return {
      state: "untold",
      why: channel.enabled
        ? "It was over before it was told."
        : "The channel was turned off before it was told.",
    };
  const isCounted = message.counted?.has(alertId) ?? message.more > 0;
  if (!isNamed && (!isCounted || event === "resolved"))
    return { state: "untold", why: "It was over before it was told." };
  if (row.state === "sent") {
    const counted = isNamed ? "" : ` as one of ${message.more} more alerts that the message counts`;
    return { state: "told", why: `Told ${afterOf(doneAt - at)}${counted}.`, at: doneAt };
  }
  if (row.state === "dead")
    return {
      state: "failed",
      why: `Given up: ${TROUBLE_WORDS[failure ?? "unknown"]}.`,
      at: doneAt,
      ...mending(failure ?? "unknown"),
    };
  const trouble = failure ?? channel.problem?.failure;
  if (trouble)
    return {
      state: "failed",
      why: `It has not arrived: ${TROUBLE_WORDS[trouble]}. It is tried again.`,
      at: row.dueAt,
      ...mending(trouble),
    };
  return {
    state: "waiting",
    why: "It is about to be sent, together with what happens meanwhile.",
    at: row.dueAt,
  };
}

function mending(failure: DeliveryFailure): Pick<Telling, "failure" | "fix"> {
  return { failure, fix: DELIVERY_FAILURES[failure] };
}

function wouldBecome(
  channel: StoredChannel,
  level: AlertNow["news"]["level"],
  hold: Hold | undefined,
): Became {
  if (!channel.enabled) return { state: "untold", why: "The channel is off." };
  if (channel.leastLevel === "critical" && level !== "critical") return { state: "untold", why: NOT.level };
  if (hold) return waits(hold);
  const { problem } = channel;
  if (!problem) return { state: "told", why: "It would be told at once." };
  const { failure } = problem;
  return {
    state: "failed",
    why: `Its messages do not arrive now: ${TROUBLE_WORDS[failure]}.`,
    ...mending(failure),
  };
}

/** Those that were there and are named by nothing. */
function untoldBy(
  { channels, deliveries }: WithDiagnosis,
  tellings: readonly Pick<Decided, "channelId">[],
  at: number,
): Telling[] {
  const why =
    deliveries.routes.settings.routes.length > 0
      ? "No route that fits names it."
      : "It is not among the channels that are told.";
  return [...channels.all()]
    .filter(({ id, createdAt }) => createdAt <= at && !tellings.some(({ channelId }) => channelId === id))
    .map((channel): Telling => ({ ...named(channel, undefined), state: "untold", why }));
}

function named(
  { id, name, type }: StoredChannel,
  route: string | undefined,
): Pick<Telling, "channel" | "route"> {
  return { channel: { id, name, type }, ...(route && { route }) };
}

/** What comes next if nothing changes. */
function nextOf(
  org: WithDiagnosis,
  alertId: string,
  { news, heldBack }: AlertNow,
  held: ReadonlyMap<string, number>,
): Diagnosis["next"] {
  const coming: NonNullable<Diagnosis["next"]>[] = [];
  for (const [id, at] of held) {
    const name = [...org.channels.all()].find((channel) => channel.id === id)?.name;
    if (name) coming.push({ at, says: `${name} is told, if it is still so.` });
  }
  const ways = org.deliveries.waysOf(news);
  for (const { kind, route, dueAt } of heldBack === undefined ? followUpsOf(org.db(), alertId) : []) {
    const policy = ways.find((way) => way.route === route)?.policy;
    if (!policy || dueAt === null) continue;
    const others = listed(
      (policy.escalate?.channels ?? []).flatMap((one) => org.channels.get(one)?.name ?? []),
    );
    const who =
      kind === "repeat"
        ? "It is told again"
        : `${others} ${others.includes(" and ") ? "are" : "is"} told as well`;
    coming.push({ at: dueAt, says: `${who} if nobody has acknowledged it.` });
  }
  return coming.sort((a, b) => a.at - b.at)[0];
}
