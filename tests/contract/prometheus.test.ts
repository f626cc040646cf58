/**
 * Prometheus's API: what Grafana asks, as it asks it; and Prometheus's own tool, which takes the server for one of its
 * kind. Every answer is compared with what was reported.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ReportedResource } from "../../server/contract/report.ts";
import { signUp } from "../support/calls.ts";
import { startInProcess } from "../support/in-process.ts";
import { promtool } from "../support/promtool.ts";
import { reportPast } from "../support/stored-history.ts";

const REPORTS = 120;
const server = await startInProcess();
const owner = await signUp(server);
afterAll(() => server.stop());

/** Two machines, one with two disks; what they say is told by when they say it. */
function rackAt(index: number): ReportedResource[] {
  const rest = { status: "up", attributes: {} } as const;
  const load = (n: number) => ({ load1: ((index * 7 + n) % 50) / 4 });
  return [
    { ...rest, kind: "host", key: "nas", name: "nas", metrics: load(0) },
    { ...rest, kind: "disk", key: "sda", parent: "nas", name: "sda", metrics: { busy_percent: index % 10 } },
    {
      ...rest,
      kind: "disk",
      key: "sdb",
      parent: "nas",
      name: 'sd"b\\',
      metrics: { busy_percent: index % 7 },
    },
    { ...rest, kind: "host", key: "web", name: "web", metrics: load(3) },
  ];
}
const loadAt = (index: number, n = 0) => ((index * 7 + n) % 50) / 4;

let times: number[] = [];
let token = "";
beforeAll(async () => {
  times = await reportPast(server, REPORTS, rackAt);
  token = await newToken(["read"]);
});

async function newToken(scopes: string[]): Promise<string> {
  const { data } = await owner.call<{ token: string }>("tokens.create", {
    input: { name: "grafana", scopes },
  });
  return data.token;
}

const seconds = (index: number) => (times[index] ?? 0) / 1_000;
const bearer = () => ({ authorization: `Bearer ${token}` });

interface Answer {
  status: "success" | "error";
  data: {
    resultType: string;
    result: { metric: Record<string, string>; value: [number, string]; values: [number, string][] }[];
  };
  error: string;
  errorType: string;
  reason: string;
}

async function ask<Data = Answer["data"]>(
  path: string,
  given: Record<string, string | string[]> = {},
  { form = false, headers = bearer() }: { form?: boolean; headers?: Record<string, string> } = {},
) {
  const pairs = Object.entries(given).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  const text = new URLSearchParams(pairs).toString();
  const url = `${server.url}/api/prometheus/api/v1/${path}`;
  const response = await (form
    ? fetch(url, {
        method: "POST",
        body: text,
        headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
      })
    : fetch(`${url}?${text}`, { headers }));
  const answer = (await response.json()) as Omit<Answer, "data"> & { data: Data };
  return { http: response.status, headers: response.headers, ...answer };
}

describe("what Grafana asks when a data source is added", () => {
  test("its test query is a sum of two numbers, by a form", async () => {
    const { http, data } = await ask("query", { query: "1+1", time: "1795905660.5" }, { form: true });
    expect([http, data]).toEqual([200, { resultType: "scalar", result: [1795905660.5, "2"] } as never]);
  });

  test("which version it speaks to", async () => {
    const { data } = await ask<{ version: string }>("status/buildinfo");
    expect(data.version).toMatch(/^2\.\d+\.\d+$/);
  });

  test("names of metrics and labels, and what a label can be, narrowed by a selector", async () => {
    const values = async (label: string, match?: string[]) =>
      (await ask<string[]>(`label/${label}/values`, match && { "match[]": match })).data;
    expect(await values("__name__")).toEqual(["pulse_busy_percent", "pulse_load1"]);
    expect(await values("machine")).toEqual(["nas", "web"]);
    expect(await values("name", ['pulse_busy_percent{machine="nas"}'])).toEqual(['sd"b\\', "sda"]);
    expect(await values("kind", ['{name=~"nas|sda"}', '{name="web"}'])).toEqual(["disk", "host"]);
    expect(await values("nothing")).toEqual([]);
    expect((await ask<string[]>("labels")).data).toContain("machine");
    expect((await ask<string[]>("labels", { "match[]": "pulse_load1" }, { form: true })).data).toEqual([
      "__name__",
      "kind",
      "machine",
      "name",
      "resource",
    ]);
    const { data } = await ask<Record<string, { type: string; unit: string }[]>>("metadata");
    expect(data.pulse_busy_percent).toEqual([
      { type: "gauge", help: "busy_percent as Pulse measured it.", unit: "percent" },
    ] as never);
  });
});

describe("a panel", () => {
  const range = async (query: string, from: number, to: number, step: number, form = true) => {
    const given = { query, start: String(seconds(from)), end: String(seconds(to)), step: String(step) };
    const { data, error } = await ask("query_range", given, { form });
    expect(error).toBeUndefined();
    return data.result;
  };

  test("has the samples where it is as fine as they are", async () => {
    const [nas, ...others] = await range('pulse_load1{machine="nas"}', 10, 40, 10);
    expect(others).toEqual([]);
    expect(nas?.metric).toMatchObject({ __name__: "pulse_load1", name: "nas", kind: "host", machine: "nas" });
    expect(nas?.values).toEqual(
      Array.from({ length: 31 }, (_, n): [number, string] => [seconds(10 + n), String(loadAt(10 + n))]),
    );
  });

  test("has the least, greatest and mean of ranges, summed, joined and moved in time", async () => {
    const last = (index: number) => Array.from({ length: 6 }, (_, n) => loadAt(index - n));
    const first = (await range("max_over_time(pulse_load1{name='nas'}[1m])", 30, 60, 60, false))[0]?.values;
    expect(first?.map(([, value]) => Number(value))).toEqual(
      [30, 36, 42, 48, 54, 60].map((index) => Math.max(...last(index))),
    );
    const [mean] = await range("avg_over_time(pulse_load1{name='nas'}[1m] offset 1m)", 60, 60, 60);
    expect(Number(mean?.values[0]?.[1])).toBeCloseTo(last(54).reduce((sum, one) => sum + one) / 6, 5);
    const both = await range("sum by (kind) (pulse_load1) * 100", 50, 52, 10);
    expect(both.map(({ metric, values }) => [metric, values.map(([, value]) => Number(value))])).toEqual([
      [{ kind: "host" }, [50, 51, 52].map((index) => (loadAt(index) + loadAt(index, 3)) * 100)],
    ]);
    const disks = await range('max(pulse_busy_percent{name!~"sda"})', 20, 21, 10);
    expect(disks[0]?.values.map(([, value]) => value)).toEqual(["6", "0"]);
  });

  test("in steps of five minutes has the mean of each, not one sample of it", async () => {
    const end = Math.floor(seconds(REPORTS - 1) / 300) * 300;
    const given = {
      query: "pulse_busy_percent{name='sda'}",
      start: String(end - 600),
      end: String(end),
      step: "5m",
    };
    const { data } = await ask("query_range", given);
    const mean = (until: number) => {
      const within = times.flatMap((at, index) =>
        at >= (until - 300) * 1_000 && at < until * 1_000 ? [index % 10] : [],
      );
      return within.reduce((sum, one) => sum + one, 0) / within.length;
    };
    const found = data.result[0]?.values ?? [];
    expect(found.length).toBeGreaterThan(1);
    for (const [at, value] of found) expect(Number(value)).toBeCloseTo(mean(at), 4);
  });

  test("shows nothing where nothing was, and the newest value for a while after", async () => {
    const at = async (index: number, laterSeconds: number) =>
      (
        await ask("query", { query: "pulse_load1{name='nas'}", time: String(seconds(index) + laterSeconds) })
      ).data.result.map(({ value }) => value[1]);
    expect(await at(0, -1)).toEqual([]);
    expect(await at(5, 9)).toEqual([String(loadAt(5))]);
    expect(await at(REPORTS - 1, 299)).toEqual([String(loadAt(REPORTS - 1))]);
    expect(await at(REPORTS - 1, 301)).toEqual([]);
  });
});

describe("Prometheus's own tool", () => {
  /** It has no way to send a token with every question. */
  const proxy = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const headers = new Headers(request.headers);
      headers.set("authorization", bearer().authorization);
      headers.delete("host");
      headers.delete("accept-encoding");
      const body = request.method === "POST" ? await request.text() : undefined;
      return fetch(`${server.url}/api/prometheus${pathname}${search}`, {
        method: request.method,
        headers,
        ...(body !== undefined && { body }),
      });
    },
  });
  afterAll(() => proxy.stop(true));
  const url = proxy.url.href.replace(/\/$/, "");

  test("reads a range, sending the token itself", async () => {
    const { status, stdout, stderr } = await promtool([
      "query",
      "range",
      `--header=authorization=${bearer().authorization}`,
      `--start=${seconds(3)}`,
      `--end=${seconds(5)}`,
      "--step=10s",
      `${server.url}/api/prometheus`,
      'sum(pulse_load1{machine=~"nas|web"})',
    ]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.trim()).toBe(
      `{} =>\n${[3, 4, 5].map((index) => `${loadAt(index) + loadAt(index, 3)} @[${seconds(index)}]`).join("\n")}`,
    );
  });

  test("reads an instant, series and labels", async () => {
    const instant = await promtool([
      "query",
      "instant",
      `--time=${seconds(9)}`,
      url,
      'pulse_busy_percent{name="sda"}',
    ]);
    expect([instant.status, instant.stderr]).toEqual([0, ""]);
    expect(instant.stdout).toContain(`name="sda"`);
    expect(instant.stdout.trim()).toEndWith(`=> 9 @[${seconds(9)}]`);
    const series = await promtool([
      "query",
      "series",
      '--match={kind="disk"}',
      `--start=${seconds(0)}`,
      `--end=${seconds(9)}`,
      url,
    ]);
    expect([series.status, series.stdout.trim().split("\n").length]).toEqual([0, 2]);
    expect(series.stdout).toContain('machine="nas"');
    const labels = await promtool(["query", "labels", url, "machine"]);
    expect([labels.status, labels.stdout.trim().split("\n")]).toEqual([0, ["nas", "web"]]);
  });

  test("is told in words what is not understood", async () => {
    const { status, stderr } = await promtool(["query", "instant", url, "rate(pulse_load1[5m])"]);
    expect(status).toBe(1);
    expect(stderr).toContain("what grows is kept as a rate here");
  });
});

describe("what is refused", () => {
  test("is refused in Prometheus's shape with the reason of ours", async () => {
    const cases: [path: string, given: Record<string, string>, http: number, type: string, words: string][] =
      [
        ["query", {}, 400, "bad_data", "is empty"],
        ["query", { query: "x", time: "now" }, 400, "bad_data", "parameter time"],
        ["query_range", { query: "x", end: "1", step: "1" }, 400, "bad_data", "start is missing"],
        ["query_range", { query: "x", start: "2", end: "1", step: "1" }, 400, "bad_data", "before start"],
        ["query_range", { query: "x", start: "1", end: "2", step: "0" }, 400, "bad_data", "more than 0"],
        ["query_range", { query: "x", start: "1", end: "12000", step: "1" }, 400, "bad_data", "11000 points"],
        [
          "query_range",
          { query: "pulse_load1", start: "1", end: "550000000", step: "50001" },
          413,
          "execution",
          "too many samples",
        ],
        ["series", {}, 400, "bad_data", "match[] is missing"],
        ["label/a-b/values", {}, 400, "bad_data", "name of a label"],
        ["rules", {}, 404, "not_found", "query_range"],
        ["label/a/b/values", {}, 404, "not_found", "query_range"],
        ["constructor", {}, 404, "not_found", "query_range"],
      ];
    for (const [path, given, http, type, words] of cases) {
      const answer = await ask(path, given);
      expect<unknown[]>([path, answer.http, answer.status, answer.errorType]).toEqual([
        path,
        http,
        "error",
        type,
      ]);
      expect(answer.error).toContain(words);
    }
  });

  test("a form without a token is refused, whatever cookie comes with it; so is JSON", async () => {
    const cookie = { cookie: owner.cookie ?? "" };
    const url = `${server.url}/api/prometheus/api/v1/query`;
    const post = (headers: Record<string, string>, body: string) =>
      fetch(url, { method: "POST", headers, body });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    expect((await post({ ...form, ...cookie }, "query=1")).status).toBe(415);
    expect((await post({ ...bearer(), "content-type": "application/json" }, "{}")).status).toBe(415);
    expect(
      (await post({ ...form, ...bearer(), ...cookie, origin: "https://evil.example" }, "query=1")).status,
    ).toBe(403);
    expect((await post({ ...form, ...bearer() }, `query=${"1".repeat(70_000)}`)).status).toBe(413);
    expect((await ask("query", { query: "1" }, { headers: cookie })).http).toBe(200);
    expect((await fetch(url, { method: "HEAD", headers: bearer() })).status).toBe(405);
  });

  test("whoever may not read gets nothing: nobody, a wrong token, one that only reports", async () => {
    const cases: [Record<string, string>, number, string][] = [
      [{}, 401, "authentication_required"],
      [{ authorization: "Bearer pulse_wrong", cookie: owner.cookie ?? "" }, 401, "token_invalid"],
      [{ authorization: `Bearer ${await newToken(["report"])}` }, 403, "scope_missing"],
      [{ ...bearer(), "x-pulse-org-id": "acme" }, 501, "feature_disabled"],
    ];
    for (const [headers, http, reason] of cases)
      for (const path of [
        "query",
        "query_range",
        "series",
        "labels",
        "label/name/values",
        "metadata",
        "status/buildinfo",
      ]) {
        const answer = await ask(path, { query: "((" }, { headers });
        expect<unknown[]>([path, answer.http, answer.reason]).toEqual([path, http, reason]);
      }
  });
});
