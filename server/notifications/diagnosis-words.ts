/** Why somebody was told, or was not, in one sentence that a person would say. */
import type { AlertNow } from "../contract/notifications.ts";
import type { DiagnosedMoment, Telling } from "../contract/routes.ts";
import { span } from "../lib/spans.ts";
import { timeOf } from "./wording.ts";

export const NO_CHANNEL = "There is no channel.";
/** What is told within this time is told at once, as far as anybody minds. */
const AT_ONCE_MS = 90_000;

export function answerOf(moments: readonly DiagnosedMoment[], { heldBack }: AlertNow): string {
  const [first] = moments;
  if (!first) return "Nothing is remembered of it: what was decided is kept for 30 days.";
  const tellings = moments.flatMap((moment) => moment.tellings);
  const told = firstTold(moments);
  if (told.size > 0) {
    const parts = [...Map.groupBy(told, ([, at]) => afterOf(at - first.at))].map(
      ([when, names]) => `to ${listed(names.map(([name]) => name))} ${when}`,
    );
    return `Told ${parts.join(", and ")}.`;
  }
  const waiting = tellings.find(({ state }) => state === "waiting");
  if (waiting) return `Not yet. ${waiting.channel.name}: ${waiting.why}`;
  const failed = tellings.find(({ state }) => state === "failed");
  if (failed) return `Nobody has been told. ${failed.channel.name}: ${failed.why}`;
  const why = heldBack ?? moments.findLast((moment) => moment.why !== undefined)?.why;
  return why === undefined ? nobodySaid("Nobody was told", tellings) : `Nobody was told. ${why}`;
}

export function wouldAnswer(tellings: readonly Telling[]): string {
  const would = (state: Telling["state"]) => tellings.filter((one) => one.state === state);
  const told = would("told").map(({ channel }) => channel.name);
  const parts = told.length > 0 ? [`to ${listed(told)} at once`] : [];
  for (const { channel, at } of would("waiting")) if (at) parts.push(`to ${channel.name} at ${timeOf(at)}`);
  if (parts.length > 0) return `It would be told ${parts.join(", and ")}.`;
  return nobodySaid("Nobody would be told", tellings);
}

function nobodySaid(nobody: string, tellings: readonly Telling[]): string {
  const [one] = tellings;
  if (!one) return `${nobody}. ${NO_CHANNEL}`;
  const isSame = tellings.every(({ why }) => why === one.why);
  if (isSame && tellings.length > 1) return `${nobody}. Of every channel: ${lower(one.why)}`;
  return `${nobody}. ${one.channel.name}: ${lower(one.why)}`;
}

/** When each was told for the first time, by name. */
function firstTold(moments: readonly DiagnosedMoment[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { at, tellings } of moments)
    for (const { channel, state, at: toldAt = at } of tellings)
      if (state === "told" && !first.has(channel.name)) first.set(channel.name, toldAt);
  return first;
}

export function afterOf(ms: number): string {
  return ms < AT_ONCE_MS ? "at once" : `after ${span(ms)}`;
}

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

export function listed(names: readonly string[]): string {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : (names[0] ?? "");
}
