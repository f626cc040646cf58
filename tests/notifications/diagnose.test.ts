/** Why somebody was told of an alert, or was not: in a sentence, from what was decided and what became of it. */
import { afterEach, expect, test } from "bun:test";
import * as incidents from "../../server/alerts/incidents.ts";
import { silence } from "../../server/alerts/rules.ts";
import type { Alert, Author } from "../../server/contract/alerts.ts";
import type { ChannelId } from "../../server/contract/ids.ts";
import type { DiagnoseInput, Diagnosis } from "../../server/contract/routes.ts";
import { update } from "../../server/notifications/manage.ts";
import * as routes from "../../server/notifications/routes.ts";
import { orgVerbs } from "../../server/runtime/org-verbs.ts";
import { type Receiver, startReceiver } from "../support/receivers/receiver.ts";
import { WEBHOOK_SECRET, webhookService } from "../support/receivers/webhook.ts";
import { HOUR, MINUTE, type TestOrg, testOrg } from "./org.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface House {
  own: TestOrg;
  receivers: Receiver[];
  ids: ChannelId[];
}

function start(...names: string[]): House {
  const own = testOrg();
  stops.push(() => own.stop());
  const house: House = { own, receivers: [], ids: [] };
  for (const name of names) {
    const receiver = startReceiver(webhookService(() => own.time.now));
    stops.push(() => receiver.stop());
    const config = { url: `${receiver.url}/hook`, secret: WEBHOOK_SECRET };
    house.ids.push(own.addChannel("webhook", config, name).id);
    house.receivers.push(receiver);
  }
  return house;
}

const by: Author = { kind: "person", id: "uaaaaaaaaaaaaaaaaaaa" as Author["id"], name: "Ada" };
const ask = ({ own }: House, input: DiagnoseInput): Promise<Diagnosis> =>
  orgVerbs.notifications.diagnose(own.org, { input });
const openOf = ({ own }: House, name: string): Alert["id"] =>
  own.org.alerts.open().find(({ subject }) => subject.name === name)!.id;
const machine = ({ own }: House, name: string) =>
  [...own.org.inventory.all()].find((resource) => resource.name === name)!.id;
const whys = ({ moments }: Diagnosis, nth = 0) =>
  moments[nth]?.tellings.map(({ channel, state, why }) => `${channel.name} ${state}: ${why}`);

async function fires(house: House, name: string, memory = 91): Promise<Diagnosis> {
  house.own.says(name, memory);
  for (let second = 0; second < 2; second++) await house.own.pass(1_000);
  return ask(house, { alertId: openOf(house, name) });
}

test("there is no channel", async () => {
  const house = start();
  expect((await fires(house, "nas")).answer).toBe("Nobody was told. There is no channel.");
  const imagined = await ask(house, { resourceId: machine(house, "nas"), rule: "memory", level: "critical" });
  expect(imagined.answer).toBe("Nobody would be told. There is no channel.");
});

test("channels that take less, are off, or are named by nothing", async () => {
  const house = start("phone", "mail", "boss", "pager");
  const [phone, mail, boss] = house.ids as [ChannelId, ChannelId, ChannelId];
  routes.set(house.own.org, {
    revision: 0,
    settings: {
      routes: [{ name: "ops", match: {}, channels: [phone, mail, boss] }],
      rest: { channels: "all" },
    },
  });
  update(house.own.org, { input: { id: mail, leastLevel: "critical" } });
  update(house.own.org, { input: { id: boss, enabled: false } });
  const diagnosis = await fires(house, "nas");
  expect(diagnosis.answer).toBe("Told to phone at once.");
  expect(whys(diagnosis)).toEqual([
    "phone told: Told at once.",
    "mail untold: It takes only what is critical.",
    "boss untold: The channel was off.",
    "pager untold: No route that fits names it.",
  ]);
  expect(diagnosis.moments[0]?.tellings.map(({ route }) => route)).toEqual(["ops", "ops", "ops", undefined]);
  const imagined = await ask(house, { resourceId: machine(house, "nas"), rule: "memory", level: "critical" });
  expect(imagined.answer).toBe("It would be told to phone and mail at once.");
});

test("somebody has silenced, snoozed or acknowledged it", async () => {
  const house = start("phone");
  const { own } = house;
  own.says("nas", 10);
  const when = { type: "once", from: 0, to: own.time.now + HOUR } as const;
  const scope = { resourceIds: [machine(house, "nas")] };
  await silence(own.org, { input: { name: "moving", scope, when }, by });
  expect((await fires(house, "nas")).answer).toBe("Nobody was told. It is silenced by “moving”.");
  const asked = { resourceId: machine(house, "nas"), rule: "memory", level: "warning" } as const;
  expect((await ask(house, asked)).answer).toBe("Nobody would be told. It is silenced by “moving”.");
  expect((await ask(house, { ...asked, at: own.time.now + 2 * HOUR })).answer).toBe(
    "It would be told to phone at once.",
  );
  routes.set(own.org, {
    revision: 0,
    settings: { routes: [], rest: { channels: "all" }, observeUntil: own.time.now + HOUR },
  });
  await fires(house, "web");
  const id = openOf(house, "web");
  await incidents.snooze(own.org, { input: { id, until: own.time.now + 5 * HOUR }, by });
  await own.pass(HOUR);
  expect((await ask(house, { alertId: id })).answer).toBe("Nobody was told. Somebody has snoozed it.");
});

test("it does not arrive, it was over before, it is only counted", async () => {
  const house = start("phone");
  const { own, receivers } = house;
  receivers[0]?.instead(() => new Response("", { status: 401 }), 1);
  const failed = await fires(house, "nas");
  expect(failed.answer).toBe(
    "Nobody has been told. phone: It has not arrived: the token or the password is not accepted. It is tried again.",
  );
  expect(failed.moments[0]?.tellings[0]).toMatchObject({
    failure: "authentication",
    fix: "The token or the password is not accepted: enter it again.",
  });
  own.says("web", 91);
  const web = openOf(house, "web");
  own.says("web", 10);
  for (let nth = 0; nth < 25; nth++) own.says(`machine-${nth}`, 91);
  const last = openOf(house, "machine-24");
  for (let nth = 0; nth < 3; nth++) await own.pass(15 * MINUTE);
  expect((await ask(house, { alertId: web })).answer).toBe(
    "Nobody was told. phone: it was over before it was told.",
  );
  expect(whys(await ask(house, { alertId: last }))).toEqual([
    "phone told: Told after 30 minutes as one of 5 more alerts that the message counts.",
  ]);
  expect((await ask(house, { alertId: openOf(house, "nas") })).answer).toBe(
    "Told to phone after 15 minutes.",
  );
});

test("what would become of one is known as far ahead as a time can be named", async () => {
  const house = start("phone");
  const zone = "Pacific/Kiritimati"; // where it is the year 10000 first
  const always = { days: [0, 1, 2, 3, 4, 5, 6], from: "00:00", to: "23:59", timeZone: zone };
  routes.set(house.own.org, {
    revision: 0,
    settings: { routes: [], rest: { channels: "all", quiet: [{ ...always, breaksThrough: "nothing" }] } },
  });
  await fires(house, "nas");
  const asked = { resourceId: machine(house, "nas"), rule: "memory", level: "warning" } as const;
  const at = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
  expect((await ask(house, { ...asked, at })).answer).toStartWith("It would be told to phone at");
});

test("what is asked for is there, and nothing is told of where a channel leads", async () => {
  const house = start("phone");
  house.receivers[0]?.instead(() => new Response("go away, you", { status: 403 }), 1);
  const told = JSON.stringify(await fires(house, "nas"));
  for (const hidden of ["127.0.0.1", WEBHOOK_SECRET, "go away"]) expect(told).not.toContain(hidden);
  const nothing = "laaaaaaaaaaaaaaaaaaa" as Alert["id"];
  await expect(ask(house, { alertId: nothing })).rejects.toThrow("There is no such alert.");
  const resourceId = machine(house, "nas");
  await expect(ask(house, { resourceId, rule: "own_none", level: "warning" })).rejects.toThrow(
    "There is no such rule.",
  );
});
