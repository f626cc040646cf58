/**
 * From what goes wrong in a house to everybody who is told: nine troubles that are real, and thirteen kinds of channel
 * that end at services as strict as the real ones. Every trouble is told once on each, and once that it is over.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { CHANNEL_TYPES, type ChannelType } from "../../server/contract/notifications.ts";
import { until } from "../support/until.ts";
import { TROUBLES, TroubledHouse } from "./troubled-house.ts";

const SETUP_MS = 60_000;
/** Podman is asked twice in a minute, and what follows a message goes out together half a minute later. */
const TOLD_WITHIN_MS = 110_000;
const OVER_WITHIN_MS = 80_000;

let house: TroubledHouse;
beforeAll(async () => {
  house = await TroubledHouse.start();
}, SETUP_MS);
afterAll(async () => {
  await house?.stop();
}, SETUP_MS);

/** Whatever was said about an alert there: a headline, or a line below it. */
function sentencesOn(type: ChannelType): string[] {
  return house.everywhere
    .heardOn(type)
    .flatMap(({ title, text }) => [...new Set([title, ...text.split("\n").map((line) => line.trim())])])
    .filter((line) => /^(?:Warning|Critical|Resolved): /.test(line));
}

/** Where which trouble was told of how often, when that is not `times`. */
function toldOtherwise(said: RegExp, times: (count: number) => boolean): string[] {
  return CHANNEL_TYPES.flatMap((type) => {
    const sentences = sentencesOn(type).filter((line) => said.test(line));
    return Object.entries(TROUBLES).flatMap(([what, words]) => {
      const count = sentences.filter((line) => words.test(line.replace(said, ""))).length;
      return times(count) ? [] : `${type}: ${what}, ${count} times`;
    });
  });
}

/** Looked at again when another message has come. */
async function untilNowhere(find: () => string[], withinMs: number): Promise<void> {
  let counted = -1;
  const look = () => {
    const heard = CHANNEL_TYPES.reduce((sum, type) => sum + house.everywhere.heardOn(type).length, 0);
    if (heard === counted) return false;
    counted = heard;
    return find().length === 0;
  };
  await until(look, { withinMs }).catch(() => {});
}

const FIRED = /^(?:Warning|Critical): /;
const OVER = /^Resolved: /;

test(
  "what goes wrong is told once, on every kind of channel, in words that say what it is",
  async () => {
    await house.breakAll();
    await untilNowhere(() => toldOtherwise(FIRED, (count) => count > 0), TOLD_WITHIN_MS);
    expect(toldOtherwise(FIRED, (count) => count === 1)).toEqual([]);
    expect(toldOtherwise(OVER, (count) => count === 0)).toEqual([]);
    expect(house.everywhere.incidents.size).toBe(Object.keys(TROUBLES).length);
  },
  TOLD_WITHIN_MS + 20_000,
);

test(
  "when it is over that is told once, where it was told that it began",
  async () => {
    await house.mendAll();
    await untilNowhere(() => toldOtherwise(OVER, (count) => count > 0), OVER_WITHIN_MS);
    expect(house.alerts.filter(({ resolvedAt }) => resolvedAt === undefined)).toEqual([]);
    expect(toldOtherwise(OVER, (count) => count === 1)).toEqual([]);
    expect(toldOtherwise(FIRED, (count) => count === 1)).toEqual([]);
    expect([...house.everywhere.incidents]).toEqual([]);
  },
  OVER_WITHIN_MS + 20_000,
);

test("every message was taken at the first try, and nothing was logged as an error", async () => {
  expect(house.everywhere.refused).toEqual([]);
  const { deliveries } = await house.owner.api.notifications.deliveries.query({ limit: 100 });
  expect(deliveries.filter(({ state, attempts }) => state !== "sent" || attempts !== 1)).toEqual([]);
  const ids = CHANNEL_TYPES.map((type) => new Set(house.everywhere.heardOn(type)).size);
  expect(deliveries.length).toBe(ids.reduce((sum, count) => sum + count, 0));
  expect(house.server.noise).toBe("");
  expect(house.server.logs.filter(({ level }) => level === "error")).toEqual([]);
});
