/** Who is told of what, when and how often: by routes, on real alerts, with time that is ours. */
import { afterEach, describe, expect, test } from "bun:test";
import * as incidents from "../../server/alerts/incidents.ts";
import * as rules from "../../server/alerts/rules.ts";
import type { Alert, Author, RuleSettings } from "../../server/contract/alerts.ts";
import type { ChannelId } from "../../server/contract/ids.ts";
import type { Channel } from "../../server/contract/notifications.ts";
import type { Diagnosis, QuietTime, RestPolicy, Route, RouteSettings } from "../../server/contract/routes.ts";
import { remove, trouble, update } from "../../server/notifications/manage.ts";
import * as routes from "../../server/notifications/routes.ts";
import { orgVerbs } from "../../server/runtime/org-verbs.ts";
import { type Receiver, startReceiver } from "../support/receivers/receiver.ts";
import { WEBHOOK_SECRET, webhookService } from "../support/receivers/webhook.ts";
import { HOUR, MINUTE, type TestOrg, testOrg } from "./org.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

type Hook = Receiver & { channel: Channel };

/** A Wednesday, 20:00 in Berlin. */
const EVENING = Date.parse("2026-01-14T19:00:00Z");
const NIGHT: QuietTime = {
  days: [0, 1, 2, 3, 4, 5, 6],
  from: "22:00",
  to: "07:00",
  timeZone: "Europe/Berlin",
  breaksThrough: "critical",
};

function start(...names: string[]): { own: TestOrg; hooks: Hook[] } {
  const own = testOrg();
  own.time.now = EVENING;
  stops.push(() => own.stop());
  const hooks = names.map((name) => {
    const receiver = startReceiver(webhookService(() => own.time.now));
    stops.push(() => receiver.stop());
    const config = { url: `${receiver.url}/hook`, secret: WEBHOOK_SECRET };
    return Object.assign(receiver, { channel: own.addChannel("webhook", config, name) });
  });
  return { own, hooks };
}

const ids = (...hooks: Hook[]): ChannelId[] => hooks.map(({ channel }) => channel.id);
const titles = ({ taken }: Receiver) => taken.map(({ title }) => title.replaceAll("\u00a0", " "));
const textOf = ({ taken }: Receiver) => taken.at(-1)?.text ?? "";

function setRoutes({ org }: TestOrg, settings: Partial<RouteSettings> & { rest?: RestPolicy }): void {
  const { revision } = routes.list(org);
  routes.set(org, { revision, settings: { routes: [], rest: { channels: "all" }, ...settings } });
}

function routeOf(name: string, channels: ChannelId[], more: Partial<Route> = {}): Route {
  return { name, match: {}, channels, ...more };
}

const by: Author = { kind: "person", id: "uaaaaaaaaaaaaaaaaaaa" as Author["id"], name: "Ada" };
const openOf = ({ org }: TestOrg, name: string): Alert => {
  const alert = org.alerts.open().find(({ subject }) => subject.name === name);
  if (!alert) throw new Error(`nothing is wrong with ${name}`);
  return alert;
};
const asked = ({ org }: TestOrg, alertId: Alert["id"]): Promise<Diagnosis> =>
  orgVerbs.notifications.diagnose(org, { input: { alertId } });

/** Machines go on saying so while time passes. */
async function pass(own: TestOrg, ms: number, said: Record<string, number> = {}): Promise<void> {
  own.time.now += ms - 2_000;
  for (const [name, memory] of Object.entries(said)) own.says(name, memory);
  await own.pass(1_000);
  await own.pass(1_000);
}

test("as long as nobody has set anything every channel is told at once", async () => {
  const { own, hooks } = start("phone", "mail");
  own.says("nas", 91);
  await own.pass(1_000);
  expect(hooks.map(titles)).toEqual([
    ["Warning: nas has used 91.0 % of its memory"],
    ["Warning: nas has used 91.0 % of its memory"],
  ]);
  expect(routes.list(own.org)).toEqual({ settings: { routes: [], rest: { channels: "all" } }, revision: 0 });
});

test("the first route that fits counts, and who was told hears the end, whatever is set by then", async () => {
  const { own, hooks } = start("ops", "boss", "mail");
  const [ops, boss, mail] = hooks as [Hook, Hook, Hook];
  own.says("nas", 10);
  own.says("web", 10);
  const nas = [...own.org.inventory.all()].find(({ name }) => name === "nas")!.id;
  setRoutes(own, {
    routes: [
      routeOf("worst", ids(boss), { match: { leastLevel: "critical" }, goesOn: true }),
      routeOf("storage", ids(ops, boss), { match: { resourceIds: [nas] } }),
    ],
    rest: { channels: ids(mail) },
  });
  own.says("nas", 99);
  own.says("web", 85);
  await own.pass(1_000);
  expect(hooks.map((hook) => titles(hook).length)).toEqual([1, 1, 1]);
  expect(titles(boss)).toEqual(["Critical: nas has used 99.0 % of its memory"]);
  expect(titles(mail)).toEqual(["Warning: web has used 85.0 % of its memory"]);
  setRoutes(own, { rest: { channels: ids(mail) } });
  own.says("nas", 10);
  await own.pass(MINUTE);
  expect(hooks.map((hook) => titles(hook).length)).toEqual([2, 2, 1]);
});

describe("in a quiet time", () => {
  test("what is not critical waits, what is over by then is told to nobody, the rest together", async () => {
    const { own, hooks } = start("phone");
    const [phone] = hooks as [Hook];
    setRoutes(own, { rest: { channels: "all", quiet: [NIGHT] } });
    await pass(own, 3 * HOUR, { nas: 91, web: 92, db: 93 });
    expect(titles(phone)).toEqual([]);
    /* What waits for its time is not put to rest. */
    expect(own.org.deliveries.isBusy).toBe(true);
    await pass(own, HOUR, { db: 99 });
    expect(titles(phone)).toEqual(["Critical: db has used 99.0 % of its memory"]);
    const web = openOf(own, "web");
    expect((await asked(own, web.id)).answer).toBe(
      "Not yet. phone: Quiet until 2026-01-15 06:00 UTC. It is told then if it is still so.",
    );
    await pass(own, MINUTE, { web: 20 });
    own.restart();
    await pass(own, 10 * HOUR, { nas: 91, db: 99 });
    expect(titles(phone).slice(1)).toEqual(["Warning: nas has used 91.0 % of its memory"]);
    expect((await asked(own, web.id)).answer).toBe(
      "Nobody was told. phone: it was held in a quiet time. It was over before.",
    );
    expect((await asked(own, openOf(own, "nas").id)).answer).toBe("Told to phone after 11 hours.");
    expect(own.org.deliveries.isBusy).toBe(false);
  });

  test("what was told before and is over in it is told when it ends; nothing is when somebody has taken care of it", async () => {
    const { own, hooks } = start("phone");
    const [phone] = hooks as [Hook];
    setRoutes(own, { rest: { channels: "all", quiet: [{ ...NIGHT, breaksThrough: "nothing" }] } });
    own.says("nas", 91);
    await own.pass(1_000);
    await pass(own, 4 * HOUR, { nas: 20, web: 99 });
    await pass(own, MINUTE);
    expect(titles(phone)).toEqual(["Warning: nas has used 91.0 % of its memory"]);
    const web = openOf(own, "web");
    await incidents.acknowledge(own.org, { input: { id: web.id }, by });
    await pass(own, 9 * HOUR, { web: 99 });
    expect(titles(phone).slice(1)).toEqual(["Resolved: nas has used 91.0 % of its memory"]);
    expect((await asked(own, web.id)).answer).toBe("Nobody was told. Ada has acknowledged it.");
    /* Nobody does, after all, and nobody has heard of it. */
    await incidents.unacknowledge(own.org, { input: { id: web.id }, by });
    await pass(own, MINUTE, { web: 99 });
    expect(titles(phone).slice(2)).toEqual(["Critical: web has used 99.0 % of its memory"]);
  });

  test("whoever took care of something less is told when it ends that it got worse, as by day", async () => {
    const { own, hooks } = start("phone");
    const [phone] = hooks as [Hook];
    setRoutes(own, { rest: { channels: "all", quiet: [{ ...NIGHT, breaksThrough: "nothing" }] } });
    for (const name of ["nas", "web"]) {
      own.says(name, 91);
      await own.pass(MINUTE);
      await incidents.acknowledge(own.org, { input: { id: openOf(own, name).id }, by });
    }
    await pass(own, MINUTE, { web: 99 });
    await pass(own, 3 * HOUR, { nas: 99, web: 99 });
    expect(titles(phone).slice(2)).toEqual(["Critical: web has used 99.0 % of its memory"]);
    for (let nth = 0; nth < 2; nth++) await pass(own, 9 * HOUR, { nas: 99, web: 99 });
    expect(titles(phone).slice(3)).toEqual(["Critical: nas has used 99.0 % of its memory"]);
  });

  test("that is taken away, what waited is told", async () => {
    const { own, hooks } = start("phone");
    const [phone] = hooks as [Hook];
    setRoutes(own, { rest: { channels: "all", quiet: [NIGHT] } });
    await pass(own, 4 * HOUR, { nas: 91 });
    setRoutes(own, {});
    await own.pass(1_000);
    expect(titles(phone)).toEqual(["Warning: nas has used 91.0 % of its memory"]);
  });
});

test("while observing nobody is told of anything, and of what is still so when it ends", async () => {
  const { own, hooks } = start("phone");
  const [phone] = hooks as [Hook];
  setRoutes(own, { observeUntil: own.time.now + 24 * HOUR });
  own.says("nas", 99);
  own.says("web", 99);
  await own.pass(MINUTE);
  expect((await asked(own, openOf(own, "nas").id)).answer).toMatch(/^Not yet. phone: Observing until/);
  await pass(own, 12 * HOUR, { nas: 99, web: 20 });
  expect(titles(phone)).toEqual([]);
  await pass(own, 12 * HOUR, { nas: 99 });
  expect(titles(phone)).toEqual(["Critical: nas has used 99.0 % of its memory"]);
});

test("what got worse in a silence is told when that ends, also to those who heard that it was less", async () => {
  const { own, hooks } = start("phone");
  const [phone] = hooks as [Hook];
  own.says("nas", 91);
  own.says("web", 99);
  await own.pass(1_000);
  const from = own.time.now;
  const when = { type: "once", from, to: from + HOUR } as const;
  await rules.silence(own.org, { input: { name: "work", scope: {}, when }, by });
  await pass(own, 10 * MINUTE, { nas: 99, web: 99 });
  for (let nth = 0; nth < 2; nth++) await pass(own, HOUR, { nas: 99, web: 99 });
  expect(titles(phone).slice(1)).toEqual(["Critical: nas has used 99.0 % of its memory"]);
});

test("what happens within the time of its route goes together", async () => {
  const { own, hooks } = start("phone");
  const [phone] = hooks as [Hook];
  setRoutes(own, { rest: { channels: "all", togetherMs: 10 * MINUTE } });
  own.says("nas", 91);
  await own.pass(1_000);
  for (const name of ["web", "db", "dns"]) await pass(own, MINUTE, { [name]: 91 });
  expect(titles(phone).length).toBe(1);
  await own.pass(10 * MINUTE);
  expect(titles(phone)[1]).toBe("3 alerts: 3 warning");
});

describe("what nobody takes care of", () => {
  test("is told again, not at night, and not once somebody has", async () => {
    const { own, hooks } = start("phone");
    const [phone] = hooks as [Hook];
    setRoutes(own, { rest: { channels: "all", quiet: [NIGHT], repeatMs: HOUR } });
    own.says("nas", 91);
    await own.pass(1_000);
    const counts = [phone.taken.length];
    for (let hour = 1; hour <= 13; hour++) {
      await pass(own, HOUR + MINUTE, { nas: 91 });
      counts.push(phone.taken.length);
    }
    expect(counts).toEqual([1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 4, 5]);
    expect(textOf(phone)).toContain("Still so, after 13 hours.");
    const { id } = openOf(own, "nas");
    await incidents.acknowledge(own.org, { input: { id }, by });
    await pass(own, 2 * HOUR, { nas: 91 });
    expect(phone.taken.length).toBe(5);
    await incidents.unacknowledge(own.org, { input: { id }, by });
    await pass(own, 59 * MINUTE, { nas: 91 });
    expect(phone.taken.length).toBe(5);
    await pass(own, 2 * MINUTE, { nas: 91 });
    expect(phone.taken.length).toBe(6);
  });

  test("is told to others as well, once, also over a restart, and that it is over is told to them", async () => {
    const { own, hooks } = start("phone", "boss");
    const [phone, boss] = hooks as [Hook, Hook];
    const escalate = { afterMs: 30 * MINUTE, channels: ids(boss) };
    setRoutes(own, { rest: { channels: ids(phone), escalate } });
    own.says("nas", 91);
    own.says("web", 91);
    await own.pass(1_000);
    const nas = openOf(own, "nas").id;
    expect((await asked(own, nas)).next).toEqual({
      at: EVENING + 30 * MINUTE,
      says: "boss is told as well if nobody has acknowledged it.",
    });
    await incidents.acknowledge(own.org, { input: { id: openOf(own, "web").id }, by });
    await pass(own, 29 * MINUTE, { nas: 91 });
    expect(titles(boss)).toEqual([]);
    own.restart();
    await pass(own, MINUTE, { nas: 91 });
    for (let nth = 0; nth < 3; nth++) await pass(own, HOUR, { nas: 91 });
    expect(titles(boss)).toEqual(["Warning: nas has used 91.0 % of its memory"]);
    expect(textOf(boss)).toContain("Nobody has acknowledged it for 30 minutes.");
    expect((await asked(own, nas)).answer).toBe("Told to phone at once, and to boss after 30 minutes.");
    await pass(own, MINUTE, { nas: 20, web: 20 });
    expect(titles(boss)).toEqual([
      "Warning: nas has used 91.0 % of its memory",
      "Resolved: nas has used 91.0 % of its memory",
    ]);
  });

  test("is told to those who hear only of what is critical once it is, not before", async () => {
    const { own, hooks } = start("phone", "boss");
    const [phone, boss] = hooks as [Hook, Hook];
    update(own.org, { input: { id: boss.channel.id, leastLevel: "critical" } });
    const escalate = { afterMs: 10 * MINUTE, channels: ids(boss) };
    setRoutes(own, { rest: { channels: ids(phone), escalate } });
    own.says("nas", 91);
    await own.pass(1_000);
    await pass(own, 15 * MINUTE, { nas: 91 });
    await pass(own, MINUTE, { nas: 99 });
    expect(titles(boss)).toEqual([]);
    for (let nth = 0; nth < 3; nth++) await pass(own, 11 * MINUTE, { nas: 99 });
    expect(titles(boss)).toEqual(["Critical: nas has used 99.0 % of its memory"]);
  });

  test("is escalated after its time also where somebody had taken care of it overnight", async () => {
    const { own, hooks } = start("phone", "boss");
    const [phone, boss] = hooks as [Hook, Hook];
    const quiet = [{ ...NIGHT, breaksThrough: "nothing" as const }];
    const escalate = { afterMs: 30 * MINUTE, channels: ids(boss) };
    setRoutes(own, { rest: { channels: ids(phone), quiet, escalate } });
    await pass(own, 3 * HOUR, { nas: 91 });
    const { id } = openOf(own, "nas");
    await incidents.acknowledge(own.org, { input: { id }, by });
    await pass(own, MINUTE, { nas: 91 });
    await incidents.unacknowledge(own.org, { input: { id }, by });
    await pass(own, 8 * HOUR, { nas: 91 });
    expect([titles(phone).length, titles(boss).length]).toEqual([1, 0]);
    await pass(own, 30 * MINUTE, { nas: 91 });
    expect(titles(boss).length).toBe(1);
  });

  test("is repeated by the route it goes by once it is less than it was", async () => {
    const { own, hooks } = start("phone", "mail");
    const [phone, mail] = hooks as [Hook, Hook];
    setRoutes(own, {
      routes: [routeOf("worst", ids(phone), { match: { leastLevel: "critical" }, repeatMs: HOUR })],
      rest: { channels: ids(mail), repeatMs: 2 * HOUR },
    });
    own.says("nas", 99);
    await own.pass(1_000);
    for (let nth = 0; nth < 8; nth++) await pass(own, HOUR, { nas: 91 });
    expect([titles(phone).length, titles(mail).length]).toEqual([1, 3]);
  });

  test("is not repeated to a channel that has not taken the first of it", async () => {
    const { own, hooks } = start("phone");
    const [phone] = hooks as [Hook];
    phone.instead(() => new Response("", { status: 503 }), 1_000);
    setRoutes(own, { rest: { channels: "all", repeatMs: 30 * MINUTE } });
    const said = Object.fromEntries(Array.from({ length: 30 }, (_, nth) => [`machine-${nth}`, 91]));
    own.says("nas", 91);
    await own.pass(1_000);
    for (let nth = 0; nth < 6; nth++) await pass(own, 30 * MINUTE, said);
    phone.instead(() => new Response("", { status: 503 }), 0);
    for (let nth = 0; nth < 3; nth++) await pass(own, 20 * MINUTE, said);
    expect(titles(phone).slice(0, 2)).toEqual([
      "Warning: nas has used 91.0 % of its memory",
      "30 alerts: 20 warning, 10 more",
    ]);
    await pass(own, 30 * MINUTE, said);
    expect(titles(phone).at(-1)).toBe("31 alerts: 20 warning, 11 more");
  });

  test("is told at most once more when the clock jumps, and waits for no longer when it is set back", async () => {
    const { own, hooks } = start("phone");
    const [phone] = hooks as [Hook];
    setRoutes(own, { rest: { channels: "all", repeatMs: HOUR } });
    own.says("nas", 91);
    await own.pass(1_000);
    for (const [ms, count] of [
      [240 * HOUR, 2],
      [-240 * HOUR, 2],
      [50 * MINUTE, 2],
      [11 * MINUTE, 2],
      [MINUTE, 3],
    ] as const) {
      await pass(own, ms);
      expect(phone.taken.length).toBe(count);
    }
  });
});

describe("that messages of a channel do not arrive", () => {
  test("is told to the others after ten minutes, once, and once when they do again", async () => {
    const { own, hooks } = start("phone", "mail");
    const [phone, mail] = hooks as [Hook, Hook];
    phone.instead(() => new Response("", { status: 401 }), 3);
    own.says("nas", 91);
    await own.pass(1_000);
    await pass(own, 9 * MINUTE, { nas: 91 });
    expect(titles(mail).length).toBe(1);
    expect(trouble(own.org)).toMatchObject([
      { name: "phone", failure: "authentication", since: EVENING + 1_000 },
    ]);
    own.restart();
    await pass(own, 2 * MINUTE, { nas: 91 });
    expect(titles(mail)[1]).toBe(
      "Warning: Messages to phone do not arrive: the token or the password is not accepted",
    );
    expect((await asked(own, openOf(own, "nas").id)).moments[0]?.tellings[0]).toMatchObject({
      channel: { name: "phone" },
      state: "failed",
      failure: "authentication",
    });
    for (let nth = 0; nth < 3; nth++) await pass(own, HOUR, { nas: 91 });
    expect(titles(phone)).toEqual(["Warning: nas has used 91.0 % of its memory"]);
    expect(titles(mail).slice(2)).toEqual([
      "Resolved: Messages to phone do not arrive: the token or the password is not accepted",
    ]);
    expect(trouble(own.org)).toEqual([]);
  });

  test("is over for them when it is turned off, and told at once when a message is given up", async () => {
    const { own, hooks } = start("phone", "mail");
    const [phone, mail] = hooks as [Hook, Hook];
    phone.instead(() => new Response("", { status: 400 }), 100);
    own.says("nas", 91);
    for (let nth = 0; nth < 4; nth++) await pass(own, MINUTE, { nas: 91 });
    expect(titles(mail)[1]).toBe("Warning: Messages to phone do not arrive: the service does not take them");
    update(own.org, { input: { id: phone.channel.id, enabled: false } });
    await pass(own, MINUTE, { nas: 91 });
    expect(titles(mail)[2]).toBe("Resolved: Messages to phone do not arrive: the service does not take them");
    expect(trouble(own.org)).toEqual([]);
  });
});

describe("settings", () => {
  test("of somebody who was slower are refused, and so is what names what is not there", () => {
    const { own, hooks } = start("phone");
    const [phone] = hooks as [Hook];
    const set = (settings: RouteSettings, revision = 0) => routes.set(own.org, { revision, settings });
    const rest: RestPolicy = { channels: "all" };
    const unknown = ["caaaaaaaaaaaaaaaaaaa"] as unknown as ChannelId[];
    const route = (more: Partial<Route>) => ({ routes: [routeOf("one", ids(phone), more)], rest });
    expect(() => set({ routes: [], rest }, 1)).toThrow("Somebody has changed the routes meanwhile.");
    const wrong: [RouteSettings, string][] = [
      [route({ channels: unknown }), "settings.routes.0.channels names a channel that is not there."],
      [route({ match: { rules: ["own_nothing"] } }), "settings.routes.0.match.rules names what is no rule."],
      [
        route({ match: { resourceIds: ["raaaaaaaaaaaaaaaaaaa" as never] } }),
        "settings.routes.0.match.resourceIds names what is not there.",
      ],
      [{ routes: [routeOf("one", []), routeOf("one", [])], rest }, "settings.routes.1.name is there twice."],
      [
        route({ quiet: [{ ...NIGHT, from: "00:00", to: "00:00" }] }),
        "settings.routes.0.quiet leaves no time at which anybody could be told.",
      ],
      [
        route({ escalate: { afterMs: HOUR, channels: ids(phone) } }),
        "settings.routes.0.escalate.channels names only those that are told anyway.",
      ],
      [
        { routes: [], rest, observeUntil: EVENING + 400 * HOUR },
        "settings.observeUntil is more than 14 days away.",
      ],
    ];
    for (const [settings, message] of wrong) expect(() => set(settings)).toThrow(message);
    expect(routes.list(own.org).revision).toBe(0);
  });

  test("whose rule is gone stand in the way of no other change", () => {
    const { own, hooks } = start("phone");
    const own_queue = { name: "own_queue", title: "Queue", metric: "queue", direction: "above" } as const;
    const rulesAre = (made: RuleSettings["own"]) =>
      own.org.alerts.setRules({ rules: {}, overrides: [], own: made }, own.time.now);
    rulesAre([{ ...own_queue, warning: { trigger: 5 } }]);
    const route = routeOf("queue", ids(...hooks), { match: { rules: ["own_queue"] } });
    setRoutes(own, { routes: [route] });
    rulesAre([]);
    setRoutes(own, { routes: [routeOf("others", []), route], observeUntil: own.time.now + HOUR });
    expect(routes.list(own.org).settings.routes.map(({ name }) => name)).toEqual(["others", "queue"]);
    setRoutes(own, {});
    expect(() => setRoutes(own, { routes: [route] })).toThrow("names what is no rule");
  });

  test("lose a channel that is removed, and an escalation that has nobody left", () => {
    const { own, hooks } = start("phone", "boss");
    const [phone, boss] = hooks as [Hook, Hook];
    const escalate = { afterMs: HOUR, channels: ids(boss) };
    setRoutes(own, { routes: [routeOf("one", ids(phone, boss))], rest: { channels: ids(phone), escalate } });
    remove(own.org, { id: boss.channel.id });
    expect(routes.list(own.org)).toEqual({
      settings: { routes: [routeOf("one", ids(phone))], rest: { channels: ids(phone) } },
      revision: 2,
    });
  });
});
