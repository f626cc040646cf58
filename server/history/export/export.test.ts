import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExportInput } from "../../contract/export.ts";
import { ResourceId } from "../../contract/ids.ts";
import type { Metrics, Resource } from "../../contract/resource.ts";
import { Limiter } from "../../lib/limiter.ts";
import { mintId } from "../../lib/random-id.ts";
import { loadMigrations } from "../../tenancy/migrate.ts";
import { openMigrated } from "../../tenancy/open.ts";
import { DAY, HOUR } from "../chunk-table.ts";
import { HistoryStore } from "../store.ts";
import { Upkeep } from "../upkeep.ts";
import { exportPage } from "./page.ts";
import { exportPlan } from "./plan.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-export-"));
const opened: Upkeep[] = [];
afterAll(() => {
  for (const upkeep of opened) upkeep.stop();
  rmSync(folder, { recursive: true });
});

/** A day begins. */
const START = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;

function resource(name: string, more: Partial<Resource> = {}): Resource {
  const id = ResourceId.parse(mintId("r"));
  const rest = { kind: "host", status: "up", sources: ["s"], lastSeenAt: 0, attributes: {} } as const;
  return { id, name, ...rest, sources: ["s"], metrics: {}, ...more };
}

let made = 0;
function newOrg(resources: Resource[], views: { id: ResourceId; source: string }[] = []) {
  const db = openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));
  const history = new HistoryStore(() => db);
  const org = {
    db,
    history,
    now: START,
    historyReads: new Limiter({ atOnce: 2, maxWaiting: 2, refusal: "busy" }),
    exportReads: new Limiter({ atOnce: 1, maxWaiting: 2, refusal: "busy" }),
    inventory: {
      get: (id: ResourceId) => resources.find((one) => one.id === id),
      all: () => resources,
      viewsOf: (id: ResourceId) => (views.length > 0 ? views : [{ id, source: "s" }]),
    },
    intervalOf: (_: string): number => MINUTE,
    isClosed: false,
    commit() {
      db.transaction(() => history.write());
      history.written();
    },
  };
  const upkeep = new Upkeep({
    db: () => db,
    history,
    clock: () => org.now,
    onFailure: (error) => {
      throw error;
    },
  });
  opened.push(upkeep);
  return { ...org, seal: (now: number) => sealAt(org, upkeep, now) };
}

function sealAt(org: { now: number }, upkeep: Upkeep, now: number): void {
  org.now = now;
  upkeep.finish();
}

const asked: Omit<ExportInput, "resourceId"> = {
  parts: false,
  metrics: [],
  from: START,
  to: START + 100 * DAY,
  format: "csv",
  step: "raw",
};

/** The whole of an export, as a file would hold it, and how many pages it took. */
async function exported(org: ReturnType<typeof newOrg>, input: ExportInput) {
  const { parts, step, tail } = await exportPlan(org, input);
  let text = "";
  let pages = 0;
  for (const { head, ...part } of parts) {
    text += head;
    for (let from = input.from; from < input.to && part.series.length > 0; pages++) {
      const page = await exportPage(org, { ...part, step, from, to: input.to });
      expect(page.next).toBeGreaterThan(from);
      text += Buffer.from(page.bytes).toString();
      from = page.next;
    }
  }
  return { text: text + tail, pages };
}

function linesOf(text: string): string[][] {
  return text
    .trimEnd()
    .split("\r\n")
    .slice(1)
    .map((line) => line.split(","));
}

describe("samples", () => {
  const nas = resource("nas");
  const org = newOrg([nas]);
  const value = (at: number) => ((at / MINUTE) % 97) / 8;
  const big = (at: number) => 2 ** 53 - 1 - ((at / MINUTE) % 5);
  const times: number[] = [];
  for (let at = START; at < START + 3 * DAY + 3 * HOUR; at += MINUTE) {
    /* Half a day of silence. */
    if (at >= START + DAY && at < START + DAY + 12 * HOUR) continue;
    times.push(at);
    org.history.stage("s", at, [{ id: nas.id, metrics: { load1: value(at), used_bytes: big(at) } }]);
    if (times.length % 600 === 0) org.commit();
  }
  org.commit();
  org.seal(START + 3 * DAY + 2 * HOUR + 30 * MINUTE);
  /* On its way to the disk. */
  const last = START + 3 * DAY + 3 * HOUR;
  org.history.stage("s", last, [{ id: nas.id, metrics: { load1: -0.5 } }]);

  test("are all there once, exact and in the order of time, out of days, hours, rows and what is on its way", async () => {
    const { text, pages } = await exported(org, { ...asked, resourceId: nas.id });
    expect(text.split("\r\n")[0]).toBe("time,epoch_ms,load1,used_bytes");
    expect(linesOf(text)).toEqual([
      ...times.map((at) => [new Date(at).toISOString(), String(at), String(value(at)), String(big(at))]),
      [new Date(last).toISOString(), String(last), "-0.5", ""],
    ]);
    expect(pages).toBeGreaterThan(4);
  });

  test("of a range begin and end where it does", async () => {
    const range = { from: START + 5 * MINUTE + 1, to: START + 9 * MINUTE };
    const { text } = await exported(org, { ...asked, ...range, resourceId: nas.id, metrics: ["load1"] });
    expect(linesOf(text).map(([, at]) => Number(at) - START)).toEqual([6 * MINUTE, 7 * MINUTE, 8 * MINUTE]);
  });

  test("in steps are the least, the greatest and the mean of each, the same whatever page they are on", async () => {
    const { text } = await exported(org, {
      ...asked,
      resourceId: nas.id,
      metrics: ["load1"],
      to: START + 3 * DAY,
      step: HOUR,
    });
    const [head = ""] = text.split("\r\n");
    expect(head).toBe("time,epoch_ms,load1_avg,load1_min,load1_max");
    const lines = linesOf(text);
    expect(lines).toHaveLength(60);
    for (const [, at, avg, min, max] of lines) {
      const within = times.filter((time) => time >= Number(at) && time < Number(at) + HOUR).map(value);
      const mean = within.reduce((sum, one) => sum + one, 0) / within.length;
      expect([Number(min), Number(max)]).toEqual([Math.min(...within), Math.max(...within)]);
      expect(Math.abs(Number(avg) - mean)).toBeLessThan(mean * 1e-4);
    }
  });

  test("in OpenMetrics are one series after the other, times in seconds, and it ends with what says so", async () => {
    const range = { from: START + 500, to: START + 2 * MINUTE + 1 };
    org.history.stage("s", START + MINUTE + 50, [{ id: nas.id, metrics: { load1: 7 } }]);
    const { text } = await exported(org, { ...asked, ...range, resourceId: nas.id, format: "openmetrics" });
    const labels = `resource="${nas.id}",name="nas",kind="host",machine="nas"`;
    const second = (ms: number) => (START + ms) / 1_000;
    expect(text.split("\n")).toEqual([
      "# TYPE pulse_load1 gauge",
      "# HELP pulse_load1 load1 as Pulse measured it.",
      `pulse_load1{${labels}} ${value(START + MINUTE)} ${second(MINUTE)}`,
      `pulse_load1{${labels}} 7 ${second(MINUTE)}.050`,
      `pulse_load1{${labels}} ${value(START + 2 * MINUTE)} ${second(2 * MINUTE)}`,
      "# TYPE pulse_used_bytes gauge",
      "# UNIT pulse_used_bytes bytes",
      "# HELP pulse_used_bytes used_bytes as Pulse measured it.",
      `pulse_used_bytes{${labels}} ${big(START + MINUTE)} ${second(MINUTE)}`,
      `pulse_used_bytes{${labels}} ${big(START + 2 * MINUTE)} ${second(2 * MINUTE)}`,
      "# EOF",
      "",
    ]);
  });
});

describe("a machine with its parts", () => {
  const nas = resource("nas");
  const disk = resource("=cmd|' /C calc'!A0", { kind: "disk", parentId: nas.id });
  const twins = [0, 1].map(() => resource('a, "b"\n', { kind: "container", parentId: nas.id }));
  const inner = resource("@inner", { kind: "interface", parentId: twins[0]?.id ?? nas.id });
  const other = resource("other");
  const all = [other, inner, ...twins, disk, nas];
  const org = newOrg(all);
  const metricsOf = (one: Resource): Metrics => ({
    [one === disk ? "busy_percent" : "load1"]: all.indexOf(one),
  });
  org.history.stage(
    "s",
    START,
    all.map((one) => ({ id: one.id, metrics: metricsOf(one) })),
  );
  org.commit();

  test("has a column for each series, the machine's first, and none of another machine", async () => {
    const { text } = await exported(org, { ...asked, resourceId: nas.id, parts: true });
    const [a = "", b = ""] = twins.map(({ id }) => id).sort();
    const twin = (id: string) => `"a, ""b""\n: load1 (${id})"`;
    expect(text.startsWith(`time,epoch_ms,nas: load1,${twin(a)},${twin(b)},`)).toBe(true);
    expect(text).toContain(",'=cmd|' /C calc'!A0: busy_percent,'@inner: load1\r\n");
    expect(text).not.toContain("other");
    const at = (id: string) => all.findIndex((one) => one.id === id);
    const row = [START, all.indexOf(nas), at(a), at(b), all.indexOf(disk), all.indexOf(inner)].join(",");
    expect(text.endsWith(`Z,${row}\r\n`)).toBe(true);
  });

  test("says in OpenMetrics which machine a part belongs to, with everything escaped", async () => {
    const input = { ...asked, resourceId: nas.id, parts: true, format: "openmetrics" } as const;
    const { text } = await exported(org, input);
    expect(text).toContain(`,name="a, \\"b\\"\\n",kind="container",machine="nas"} `);
    expect(text).toContain(
      `pulse_load1{resource="${inner.id}",name="@inner",kind="interface",machine="nas"} 1 `,
    );
    expect(text.match(/# TYPE pulse_load1 /g)).toHaveLength(1);
  });

  test("seen through a door says nothing of what is above it", async () => {
    const part = twins[0]?.id ?? nas.id;
    const input = { ...asked, resourceId: part, parts: true, format: "openmetrics" } as const;
    const { parts } = await exportPlan(org, input, part);
    expect(parts.map(({ prefix }) => /machine="(.*)"}/.exec(prefix ?? "")?.[1])).toEqual([
      'a, \\"b\\"\\n',
      'a, \\"b\\"\\n',
    ]);
  });

  test("of which two thousand series and more are asked for is refused, with what to do", async () => {
    const metrics = Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`m${n}`, n]));
    const wide = resource("wide", { metrics });
    const refused = exportPlan(newOrg([wide]), { ...asked, resourceId: wide.id });
    await expect(refused).rejects.toMatchObject({ reason: "too_large" });
  });
});

test("what two sources saw is the closest's, and in five minutes without it the other's", async () => {
  const nas = resource("nas");
  const far = ResourceId.parse(mintId("r"));
  const org = newOrg(
    [nas],
    [
      { id: nas.id, source: "agent" },
      { id: far, source: "hypervisor" },
    ],
  );
  for (let minute = 0; minute < 15; minute++) {
    const at = START + minute * MINUTE;
    if (minute < 5 || minute === 12) org.history.stage("agent", at, [{ id: nas.id, metrics: { load1: 1 } }]);
    org.history.stage("hypervisor", at + 1_000, [{ id: far, metrics: { load1: 2 } }]);
  }
  org.commit();
  const { text } = await exported(org, { ...asked, resourceId: nas.id });
  const said = linesOf(text).map(([, at, value]) => [(Number(at) - START) / MINUTE, value]);
  const late = (minute: number) => minute + 1 / 60;
  expect(said).toEqual([
    ...[0, 1, 2, 3, 4].map((minute) => [minute, "1"]),
    ...[5, 6, 7, 8, 9].map((minute) => [late(minute), "2"]),
    [12, "1"],
  ]);
});
