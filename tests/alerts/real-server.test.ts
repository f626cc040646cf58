/**
 * The life of an alert on a real server: a machine reports too high a value for long enough, an alert is told, somebody
 * takes it, the server is killed in the middle of everything, and it is over when the machine says so. Whoever looks
 * is told each of it once.
 */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { Alert, AlertList, Explanation, Incident, IncidentList } from "../../server/contract/alerts.ts";
import type { LiveEvent } from "../../server/contract/live.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import { mintId } from "../../server/lib/random-id.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { call, must, signIn, signUp, type Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { openLiveStream } from "../support/live.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(60_000);

const DELAY_MS = 1_500;
const SAYS_EVERY_MS = 200;
const directory = temporaryDataDir();
afterAll(() => directory.remove());

const machine = (memory: number, unitsFailed = 0): ReportedResource => ({
  kind: "host",
  key: "host",
  name: "cellar",
  status: "up",
  attributes: {},
  metrics: { memory_used_percent: memory, failed_units: unitsFailed },
});

class Scene {
  readonly server: TestServer;
  readonly who: Visitor;
  readonly token: string;
  readonly #report = reporterOf();

  constructor(server: TestServer, who: Visitor, token: string) {
    this.server = server;
    this.who = who;
    this.token = token;
  }

  async says(memory: number, unitsFailed = 0): Promise<void> {
    const { status, body } = await postReport(
      this.server,
      this.token,
      this.#report([machine(memory, unitsFailed)]),
    );
    if (status !== 200) throw new Error(body);
  }

  /** The same again and again until something is so, no more often than an agent may. */
  async goesOnSaying(memory: number, isSo: () => boolean): Promise<void> {
    let saidAt = Number.NEGATIVE_INFINITY;
    await until(async () => {
      if (performance.now() - saidAt > SAYS_EVERY_MS) {
        saidAt = performance.now();
        await this.says(memory);
      }
      return isSo();
    });
  }

  async active(): Promise<Alert[]> {
    return (await must(this.who.call<AlertList>("alerts.active"))).alerts;
  }

  listen() {
    return openLiveStream(this.server, { cookie: this.who.cookie });
  }
}

const told = (events: readonly LiveEvent[]) =>
  events.flatMap((event) =>
    event.type.startsWith("alert.") || event.type === "incident.updated" ? [event.type] : [],
  );

test("it fires after its delay, is acknowledged, survives a kill, and resolves; each is told once", async () => {
  const first = await startServer({ dataDir: directory.path });
  const owner = await signUp(first);
  const { token } = await must(owner.call<Enrolled>("agents.enroll", { input: { name: "cellar" } }));
  const scene = new Scene(first, owner, token);
  const rules = {
    memory: { warning: { trigger: 80, delayMs: DELAY_MS }, critical: { trigger: 98, delayMs: DELAY_MS } },
  };
  await must(
    owner.call("alerts.setRules", { input: { revision: 0, settings: { rules, overrides: [], own: [] } } }),
  );

  using stream = scene.listen();
  expect((await stream.event("snapshot")).data.alerts).toEqual([]);
  await scene.says(50);
  await scene.says(91);
  const { resources } = await must(owner.call<ResourceList>("resources.list"));
  const why = await must(
    owner.call<Explanation>("alerts.explain", { input: { resourceId: resources[0]?.id } }),
  );
  expect(why.rules.find(({ name }) => name === "memory")).toMatchObject({
    state: "waiting",
    value: 91,
    from: ["default", "everywhere"],
  });
  /* Whatever reports come meanwhile. */
  await scene.goesOnSaying(92, () => stream.types.includes("alert.fired"));
  const { alert } = (await stream.event("alert.fired")).data;
  expect(alert).toMatchObject({
    rule: "memory",
    level: "warning",
    subject: { name: "cellar", kind: "host" },
    words: expect.stringMatching(/^has used 9\d\.0\s% of its memory$/),
    threshold: 80,
  });
  expect(await scene.active()).toEqual([alert]);

  const acknowledged = await must(
    owner.call<{ alert: Alert }>("alerts.acknowledge", { input: { id: alert.id, note: "mine" } }),
  );
  expect(acknowledged.alert.acknowledged).toMatchObject({ note: "mine", by: { kind: "person" } });
  await stream.event("incident.updated");
  expect(await must(owner.call<{ alert: Alert }>("alerts.acknowledge", { input: { id: alert.id } }))).toEqual(
    acknowledged,
  );
  /* Another begins to wait, and the server is killed before it is written to anything but the journal. */
  await scene.says(99);
  const beganAt = Date.now();
  await first.kill();
  expect(told(stream.events)).toEqual(["alert.fired", "alert.updated", "incident.updated"]);

  await using second = await startServer({ dataDir: directory.path });
  const again = new Scene(second, await signIn(second), token);
  expect(await again.active()).toEqual([acknowledged.alert]);
  using later = again.listen();
  expect((await later.event("snapshot")).data.alerts).toEqual([acknowledged.alert]);
  await again.goesOnSaying(99, () => later.types.includes("alert.updated"));
  const { data: worse, at } = await later.event("alert.updated");
  expect(worse.alert).toMatchObject({ id: alert.id, level: "critical", acknowledged: { note: "mine" } });
  /* What had waited went on waiting from before the kill, and no shorter than it had to. */
  expect(at - beganAt).toBeGreaterThanOrEqual(DELAY_MS - 200);

  await again.says(20);
  const over = (await later.event("alert.resolved")).data.alert;
  expect(over).toMatchObject({ id: alert.id, end: "over", resolvedAt: expect.any(Number) });
  await again.says(20);
  expect(await again.active()).toEqual([]);
  expect(told(later.events)).toEqual(["alert.updated", "alert.resolved"]);

  const { incidents } = await must(again.who.call<IncidentList>("alerts.incidents"));
  expect(incidents).toEqual([over]);
  const { incident } = await must(
    again.who.call<{ incident: Incident }>("alerts.get", { input: { id: alert.id } }),
  );
  expect(incident.timeline.map(({ type }) => type)).toEqual(["fired", "acknowledged", "level", "resolved"]);
});

test("people: snooze, note, close, silence; what is over is refused in words; pages of the past", async () => {
  await using server = await startServer({ dataDir: directory.path });
  const owner = await signIn(server);
  const { token } = await must(owner.call<Enrolled>("agents.enroll", { input: { name: "attic" } }));
  const scene = new Scene(server, owner, token);
  using stream = scene.listen();
  await scene.says(10, 1);
  const { alert } = (await stream.event("alert.fired")).data;
  expect(alert).toMatchObject({ rule: "units", words: "1 unit failed" });
  const { id } = alert;

  const snoozeUntil = Date.now() + 60_000;
  const snoozed = await must(
    owner.call<{ alert: Alert }>("alerts.snooze", { input: { id, until: snoozeUntil } }),
  );
  expect(snoozed.alert.snoozedUntil).toBe(snoozeUntil);
  for (const wrong of [Date.now() - 1, Date.now() + 31 * 86_400_000]) {
    const { status, error } = await owner.call("alerts.snooze", { input: { id, until: wrong } });
    expect([status, error?.fields]).toEqual([400, { until: "must be within the next 30 days" }]);
  }
  await must(owner.call("alerts.snooze", { input: { id, until: null } }));
  await must(owner.call("alerts.note", { input: { id, note: "the disk of b.service was full" } }));
  const all = () =>
    must(
      owner.call<{ acknowledged: number }>("alerts.acknowledgeAll", {
        input: { ids: [id, mintId("l"), id] },
      }),
    );
  expect([await all(), await all()]).toEqual([{ acknowledged: 1 }, { acknowledged: 0 }]);
  const back = await must(owner.call<{ alert: Alert }>("alerts.unacknowledge", { input: { id } }));
  expect(back.alert.acknowledged).toBeUndefined();

  const silence = {
    name: "work",
    scope: { rules: ["units"] },
    when: { type: "once", from: 0, to: Date.now() + 60_000 },
  };
  const made = await must(
    owner.call<{ silence: { id: string } }>("alerts.createSilence", { input: silence }),
  );
  expect((await scene.active())[0]?.silencedBy as string).toBe(made.silence.id);
  await must(owner.call("alerts.removeSilence", { input: { id: made.silence.id } }));
  expect((await scene.active())[0]?.silencedBy).toBeUndefined();

  const closed = await must(owner.call<{ alert: Alert }>("alerts.close", { input: { id, note: "known" } }));
  expect(closed.alert.end).toBe("closed");
  await scene.says(10, 1);
  expect(await scene.active()).toEqual([]);
  for (const [path, input] of [
    ["alerts.acknowledge", { id }],
    ["alerts.snooze", { id, until: snoozeUntil }],
    ["alerts.close", { id }],
  ] as const)
    expect([path, (await owner.call(path, { input })).error?.reason]).toEqual([path, "conflict"]);
  await must(owner.call("alerts.note", { input: { id, note: "afterwards" } }));

  const { incident } = await must(owner.call<{ incident: Incident }>("alerts.get", { input: { id } }));
  expect(incident.timeline.map(({ type, note }) => [type, note].filter(Boolean).join(" "))).toEqual([
    "fired",
    "snoozed",
    "unsnoozed",
    "noted the disk of b.service was full",
    "acknowledged",
    "unacknowledged",
    "silenced",
    "unsilenced",
    "resolved known",
    "noted afterwards",
  ]);
  const page = await must(owner.call<IncidentList>("alerts.incidents", { input: { limit: 1 } }));
  expect([page.incidents.map((one) => one.id), page.nextCursor]).toEqual([[id], id]);
  const next = await must(owner.call<IncidentList>("alerts.incidents", { input: { limit: 1, cursor: id } }));
  expect(next.incidents).toMatchObject([{ rule: "memory" }]);
  expect(next.nextCursor).toBeUndefined();
  const { entries } = await must(
    owner.call<{ entries: { action: string }[] }>("audit.list", { input: { action: "alert" } }),
  );
  expect(entries.map(({ action }) => action)).toEqual(["alert.closed", "alert_rules.changed"]);
});

test("rules that could mean nothing are refused with the place; what somebody else changed is not lost", async () => {
  await using server = await startServer({ dataDir: directory.path });
  const owner = await signIn(server);
  const { revision } = await must(owner.call<{ revision: number }>("alerts.rules"));
  const set = (settings: object, from = revision) =>
    owner.call("alerts.setRules", {
      input: { revision: from, settings: { rules: {}, overrides: [], own: [], ...settings } },
    });
  const own = {
    name: "own_load",
    title: "Load",
    metric: "load1",
    direction: "above",
    warning: { trigger: 5 },
  };
  const one = (rule: string, change: object) => ({ overrides: [{ scope: { kind: "host" }, rule, change }] });
  const refused: [object, string][] = [
    [{ rules: { nothing: { off: true } } }, "rules.nothing"],
    [
      { overrides: [{ scope: { kind: "host" }, rule: "nothing", change: { off: true } }] },
      "overrides.0.rule",
    ],
    [
      { overrides: [{ scope: { kind: "host", tag: "x" }, rule: "*", change: { off: true } }] },
      "settings.overrides.0.scope",
    ],
    [{ rules: { memory: {} } }, "settings.rules.memory"],
    [{ rules: { memory: { warning: { trigger: 99 } } } }, "rules.memory"],
    [{ rules: { memory: { warning: { clear: 96 } } } }, "rules.memory"],
    [one("memory", { warning: { clear: 96 } }), "overrides.0.change"],
    [one("memory", { warning: { trigger: 99 } }), "overrides.0.change"],
    [one("*", { warning: { trigger: 50 } }), "overrides.0.change"],
    [{ own: [own, own] }, "own.1.name"],
    [{ own: [{ ...own, name: "load" }] }, "settings.own.0.name"],
    [{ own: [{ ...own, warning: undefined }] }, "settings.own.0"],
  ];
  for (const [settings, field] of refused) {
    const { status, error } = await set(settings);
    expect([status, Object.keys(error?.fields ?? {})]).toEqual([400, [field]]);
  }
  const when = { type: "once", from: 0, to: Date.now() + 60_000 };
  const silence = { name: "typed wrongly", scope: { rules: ["filesytem"] }, when };
  const { status, error } = await owner.call("alerts.createSilence", { input: silence });
  expect([status, Object.keys(error?.fields ?? {})]).toEqual([400, ["scope.rules"]]);

  expect((await set({ own: [own] })).status).toBe(200);
  const kept = { name: "kept", scope: { rules: ["own_load"] }, when };
  const made = await must(owner.call<{ silence: { id: string } }>("alerts.createSilence", { input: kept }));
  await must(set({}, revision + 1));
  const renamed = { ...kept, id: made.silence.id, name: "whose rule is gone" };
  await must(owner.call("alerts.updateSilence", { input: renamed }));
  const late = await set({});
  expect([late.status, late.error?.reason]).toEqual([409, "conflict"]);
  expect((await call(server, "alerts.rules", { headers: {} })).status).toBe(401);
});
