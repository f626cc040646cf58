/** `pulse agent` as people run it: a process of its own, from the checkout. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agent } from "../../server/cli/agent.ts";
import { PULSE } from "../support/program.ts";
import { until } from "../support/until.ts";
import { Ingest, refusal } from "./ingest.ts";
import { ENROLMENT_TOKEN, TOKEN } from "./machine.ts";

const PATIENT = { withinMs: 15_000 };

function newFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "pulse-agent-command-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function spawn(words: string[], environment: Record<string, string> = {}) {
  const child = Bun.spawn([...PULSE, "agent", ...words], {
    env: { PATH: process.env.PATH ?? "", HOME: tmpdir(), PULSE_LOG_FORMAT: "json", ...environment },
    stdout: "pipe",
    stderr: "pipe",
  });
  const out = new Response(child.stdout).text();
  const err = new Response(child.stderr).text();
  return { child, out, err };
}

async function run(words: string[], environment: Record<string, string> = {}) {
  const { child, out, err } = spawn(words, environment);
  return { status: await child.exited, out: await out, err: await err };
}

describe("a call that cannot be", () => {
  test.each([
    [[], "there is no --server"],
    [["--server", "http://127.0.0.1:1"], "there is no --token"],
    [["--server", "nas", "--token", TOKEN], "--server must be an http or https address"],
    [["--server", "http://127.0.0.1:1", "--token", "pulse_x"], "--token must be a token of an agent"],
    [["--server", "http://127.0.0.1:1", "--token", TOKEN, "--interval", "10"], "--interval must be a time"],
    [
      ["--server", "http://127.0.0.1:1", "--token", TOKEN, "--fingerprint", "ab"],
      "--fingerprint must be 32 bytes",
    ],
    [["--colour"], "Unknown option '--colour'"],
  ])("(%j) is answered in one line, with status 2", async (words, line) => {
    const { status, out, err } = await run(words);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toStartWith(`pulse: ${line}`);
    expect(err.trim().split("\n")).toHaveLength(1);
  });

  test("because of a setting has status 1 and names it", async () => {
    const { status, err } = await run([], { PULSE_AGENT_INTERVAL: "soon" });
    expect({ status, err }).toEqual({
      status: 1,
      err: "pulse: PULSE_AGENT_INTERVAL must be a time like 10s or 1m, for example PULSE_AGENT_INTERVAL=10s\n",
    });
  });
});

test("it reports this machine, without a database in it, and ends well when told to", async () => {
  await using ingest = new Ingest();
  using folder = newFolder();
  const words = ["--server", ingest.url, "--token", TOKEN, "--state-dir", folder.path, "--name", "cellar"];
  const { child, out } = spawn(words);
  await until(() => ingest.stored.size >= 2, PATIENT);
  const kinds = new Set(ingest.reports.at(-1)?.resources.map(({ kind }) => kind));
  expect(kinds.has("host")).toBe(true);
  const host = ingest.reports.at(-1)?.resources.find(({ kind }) => kind === "host");
  expect(host).toMatchObject({ name: "cellar", metrics: { cpu_percent: expect.any(Number) } });
  expect(readFileSync(`/proc/${child.pid}/maps`, "utf8")).not.toMatch(/sqlite/i);
  const began = performance.now();
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(performance.now() - began).toBeLessThan(5_000);
  const lines = (await out)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.filter(({ level }) => level !== "info")).toEqual([]);
  expect(JSON.stringify(lines)).not.toContain(TOKEN);
}, 20_000);

test("settings, and a token from a file, do as well as options", async () => {
  await using ingest = new Ingest();
  using folder = newFolder();
  writeFileSync(join(folder.path, "token"), `${TOKEN}\n`);
  const environment = { PULSE_AGENT_SERVER: ingest.url, PULSE_AGENT_TOKEN_FILE: join(folder.path, "token") };
  const { status, out } = await run(["--once", "--json", "--state-dir", folder.path], environment);
  expect(status).toBe(0);
  expect(JSON.parse(out)).toEqual({ stored: true, resources: expect.any(Number), intervalMs: 10_000 });
  expect(ingest.requests[0]?.token).toBe(TOKEN);
}, 20_000);

test("--help names every option there is", async () => {
  const { status, out, err } = await run(["--help"]);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  const named = [...out.matchAll(/^ {2}(--[a-z-]+) /gm)].map(([, option]) => option);
  const known = Object.keys(agent.options ?? {}).map((option) => `--${option}`);
  expect(named.sort()).toEqual(known.sort());
});

test("--once tells what the server says against it, with status 1", async () => {
  await using ingest = new Ingest();
  using folder = newFolder();
  ingest.answer = () => refusal(401, "token_invalid");
  const { status, out } = await run([
    "--once",
    "--server",
    ingest.url,
    "--token",
    TOKEN,
    "--state-dir",
    folder.path,
  ]);
  expect({ status, out }).toEqual({
    status: 1,
    out: "not stored: refused: token_invalid (give the agent a new token)\n",
  });
}, 20_000);

test("plain http to a public address is warned about, to the house's own it is not", async () => {
  using folder = newFolder();
  const warned = async (server: string) => {
    const { child, out } = spawn(["--server", server, "--token", TOKEN, "--state-dir", folder.path]);
    const reader = (async () => (await out).includes("travel readable"))();
    await until(() => {
      try {
        return readFileSync(`${folder.path}/lock`, "utf8").startsWith(`${child.pid} `);
      } catch {
        return false;
      }
    }, PATIENT);
    child.kill("SIGTERM");
    await child.exited;
    return reader;
  };
  expect(await warned("http://192.0.2.1:7655")).toBe(true);
  expect(await warned("http://127.0.0.1:1")).toBe(false);
}, 30_000);

describe("a token for many machines", () => {
  test("is exchanged once for an identity that only its owner can read and that stays", async () => {
    await using ingest = new Ingest();
    using folder = newFolder();
    const words = ["--once", "--server", ingest.url, "--state-dir", folder.path];
    for (const _ of [1, 2]) await run([...words, "--token", ENROLMENT_TOKEN, "--name", "nas"]);
    const file = join(folder.path, "identity.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [enrolment, first, second] = ingest.requests;
    expect(ingest.requests).toHaveLength(3);
    expect({
      path: enrolment?.path,
      token: enrolment?.token,
      body: JSON.parse(enrolment?.body ?? ""),
    }).toEqual({
      path: "/api/agent/enroll",
      token: ENROLMENT_TOKEN,
      body: { v: 1, name: "nas" },
    });
    const kept = JSON.parse(readFileSync(file, "utf8"));
    expect(kept.token).toBe("pulse_agent_of-a1-0123456789");
    expect(readFileSync(file, "utf8")).not.toContain(ENROLMENT_TOKEN);
    expect([first?.token, second?.token]).toEqual([kept.token, kept.token]);

    await run([...words, "--token", `${ENROLMENT_TOKEN}-new`]);
    expect(ingest.requests[3]).toMatchObject({ path: "/api/agent/enroll", token: `${ENROLMENT_TOKEN}-new` });
  }, 30_000);
});

test("killed over and over while the server is away, it loses no report that was spooled and doubles none", async () => {
  await using ingest = new Ingest();
  using folder = newFolder();
  await ingest.away();
  const words = ["--server", ingest.url, "--token", TOKEN, "--state-dir", folder.path, "--interval", "1s"];
  const spooled = () => {
    const found = [...new Bun.Glob("spool-*/*.seg").scanSync(folder.path)];
    return found.reduce((sum, name) => sum + statSync(join(folder.path, name)).size, 0);
  };
  for (let round = 0; round < 3; round++) {
    const before = spooled();
    const { child } = spawn(words);
    await until(() => spooled() > before + 100, PATIENT); // more than the beginning of a file
    child.kill("SIGKILL");
    await child.exited;
  }
  ingest.back();
  const { child } = spawn(words);
  await until(() => new Set(ingest.reports.map(({ boot }) => boot)).size === 4, PATIENT);
  await until(() => spooled() === 0, PATIENT);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(ingest.duplicates).toBe(0);
  const byBoot = Map.groupBy(ingest.reports, ({ boot }) => boot);
  for (const reports of byBoot.values()) {
    expect(reports.map(({ seq }) => seq)).toEqual(reports.map((_, index) => index));
  }
}, 60_000);
