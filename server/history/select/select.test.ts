import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ResourceId } from "../../contract/ids.ts";
import { NAME_LABEL, type SelectInput } from "../../contract/prometheus.ts";
import type { Metrics, Resource } from "../../contract/resource.ts";
import { Limiter } from "../../lib/limiter.ts";
import { mintId } from "../../lib/random-id.ts";
import { loadMigrations } from "../../tenancy/migrate.ts";
import { openMigrated } from "../../tenancy/open.ts";
import { DAY, HOUR } from "../chunk-table.ts";
import { HistoryStore } from "../store.ts";
import { Upkeep } from "../upkeep.ts";
import { listSeries } from "./matching.ts";
import { select } from "./values.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-select-"));
const START = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;

const resource = (name: string, more: Partial<Resource> = {}): Resource => ({
  id: ResourceId.parse(mintId("r")),
  kind: "host",
  name,
  status: "up",
  sources: ["s"],
  lastSeenAt: 0,
  attributes: {},
  metrics: {},
  ...more,
});

const nas = resource("nas");
const disk = resource("sda", { kind: "disk", parentId: nas.id });
const gone = resource("gone");
const all = [nas, disk, gone];
const db = openMigrated(join(folder, "org.db"), "create", loadMigrations("org"));
const history = new HistoryStore(() => db);
let now = START;
const upkeep = new Upkeep({
  db: () => db,
  history,
  clock: () => now,
  onFailure: (error) => {
    throw error;
  },
});
afterAll(() => {
  upkeep.stop();
  rmSync(folder, { recursive: true });
});
const org = {
  history,
  historyReads: new Limiter({ atOnce: 2, maxWaiting: 2, refusal: "busy" }),
  inventory: {
    get: (id: ResourceId) => all.find((one) => one.id === id),
    all: () => all,
    viewsOf: (id: ResourceId) => [{ id, source: "s" }],
  },
  intervalOf: (_: string): number => MINUTE,
  isClosed: false,
};

/** Ten days, the last of them not sealed yet, with an afternoon of silence. */
const END = START + 10 * DAY + 9 * HOUR;
const value = (at: number) => ((at / MINUTE) * 7) % 101;
const times: number[] = [];
for (let at = START + 7 * MINUTE; at < END; at += MINUTE) {
  if (at >= START + 4 * DAY && at < START + 4 * DAY + 5 * HOUR) continue;
  times.push(at);
  const seen: { id: ResourceId; metrics: Metrics }[] = [
    { id: nas.id, metrics: { load1: value(at) } },
    { id: disk.id, metrics: { busy_percent: value(at) / 2 } },
  ];
  if (at < START + DAY) seen.push({ id: gone.id, metrics: { load1: 1 } });
  history.stage("s", at, seen);
  if (times.length % 1_440 === 0) commit();
}
commit();
now = END;
upkeep.finish();

function commit(): void {
  db.transaction(() => history.write());
  history.written();
}

const asked: SelectInput = {
  selector: [
    { label: NAME_LABEL, operator: "=", value: "pulse_load1" },
    { label: "name", operator: "=", value: "nas" },
  ],
  over: "avg",
  windowMs: HOUR,
  startAt: START,
  stepMs: HOUR,
  count: 10 * 24,
};

describe("values", () => {
  for (const [what, change, closed] of [
    ["hours, from hours", {}, "left"],
    ["days, from days", { windowMs: DAY, stepMs: DAY, count: 11 }, "left"],
    [
      "half hours every ten minutes, from five minutes",
      { windowMs: 30 * MINUTE, stepMs: 10 * MINUTE, count: 500 },
      "left",
    ],
    ["hours that begin anywhere, from samples", { startAt: START + 12_345 }, "right"],
    [
      "two minutes, from samples",
      { windowMs: 2 * MINUTE, stepMs: MINUTE, count: 3_000, startAt: START + 3 * DAY },
      "right",
    ],
    ["hours up to now, some of which are not sealed", { startAt: END - 20 * HOUR, count: 21 }, "left"],
  ] as [string, Partial<SelectInput>, "left" | "right"][])
    for (const over of ["avg", "min", "max"] as const)
      test(`${over} of ${what}`, async () => {
        const input = { ...asked, ...change, over };
        const [one, ...others] = await select(org, input);
        expect([one?.labels.name, others]).toEqual(["nas", []]);
        for (const [index, found] of (one?.values ?? new Float64Array()).entries()) {
          const at = input.startAt + index * input.stepMs;
          const [from, until] =
            closed === "left" ? [at - input.windowMs, at] : [at - input.windowMs + 1, at + 1];
          const within = times.filter((time) => time >= from && time < until).map(value);
          if (within.length === 0) expect([at, found]).toEqual([at, Number.NaN]);
          else if (over !== "avg")
            expect([at, found]).toEqual([at, over === "min" ? Math.min(...within) : Math.max(...within)]);
          else
            expect(Math.abs(found - within.reduce((sum, one) => sum + one, 0) / within.length)).toBeLessThan(
              0.01,
            );
        }
      });

  test("alone are the newest for as long as is looked back, and no longer", async () => {
    const silentAt = START + 4 * DAY;
    const input = {
      ...asked,
      over: "last",
      windowMs: 5 * MINUTE,
      stepMs: MINUTE,
      count: 10,
      startAt: silentAt - 1,
    } as const;
    const [one] = await select(org, input);
    const last = value(silentAt - MINUTE);
    expect([...(one?.values ?? [])]).toEqual([
      last,
      last,
      last,
      last,
      last,
      ...Array.from({ length: 5 }, () => Number.NaN),
    ]);
    const [slow] = await select({ ...org, intervalOf: () => HOUR }, input);
    expect([...(slow?.values ?? [])]).toEqual(Array.from({ length: 10 }, () => last));
  });

  test("of times whose samples are gone are those of the steps there still are", async () => {
    for (let day = 0; day < 3; day++) {
      history.chunks.delete("s", "day", START + day * DAY);
      history.chunks.delete("s", "fiveMinutes", START + day * DAY);
    }
    const [one] = await select(org, {
      ...asked,
      windowMs: 5 * MINUTE,
      stepMs: 10 * MINUTE,
      startAt: START + DAY,
      count: 60,
    });
    expect([...(one?.values ?? [])].filter(Number.isNaN)).toEqual([]);
  });
});

describe("limits", () => {
  const refused = async (change: Partial<SelectInput>) =>
    select(org, { ...asked, ...change }).then(
      () => "answered",
      (error: Error) => error.message,
    );
  test("say what to ask instead", async () => {
    expect(await refused({ startAt: START + 1, stepMs: DAY, count: 7_000 })).toContain("too many samples");
    expect(await refused({ selector: [], count: 100_000 })).toContain("250000 values");
  });
});

describe("series", () => {
  const list = (selectors: SelectInput["selector"][], label?: string) =>
    listSeries(org, { selectors, from: START + 5 * DAY, to: START + 6 * DAY, label });

  test("are those of which anything was measured in that time", async () => {
    expect((await list([])).series).toEqual([
      { __name__: "pulse_load1", resource: nas.id, name: "nas", kind: "host", machine: "nas" },
      { __name__: "pulse_busy_percent", resource: disk.id, name: "sda", kind: "disk", machine: "nas" },
    ]);
    const before = await listSeries(org, { selectors: [], from: START, to: START + HOUR, label: "name" });
    expect(before.values.sort()).toEqual(["gone", "nas", "sda"]);
  });

  test("fit when every matcher does; a label they do not have is empty", async () => {
    const fits = async (label: string, operator: "=" | "!=" | "=~" | "!~", value: string) =>
      (await list([[{ label, operator, value }]], "name")).values;
    expect(await fits("kind", "=~", "d.*")).toEqual(["sda"]);
    expect(await fits("kind", "!~", "d.*|vm")).toEqual(["nas"]);
    expect(await fits("machine", "!=", "web")).toEqual(["nas", "sda"]);
    expect(await fits("shared_from", "=", "")).toEqual(["nas", "sda"]);
    expect(await fits("constructor", "=~", ".+")).toEqual([]);
    expect(await fits("__name__", "=", "pulse_load1")).toEqual(["nas"]);
    expect(await fits("__name__", "=", "load1")).toEqual([]);
  });

  test("behind a door are the shared one's and its parts', and say from whom", async () => {
    const behind = { resourceId: disk.id, sharedFrom: "Acme" };
    const { series } = await listSeries(org, { selectors: [], from: START, to: END }, behind);
    expect(series).toEqual([
      {
        __name__: "pulse_busy_percent",
        resource: disk.id,
        name: "sda",
        kind: "disk",
        machine: "sda",
        shared_from: "Acme",
      },
    ]);
  });
});
