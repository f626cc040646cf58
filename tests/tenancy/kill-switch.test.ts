/**
 * K: the kill switch, as one drill. Its steps follow each other on one data directory: switched off while running and
 * on again, then off by the environment and a restart, and on again. Files are compared whenever nobody may touch them.
 */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join as joinPath } from "node:path";
import type { AnyProcedure } from "@trpc/server";
import { eq } from "drizzle-orm";
import { openDatabase } from "../../db/driver.ts";
import { org as orgTable } from "../../db/instance/orgs.ts";
import type { Need } from "../../server/access/admission.ts";
import { appRouter } from "../../server/api/router.ts";
import type { FeatureList } from "../../server/contract/features.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { Report } from "../../server/contract/report.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import { instanceFile } from "../../server/tenancy/paths.ts";
import { call, type Target } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { type InProcess, startInProcess } from "../support/in-process.ts";
import { openRawStream, openRawStreams } from "../support/live.ts";
import { metric } from "../support/metrics.ts";
import { runPulse, startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import {
  ask,
  buildHome,
  buildHouseInProcess,
  byToken,
  DAY_MS,
  ENV_OFF,
  ENV_ON,
  type House,
  marked,
  moved,
  must,
  newOrgFor,
  newToken,
  orgHeader,
  PATIENCE,
  refused,
  reported,
  said,
  shareWith,
} from "./house.ts";

setDefaultTimeout(60_000);

const temporary = temporaryDataDir();
const dataDir = temporary.path;
let ahead = 0;
const clock = () => Date.now() + ahead;
let house: House<InProcess> = await buildHouseInProcess({ dataDir, clock });
let serving: { stop(): Promise<unknown> } = house.server;
afterAll(async () => {
  await serving.stop();
  temporary.remove();
});

/** Deleted so long ago that whatever tidies up would purge it. */
const overdue = await newOrgFor(house.alice, house.olga, "overdue");
await must(ask(house.alice, overdue, "orgs.delete"));
{
  const db = openDatabase(instanceFile(dataDir), "existing");
  db.orm
    .update(orgTable)
    .set({ deletedAt: Date.now() - 31 * DAY_MS })
    .where(eq(orgTable.id, overdue.id))
    .run();
  db.close();
}
/** Reports without a pause, also while everything is switched off. */
const noisy = await newOrgFor(house.alice, house.olga, "noisy");
const [shown] = await reported(house, house.alice, house.acme, [marked("acme-nas", "a", 11)]);
await reported(house, house.bob, house.beta, [marked("beta-nas", "b", 22)]);
await house.server.ingest([marked("own-nas", "o", 33)]);
await shareWith({
  from: house.acme,
  by: house.alice,
  to: house.beta,
  resourceId: shown!.id,
  acceptedBy: house.bob,
});
const token = await newToken(house.alice, house.acme);

/** Everything of every org but `default`, also in the trash, with the hash of what is in it. */
function files(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const folder of ["orgs", "trash"]) {
    for (const name of readdirSync(joinPath(dataDir, folder), { recursive: true }).map(String).sort()) {
      const path = joinPath(dataDir, folder, name);
      if (name.startsWith("default") || !statSync(path).isFile()) continue;
      found[joinPath(folder, name)] = createHash("sha256").update(readFileSync(path)).digest("hex");
    }
  }
  return found;
}

/** Files of orgs but `default` that this process has open. */
function openFiles(): string[] {
  return readdirSync("/proc/self/fd")
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return "";
      }
    })
    .filter((path) => path.startsWith(joinPath(dataDir, "orgs")) && !path.includes("/orgs/default/"));
}

/** What the members of each org see of it. */
async function picture({ alice, bob, acme, beta }: House): Promise<string> {
  const answers = [];
  for (const [who, org] of [
    [alice, acme],
    [bob, beta],
  ] as const) {
    for (const path of [
      "resources.list",
      "orgs.get",
      "members.list",
      "shares.list",
      "shares.incoming",
      "tokens.list",
    ]) {
      answers.push(path, await must(ask(who, org, path)));
    }
    const { resources } = await must<ResourceList>(ask(who, org, "resources.list"));
    for (const { id } of resources) {
      const input = {
        resourceId: id,
        metrics: ["cpu_percent"],
        from: startedAt - 600_000,
        to: startedAt + 600_000,
      };
      answers.push(await must(ask(who, org, "history.range", input)));
    }
  }
  /* "Last used" goes on with every use. */
  return JSON.stringify(answers, (name, value: unknown) => (name === "lastUsedAt" ? undefined : value));
}
const startedAt = Date.now();
const before = await picture(house);

async function expectOff({ server, olga, alice, bob, acme, beta }: House): Promise<void> {
  for (const [who, org] of [
    [alice, acme],
    [bob, beta],
    [olga, acme],
  ] as const) {
    for (const path of ["resources.list", "orgs.get", "orgs.list", "live.events"])
      expect([path, ...said(await ask(who, org, path))]).toEqual([path, 501, "feature_disabled"]);
  }
  await refused(byToken(server, token, "resources.list"), 501, "feature_disabled");
  await refused(call(server, "resources.list", { headers: orgHeader("acme") }), 501, "feature_disabled");
  expect((await must<FeatureList>(olga.call("features.list"))).features).toEqual({ setup: false });
  await must(olga.call("resources.list"));
  expect(await metric(server, "pulse_multi_tenant_enabled")).toBe(0);
}

/** As an agent sends what it could not deliver: older than now, under its own start. */
function spooled(boot: string, count: number): Report[] {
  return Array.from({ length: count }, (_, seq) => ({
    v: 1,
    boot,
    seq,
    at: Date.now() - (count - seq) * 10_000,
    intervalMs: 10_000,
    resources: [marked("spooled-nas", "s", seq)],
  }));
}

describe("the drill", () => {
  let hashed: Record<string, string> = {};

  test("K01 off while running: streams end within 1 s, jobs stop, org calls 501, late reports refused, `default` unaffected", async () => {
    const { server, olga, alice, bob, acme, beta } = house;
    const inAcme = await openRawStreams(server, 10, { cookie: alice.cookie, headers: orgHeader(acme) });
    const inBeta = await openRawStreams(server, 10, { cookie: bob.cookie, headers: orgHeader(beta) });
    const inDefault = await openRawStreams(server, 3, { cookie: olga.cookie });
    expect(openFiles().length).toBeGreaterThan(0);

    let watching = true;
    let cpu = 0;
    const trouble: unknown[] = [];
    const rounds = { asked: 0, stored: 0, late: 0 };
    const bystander = (async () => {
      while (watching) {
        const answer = await olga.call("resources.list");
        if (answer.status !== 200) trouble.push(answer.body);
        rounds.asked++;
        await server.ingest([marked("own-nas", "o", ++cpu)]).catch((error: unknown) => trouble.push(error));
        rounds.stored++;
      }
    })();
    const reporting = (async () => {
      while (watching) {
        await server.ingest([marked("noisy-nas", "n", 11)], noisy.id).catch((error: { reason: string }) => {
          rounds.late++;
          if (error.reason !== "org_unavailable") trouble.push(error);
        });
      }
    })();
    try {
      await until(() => rounds.asked > 5, PATIENCE);

      await must(olga.call("system.switchOffMultiTenant"));
      const offAt = performance.now();
      /* Within a tick: by the time it is answered every file is closed, so nothing that runs could write. */
      expect(openFiles()).toEqual([]);
      hashed = files();
      const ended = [...inAcme, ...inBeta];
      await until(() => ended.every(({ closedAt }) => closedAt !== undefined), PATIENCE);
      for (const stream of ended) {
        expect(stream.ends).toMatchObject([{ data: { reason: "feature_disabled" } }]);
        expect((stream.closedAt ?? 0) - offAt).toBeLessThan(1_000);
      }
      await expectOff(house);
      expect(server.ingest([marked("acme-nas", "a", 99)], acme.id)).rejects.toMatchObject({
        reason: "org_unavailable",
      });

      const lateSoFar = rounds.late;
      const askedSoFar = rounds.asked;
      await until(() => rounds.late > lateSoFar + 20 && rounds.asked > askedSoFar + 5, PATIENCE);
    } finally {
      watching = false;
      await Promise.all([bystander, reporting]);
    }
    expect(trouble).toEqual([]);
    const seen = () =>
      inDefault.every(({ events }) => JSON.stringify(events.at(-1)).includes(`"cpu_percent":${cpu}`));
    await until(seen, { ...PATIENCE, what: "what `default` reported last in its streams" });
    for (const { ends, closedAt } of inDefault) expect([ends, closedAt]).toEqual([[], undefined]);
    for (const stream of inDefault) stream.close();
    expect(files()).toEqual(hashed);
  });

  test("K03 the files are byte-identical after a day switched off, over a restart, whoever knocks", async () => {
    ahead = DAY_MS;
    try {
      await expectOff(house);
      await house.server.stop();
      const server = await startInProcess({
        dataDir,
        clock,
        multiTenant: true,
        trustedProxies: ["127.0.0.1"],
      });
      serving = server;
      house = moved(house, server);
      await expectOff(house);
      const knocking = [];
      for (let round = 0; round < 50; round++)
        for (const { id } of [house.acme, house.beta, overdue])
          knocking.push(
            server.edge.shards
              .org(id)
              .resources.list({})
              .then(
                () => "answered",
                (error: { reason: string }) => error.reason,
              ),
          );
      expect([...new Set(await Promise.all(knocking))]).toEqual(["org_unavailable"]);
      expect(openFiles()).toEqual([]);
    } finally {
      ahead = 0;
    }
    expect(files()).toEqual(hashed);
  });

  test("K03 nor does whoever looks for trouble meanwhile leave anything with them", async () => {
    const doctor = await runPulse(dataDir, ["doctor"], ENV_ON);
    expect(doctor.stderr).toBe("");
    expect(files()).toEqual(hashed);
  });

  test("K04 on again: all data as before, and what was spooled meanwhile is taken", async () => {
    const status = await runPulse(dataDir, ["multi-tenant", "on", "--json"], ENV_ON);
    expect([status.status, status.json()]).toMatchObject([0, { enabled: true }]);
    expect(await picture(house)).toBe(before);
    await must(byToken(house.server, token, "resources.list"));
    using stream = await openRawStream(house.server, {
      cookie: house.alice.cookie,
      headers: orgHeader(house.acme),
    });
    const { reports } = house.server.edge.shards.org(house.acme.id);
    for (const report of spooled("boot-while-it-was-off", 5))
      expect(await reports.ingest({ source: "agent-that-waited", report })).toEqual({ outcome: "stored" });
    await until(() => JSON.stringify(stream.events).includes("spooled-nas"), PATIENCE);
    expect(
      (await must<{ orgs: Org[] }>(house.alice.call("orgs.list"))).orgs.map(({ slug }) => slug),
    ).toContain("acme");
  });

  test("K02 off by environment and restart: the same, and nothing is tidied either", async () => {
    const asBefore = await picture(house);
    await house.server.stop();
    hashed = files();
    const isOverdue = (name: string) => name.startsWith(`trash/${overdue.id}`);
    expect(Object.keys(hashed).some(isOverdue)).toBe(true);
    const off: TestServer = await startServer({ dataDir, env: ENV_OFF });
    serving = off;
    const offHouse = moved(house, off);
    await expectOff(offHouse);
    using stream = await openRawStream(off, { cookie: offHouse.olga.cookie });
    expect(stream.events).toMatchObject([{ type: "snapshot" }]);
    const refusedOn = await runPulse(dataDir, ["multi-tenant", "on"], ENV_OFF);
    expect([
      refusedOn.status,
      refusedOn.stderr.includes("\n") && refusedOn.stderr.trim().split("\n").length,
    ]).toEqual([1, 1]);
    for (const words of [
      ["org", "list"],
      ["org", "create", "x", "--owner", "olga@example.org"],
      ["token", "list", "--org", "acme"],
    ])
      expect([words, (await runPulse(dataDir, words, ENV_OFF)).status]).toEqual([words, 1]);
    expect(files()).toEqual(hashed);
    await off.stop();
    expect(files()).toEqual(hashed);

    const on = await startServer({ dataDir, env: ENV_ON });
    serving = on;
    expect(await picture(moved(house, on))).toBe(asBefore);
    /* Only now what has been in the trash for too long is gone. */
    expect(Object.keys(files()).some(isOverdue)).toBe(false);
  });
});

describe("K05 while off no word of it is said:", () => {
  /** Words a person with one home and one server never meets. */
  const FORBIDDEN = /organi[sz]ation|tenant|tenanc|workspace|(?<![.@])\borgs?\b(?![./])/i;
  const wordsIn = (text: string) =>
    text.match(new RegExp(`.{0,40}(?:${FORBIDDEN.source}).{0,40}`, "gi")) ?? [];
  /** The two lines the contract keeps, for whoever wants it on. */
  const allowed = (line: string) => /^\s*pulse multi-tenant status\|on(?:\s|$)/.test(line);

  test("in every answer of every procedure of `default`, whoever asks, and in every header", async () => {
    const home = await buildHome();
    await using server = home.server;
    const procedures = Object.entries(
      appRouter._def.procedures as unknown as Record<string, AnyProcedure>,
    ).filter(([, { _def }]) => (_def.meta as Need).surface === "always");
    const found: [string, string[]][] = [];
    /* Signing out last, of what comes after nothing would be seen. */
    const paths = procedures
      .map(([path]) => path)
      .filter(
        (path) => !["session.signOut", "live.events"].includes(path) && !path.startsWith("system.license"),
      );
    for (const path of paths) {
      for (const input of [undefined, {}, { junk: 1 }]) {
        for (const cookie of [home.olga.cookie, undefined]) {
          const { body, headers } = await call(server, path, { input, cookie });
          const words = wordsIn(`${body}\n${JSON.stringify([...headers])}`);
          if (words.length > 0) found.push([path, words]);
        }
      }
    }
    using stream = await openRawStream(server, { cookie: home.olga.cookie });
    expect(wordsIn(JSON.stringify(stream.events))).toEqual([]);
    expect(found).toEqual([]);
    /* What people read in the log of a server that has only one of everything. */
    expect(wordsIn(server.logs.map(({ message }) => message).join("\n"))).toEqual([]);
  });

  test("in what the licence of such a server says", async () => {
    const home = await buildHome();
    await using server = home.server;
    await must(home.olga.call("system.licenseInit"));
    const day = new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10);
    const issue = ["license", "issue", "--holder", "x", "--orgs", "3", "--members", "4", "--expires", day];
    const { stdout } = await runPulse(server.dataDir, issue, ENV_ON);
    await must(home.olga.call("system.licenseInstall", { input: { license: stdout.trim() } }));
    const { body } = await home.olga.call("system.license");
    const shown = await runPulse(server.dataDir, ["license", "show", "--json"], ENV_OFF);
    const wide = /tenant|"orgs"|membersPerOrg/g;
    expect({ api: body.match(wide) ?? [], command: shown.stdout.match(wide) ?? [] }).toEqual({
      api: [],
      command: [],
    });
  });

  test("in the page and in what it loads by itself", async () => {
    const home = await buildHome();
    await using server = home.server;
    const texts = await loadedWith(server);
    expect(texts.size).toBeGreaterThan(2);
    const found = [...texts].flatMap(([path, text]) => {
      /* What programs say to each other is no wording: names of headers, procedures and fields. */
      const words = text.match(/.{0,30}(?:organi[sz]ation|tenanc|\btenant|workspace).{0,30}/gi) ?? [];
      return words.map((word) => `${path}: ${word}`);
    });
    expect(found).toEqual([]);
  });

  /** Has a test of its own. */
  const IN_A_LICENCE = /^\{.*"features":\["multi_tenant"\]/;
  const COMMANDS = [
    ["help"],
    ["version"],
    ["user", "list"],
    ["user"],
    ["user", "create", "nobody"],
    ["token", "list"],
    ["token"],
    ["token", "create", "--name", "x", "--as", "olga@example.org", "--scope", "read"],
    ["token", "create", "--name", "x", "--as", "olga@example.org", "--scope", "nonsense"],
    ["token", "revoke", "tnone"],
    ["license", "show"],
    ["license"],
    ["license", "init"],
    ["license", "issue", "--holder", "x", "--orgs", "many"],
    ["license", "remove"],
    ["org"],
    ["org", "list"],
    ["multi-tenant", "status"],
    ["doctor"],
    ["nonsense"],
    ["serve", "--nonsense"],
  ];
  const said = async (dir: string, words: string[], env: Record<string, string>) => {
    const lines: string[] = [];
    for (const json of words[0] === "help" || words[0] === "serve" ? [[]] : [[], ["--json"]]) {
      const { stdout, stderr } = await runPulse(dir, [...words, ...json], env);
      lines.push(...`${stdout}\n${stderr}`.split("\n"));
    }
    return lines
      .filter((line) => wordsIn(line).length > 0 && !allowed(line) && !IN_A_LICENCE.test(line))
      .map((line) => `${words.join(" ")}: ${line}`);
  };

  test("by any command, with a server whose environment says no", async () => {
    const home = await buildHome();
    await using server = home.server;
    const found = await Promise.all(COMMANDS.map((words) => said(server.dataDir, words, ENV_OFF)));
    /* Whoever writes the command's name knows it; it is repeated to them in no other word than theirs. */
    const echoed = /^(?:multi-tenant|org|license issue)/;
    expect(found.flat().filter((line) => !echoed.test(line))).toEqual([]);
    const named = found
      .flat()
      .filter((line) => echoed.test(line) && !/PULSE_MULTI_TENANT_ENABLED|--orgs/.test(line));
    expect(named).toEqual([]);
  });

  test("by `pulse help` beside a server that was switched off while running", async () => {
    await serving.stop();
    const running = await startServer({ dataDir, env: ENV_ON });
    serving = running;
    await runPulse(dataDir, ["multi-tenant", "off"], ENV_ON);
    expect(await said(dataDir, ["help"], ENV_ON)).toEqual([]);
    await runPulse(dataDir, ["multi-tenant", "on"], ENV_ON);
  });
});

/** The page and everything it pulls in without being asked for anything, by path. */
async function loadedWith(server: Target): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  const load = async (path: string) => {
    if (texts.has(path)) return;
    texts.set(path, "");
    const response = await fetch(server.url + path);
    if (!/text|javascript|json|manifest|svg/.test(response.headers.get("content-type") ?? "")) return;
    const text = await response.text();
    texts.set(path, text);
    const linked = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, found]) => found as string);
    const imported = path.endsWith(".js")
      ? [...text.matchAll(/(?:from|import)\s*"(\.{1,2}\/[^"]+\.js)"/g)].map(
          ([, found]) => new URL(found as string, server.url + path).pathname,
        )
      : [];
    await Promise.all([...(path === "/" ? linked : []), ...imported].map(load));
  };
  await load("/");
  return texts;
}
