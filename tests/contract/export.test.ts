/** History as a file: what is in it, who gets it, and that half of one is never taken for a whole. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExportTicket } from "../../server/contract/export.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { Resource } from "../../server/contract/resource.ts";
import { call, readAnswer, signIn, signUp, type Visitor } from "../support/calls.ts";
import { startInProcess } from "../support/in-process.ts";
import { promtool } from "../support/promtool.ts";
import { reportPast } from "../support/stored-history.ts";
import { until } from "../support/until.ts";

const REPORTS = 90;
const PARTS = 25;
const METRICS = 60;
const PATIENCE_MS = 30_000;

const server = await startInProcess();
const owner = await signUp(server);
const folder = mkdtempSync(join(tmpdir(), "pulse-export-"));
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** A machine whose name wants to be a formula and a path, with enough in its parts to fill any buffer. */
const NAME = '=../nas, "1"\n';
function machineAt(index: number): ReportedResource[] {
  const part = { status: "up", attributes: {} } as const;
  return [
    {
      ...part,
      kind: "host",
      key: "host",
      name: NAME,
      metrics: { load1: index / 8, used_bytes: 2 ** 53 - 1 - index },
    },
    ...Array.from({ length: PARTS }, (_, n) => ({
      ...part,
      kind: "container" as const,
      key: `c${n}`,
      parent: "host",
      name: `container-${n}`,
      metrics: Object.fromEntries(
        Array.from({ length: METRICS }, (_, m) => [`figure_${m}_percent`, n + m + index]),
      ),
    })),
  ];
}

let times: number[] = [];
let host = "";
let reader = "";
beforeAll(async () => {
  times = await reportPast(server, REPORTS, machineAt);
  const { data } = await owner.call<{ resources: Resource[] }>("resources.list", { input: { kind: "host" } });
  host = data.resources[0]?.id ?? "";
  ({ token: reader } = await newToken(["read"]));
});

async function newToken(scopes: string[]): Promise<{ id: string; token: string }> {
  const { data } = await owner.call<{ id: string; token: string }>("tokens.create", {
    input: { name: "export", scopes },
  });
  return data;
}

interface Asked {
  headers?: Record<string, string>;
  method?: string;
  signal?: AbortSignal;
}

const asReader = () => ({ authorization: `Bearer ${reader}` });
function ask(query: string, { headers = asReader(), ...rest }: Asked = {}): Promise<Response> {
  return fetch(`${server.url}/api/history/export?${query}`, { headers, ...rest });
}
const all = (format = "csv") => `resource=${host}&parts=true&format=${format}`;

describe("CSV", () => {
  test("has every sample, the numbers as they were measured, under a header that is no formula", async () => {
    const response = await ask(`resource=${host}&metric=load1&metric=used_bytes`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
    expect(await response.text()).toBe(
      [
        "time,epoch_ms,load1,used_bytes",
        ...times.map(
          (at, index) => `${new Date(at).toISOString()},${at},${index / 8},${2 ** 53 - 1 - index}`,
        ),
        "",
      ].join("\r\n"),
    );
    const named = await (await ask(`${all()}&metric=load1&metric=figure_1_percent`)).text();
    expect(named.startsWith(`time,epoch_ms,"'=../nas, ""1""\n: load1",container-0: figure_1_percent,`)).toBe(
      true,
    );
  });

  test("is saved under a name of letters, digits and dashes", async () => {
    const range = "from=2026-01-31T23:00:00Z&to=2026-02-02";
    const { headers } = await ask(`resource=${host}&${range}`);
    expect(headers.get("content-disposition")).toBe(
      'attachment; filename="pulse-nas-1-2026-01-31-2026-02-02.csv"',
    );
    expect(headers.get("cache-control")).toBe("no-store, no-transform");
  });
});

test("OpenMetrics is taken in whole by Prometheus's own tool: every series, every sample, nothing to complain of", async () => {
  const response = await ask(`resource=${host}&format=openmetrics`);
  expect(response.headers.get("content-type")).toBe(
    "application/openmetrics-text; version=1.0.0; charset=utf-8",
  );
  for (const parts of [false, true]) {
    const text = parts ? await (await ask(all("openmetrics"))).text() : await response.text();
    const file = join(folder, `${parts}.txt`);
    const blocks = join(folder, `blocks-${parts}`);
    writeFileSync(file, text);
    const made = await promtool(["tsdb", "create-blocks-from", "openmetrics", file, blocks]);
    expect([made.status, made.stderr]).toEqual([0, ""]);
    const { stdout } = await promtool(["tsdb", "list", blocks]);
    const samples = stdout
      .split("\n")
      .slice(1)
      .map((line) => Number(line.trim().split(/\s+/)[4] ?? 0));
    const series = parts ? 2 + PARTS * METRICS : 2;
    expect(samples.reduce((sum, count) => sum + count, 0)).toBe(series * REPORTS);
    /* It opens a database, and a database has a journal. */
    mkdirSync(join(blocks, "wal"));
    const dumped = await promtool(["tsdb", "dump", blocks]);
    for (const index of [0, 1, REPORTS - 1])
      expect(dumped.stdout).toContain(
        `machine="=../nas, \\"1\\"\\n", name="=../nas, \\"1\\"\\n", resource="${host}"} ${index / 8} ${times[index]}`,
      );
    const judged = await promtool(["check", "metrics"], scrapeOf(text));
    expect([judged.status, judged.stdout + judged.stderr]).toEqual([0, ""]);
  }
}, 60_000);

/** The same as a scrape would have it, without times and each series once: the linter knows no others. */
function scrapeOf(text: string): string {
  const newest = new Map<string, string>();
  for (const line of text.split("\n")) {
    const isSample = line.startsWith("pulse_");
    if (isSample || /^# (?:TYPE|HELP)/.test(line))
      newest.set(isSample ? line.replace(/\} .*/, "") : line, isSample ? line.replace(/ \S+$/, "") : line);
  }
  return [...newest.values(), ""].join("\n");
}

test("what is asked wrongly is refused field by field, before anything is read", async () => {
  const wrong: [query: string, fields: string[]][] = [
    ["", ["resource"]],
    [`resource=${host}&resource=${host}`, ["resource"]],
    ["resource=nas", ["resource"]],
    [`resource=${host}&format=xml`, ["format"]],
    [`resource=${host}&step=0s`, ["step"]],
    [`resource=${host}&step=5 minutes`, ["step"]],
    [`resource=${host}&metric=No`, ["metric"]],
    [`resource=${host}${"&metric=a".repeat(51)}`, ["metric"]],
    [`resource=${host}&from=yesterday`, ["from"]],
    [`resource=${host}&from=2&to=1`, ["to"]],
    [`resource=${host}&from=0&to=99999999999999`, ["from"]],
    [`resource=${host}&org=acme`, ["org"]],
    [`resource=${host}&__proto__=1`, ["__proto__"]],
  ];
  for (const [query, fields] of wrong) {
    const { status, error } = await readAnswer(await ask(query));
    expect<unknown[]>([query, status, error?.reason, Object.keys(error?.fields ?? {})]).toEqual([
      query,
      400,
      "invalid_request",
      fields,
    ]);
  }
  const missing = await readAnswer(
    await ask(`resource=${host.slice(0, -1)}${host.endsWith("a") ? "b" : "a"}`),
  );
  expect([missing.status, missing.error?.reason]).toEqual([404, "not_found"]);
  for (const method of ["HEAD", "POST"]) {
    const headers = { ...asReader(), "content-type": "application/json" };
    expect((await ask(all(), { method, headers })).status).toBe(method === "HEAD" ? 405 : 404);
  }
});

test("only whoever may read is answered: nobody, a wrong token and one that only reports are not", async () => {
  const cases: [Record<string, string>, number, string][] = [
    [{}, 401, "authentication_required"],
    [{ authorization: "Bearer pulse_wrong", cookie: owner.cookie ?? "" }, 401, "token_invalid"],
    [{ authorization: `Bearer ${(await newToken(["report"])).token}` }, 403, "scope_missing"],
    [{ ...asReader(), "x-pulse-org-id": "acme" }, 501, "feature_disabled"],
  ];
  for (const [headers, status, reason] of cases) {
    const answer = await readAnswer(await ask("resource=nonsense", { headers }));
    expect<unknown[]>([answer.status, answer.error?.reason]).toEqual([status, reason]);
  }
  expect((await ask(all(), { headers: { cookie: owner.cookie ?? "" } })).status).toBe(200);
});

/** Begins to read an export and stops. */
async function begin(format = "openmetrics", headers?: Record<string, string>) {
  const leaving = new AbortController();
  const response = await ask(all(format), { signal: leaving.signal, ...(headers && { headers }) });
  const body = response.body?.getReader();
  if (response.status === 200) await body?.read();
  return { status: response.status, leave: () => leaving.abort(), body };
}

describe("while it is sent", () => {
  test("an export whose right is withdrawn is broken off: a reader sees an error, never an end", async () => {
    const { id, token } = await newToken(["read"]);
    const { body } = await begin("openmetrics", { authorization: `Bearer ${token}` });
    await owner.call("tokens.revoke", { input: { id } });
    let text = "";
    const reading = (async () => {
      for (;;) {
        const { done, value } = (await body?.read()) ?? { done: true, value: undefined };
        if (done) return "whole";
        text = (text + Buffer.from(value).toString()).slice(-100);
      }
    })();
    expect(await reading.catch(() => "broken off")).toBe("broken off");
    expect(text).not.toContain("# EOF");
    const logged = server.logs.find(({ message }) => message === "an export was broken off");
    expect(logged?.fields.reason).toBe("access_denied");
  });

  test("a reader that stops reading is not read for, and one that leaves gives its place back at once", async () => {
    let pages = 0;
    const { shards } = server.edge;
    const watched = {
      instance: shards.instance,
      org: (...of: Parameters<typeof shards.org>) => {
        const calls = shards.org(...of);
        const history = new Proxy(calls.history, {
          get: (target, verb) => {
            if (verb === "exportPage") pages++;
            return target[verb as "exportPage"];
          },
        });
        return new Proxy(calls, {
          get: (target, domain) => (domain === "history" ? history : target[domain as "history"]),
        });
      },
    };
    Object.assign(server.edge, { shards: watched });
    const open = await Promise.all(Array.from({ length: 4 }, () => begin()));
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const refused = await readAnswer(await ask(all()));
    expect([refused.status, refused.error?.reason, refused.headers.get("retry-after")]).toEqual([
      429,
      "rate_limited",
      "10",
    ]);
    /* That nothing more is read can only be seen by looking for a while. */
    const isQuiet = async () => {
      const before = pages;
      await Bun.sleep(300);
      return pages === before;
    };
    await until(isQuiet, { withinMs: PATIENCE_MS });
    const whole = 4 * (2 + PARTS * METRICS);
    expect(pages).toBeLessThan(whole);
    for (const { leave } of open) leave();
    await until(
      async () =>
        (await (await ask(`resource=${host}`)).text()).length > 0 && (await ask(all())).status === 200,
      { withinMs: PATIENCE_MS },
    );
    Object.assign(server.edge, { shards });
  }, 90_000);
});

describe("a download", () => {
  const input = () => ({
    resourceId: host,
    parts: false,
    metrics: ["load1"],
    from: times[0],
    to: Date.now(),
    format: "csv",
    step: "raw",
  });
  const ticket = async (who: Visitor) =>
    (await who.call<ExportTicket>("history.exportTicket", { input: input() })).data;
  const fetched = (path: string, who: Visitor) =>
    fetch(server.url + path, { headers: { cookie: who.cookie ?? "" } });

  test("is fetched once, by the session that asked for it, and by nobody else before", async () => {
    const { path } = await ticket(owner);
    const elsewhere = await signIn(server);
    expect((await fetched(path, elsewhere)).status).toBe(404);
    expect((await fetch(server.url + path)).status).toBe(401);
    expect((await fetch(server.url + path, { headers: asReader() })).status).toBe(403);
    const answer = await fetched(path, owner);
    expect([answer.status, (await answer.text()).split("\r\n").length]).toEqual([200, REPORTS + 2]);
    expect((await fetched(path, owner)).status).toBe(404);
  });

  test("is void when the session has ended, and when a ninth was asked for", async () => {
    const leaving = await signIn(server);
    const { path } = await ticket(leaving);
    const cookie = leaving.cookie ?? "";
    await leaving.call("session.signOut");
    expect((await fetch(server.url + path, { headers: { cookie } })).status).toBe(401);
    const asked: ExportTicket[] = [];
    for (let n = 0; n < 9; n++) asked.push(await ticket(owner));
    expect((await fetched(asked[0]?.path ?? "", owner)).status).toBe(404);
    expect((await fetched(asked[1]?.path ?? "", owner)).status).toBe(200);
  });

  test("is not for tokens, which need none", async () => {
    const { error } = await call(server, "history.exportTicket", { input: input(), headers: asReader() });
    expect(error?.reason).toBe("session_required");
  });
});

test("a minute later it is too late", async () => {
  let now = Date.now();
  await using later = await startInProcess({ clock: () => now });
  const person = await signUp(later);
  await reportPast(later, 1, machineAt);
  const { data } = await person.call<{ resources: Resource[] }>("resources.list", {
    input: { kind: "host" },
  });
  const input = {
    resourceId: data.resources[0]?.id,
    parts: false,
    metrics: [],
    from: now - 600_000,
    to: now,
    format: "csv",
    step: "raw",
  };
  const { data: asked } = await person.call<ExportTicket>("history.exportTicket", { input });
  expect(asked.expiresAt).toBe(now + 60_000);
  now += 60_000;
  const answer = await fetch(later.url + asked.path, { headers: { cookie: person.cookie ?? "" } });
  expect(answer.status).toBe(404);
});
