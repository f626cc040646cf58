/** What happens to alerts becomes messages: as few as possible, and nothing nobody needs to hear. */
import { expect, test } from "bun:test";
import { MESSAGE_LIMITS, type NotificationMessage, type ToldAlert } from "../contract/notifications.ts";
import { Plan, type Waiting } from "./join.ts";

function alertOf(id: string, event: ToldAlert["event"] = "fired", title = id): ToldAlert {
  return { id, event, level: "warning", title, lines: [], since: 1 };
}

function messageOf(...alerts: ToldAlert[]): NotificationMessage {
  return { id: "m", at: 1, alerts, more: 0 };
}

function planOf(
  waiting: Partial<Waiting>[] = [],
  { isEach = false, most = 500, told = [] as string[], over = [] as string[] } = {},
): Plan {
  const rows = waiting.map((one, seq) => ({
    seq,
    message: undefined,
    isTried: false,
    isUncertain: false,
    dueAt: 0,
    ...one,
  }));
  return new Plan(rows, {
    isEach,
    most,
    toldAs: (id) => (told.includes(id) ? "warning" : undefined),
    begin: (alert) => messageOf(alert),
    recall: (id) => (over.includes(id) ? undefined : alertOf(id)),
  });
}

const said = (plan: Plan) => ({
  begun: plan.begun.map(({ alerts }) => alerts.map(({ id, event }) => `${id} ${event}`)),
  changed: [...plan.changed].map(({ seq, message }) => [
    seq,
    message?.alerts.map(({ id, event }) => `${id} ${event}`),
  ]),
});

test("what happens together is one message", () => {
  const plan = planOf();
  for (const id of ["a", "b", "c"]) plan.take(alertOf(id));
  expect(said(plan)).toEqual({ begun: [["a fired", "b fired", "c fired"]], changed: [] });
});

test("it joins what waits and was not tried, and leaves what was tried as it is", () => {
  const plan = planOf([
    { message: messageOf(alertOf("a")), isTried: true },
    { message: messageOf(alertOf("b")) },
  ]);
  plan.take(alertOf("c"));
  expect(said(plan)).toEqual({ begun: [], changed: [[1, ["b fired", "c fired"]]] });
  const tried = planOf([{ message: messageOf(alertOf("a")), isTried: true }]);
  tried.take(alertOf("c"));
  expect(said(tried)).toEqual({ begun: [["c fired"]], changed: [] });
});

test("an alert that is over before it was told is told to nobody", () => {
  const plan = planOf([
    { message: messageOf(alertOf("a"), alertOf("b")) },
    { message: messageOf(alertOf("c")) },
  ]);
  plan.take(alertOf("a", "resolved"));
  plan.take(alertOf("c", "resolved"));
  expect(said(plan)).toEqual({
    begun: [],
    changed: [
      [0, ["b fired"]],
      [1, undefined],
    ],
  });
  const same = planOf();
  same.take(alertOf("a"));
  same.take(alertOf("a", "resolved"));
  expect(said(same)).toEqual({ begun: [], changed: [] });
});

test("that it is over is told to those who were told of it, or may have been", () => {
  const told = planOf([], { told: ["a"] });
  told.take(alertOf("a", "resolved"));
  expect(said(told).begun).toEqual([["a resolved"]]);
  const maybe = planOf([{ message: messageOf(alertOf("a")), isTried: true, isUncertain: true }]);
  maybe.take(alertOf("a", "resolved"));
  expect(said(maybe)).toEqual({ begun: [["a resolved"]], changed: [] });
  const certain = planOf([{ message: messageOf(alertOf("a")), isTried: true }]);
  certain.take(alertOf("a", "resolved"));
  expect(said(certain)).toEqual({ begun: [], changed: [[0, undefined]] });
  const nobody = planOf();
  nobody.take(alertOf("a", "resolved"));
  expect(said(nobody)).toEqual({ begun: [], changed: [] });
});

test("news of an alert takes the place of older news, and the first time it is heard of it fired", () => {
  const plan = planOf([{ message: messageOf(alertOf("a", "fired", "at 90 %")) }]);
  plan.take(alertOf("a", "updated", "at 97 %"));
  expect(said(plan).changed).toEqual([[0, ["a fired"]]]);
  expect([...plan.changed][0]?.message?.alerts[0]?.title).toBe("at 97 %");
});

test("a storm is one message that says how many", () => {
  const plan = planOf();
  for (let nth = 0; nth < 10_000; nth++) plan.take(alertOf(`a${nth}`));
  expect(plan.begun.length).toBe(1);
  expect(plan.begun[0]?.alerts.length).toBe(MESSAGE_LIMITS.alerts);
  expect(plan.begun[0]?.more).toBe(10_000 - MESSAGE_LIMITS.alerts);
  /* Where not all can be named the worst are. */
  plan.take({ ...alertOf("worst"), level: "critical" });
  expect(plan.begun[0]?.alerts.at(-1)?.id).toBe("worst");
  expect(plan.begun[0]?.more).toBe(10_001 - MESSAGE_LIMITS.alerts);
});

test("what a message only counts is counted once, and is named when there is a place for it", () => {
  const names = (nth: number) => Array.from({ length: nth }, (_, at) => `a${at}`);
  const beyond = MESSAGE_LIMITS.alerts;
  const plan = planOf([], { over: [`a${beyond}`] });
  for (const id of names(beyond + 4)) plan.take(alertOf(id));
  for (let nth = 0; nth < 30; nth++) plan.take(alertOf(`a${beyond}`, "updated"));
  expect(plan.begun[0]?.more).toBe(4);
  /* One that is only counted is over. */
  plan.take(alertOf(`a${beyond + 1}`, "resolved"));
  expect(plan.begun[0]).toMatchObject({ more: 3, alerts: names(beyond).map((id) => ({ id })) });
  /* One that was named is: the next that is still open takes its place. */
  plan.take(alertOf("a0", "resolved"));
  expect(plan.begun[0]?.alerts.at(-1)?.id).toBe(`a${beyond + 2}`);
  expect(plan.begun[0]?.more).toBe(1);
  /* The worst takes the place of another, which is counted then. */
  plan.take({ ...alertOf(`a${beyond + 3}`), level: "critical" });
  expect(plan.begun[0]?.alerts.at(-1)?.id).toBe(`a${beyond + 3}`);
  expect(plan.begun[0]).toMatchObject({ more: 1, counted: new Set([`a${beyond + 2}`]) });
  for (const id of names(beyond + 4)) if (id !== `a${beyond + 2}`) plan.take(alertOf(id, "resolved"));
  expect(plan.begun[0]).toMatchObject({ more: 0, alerts: [{ id: `a${beyond + 2}` }] });
});

test("where each alert is an incident there, each is a message, as many as there is room for", () => {
  const plan = planOf([], { isEach: true, most: 3 });
  for (const id of ["a", "b", "a", "c", "d"]) plan.take(alertOf(id, "updated"));
  expect(said(plan).begun).toEqual([["a updated"], ["b updated"], ["c updated"]]);
  expect(plan.tooMany).toBe(1);
});
