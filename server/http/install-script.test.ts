/**
 * The script is run by a real `sh` into a folder that stands for the machine, against a real server, so
 * nothing of this machine changes. The program it fetches is any file: what counts is that it arrives whole.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DomainError } from "../lib/domain-error.ts";
import { type InstallPath, installFiles, installScript } from "./install-script.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-install-"));
const program = join(folder, "program");
const TOKEN = "pulse_agent_0123456789abcdef";
const target = `linux-${process.arch}${existsSync("/lib/ld-musl-x86_64.so.1") ? "-musl" : ""}`;

/** What is mounted: undefined is a server that runs from a checkout. */
let handed: { path: string; target: string } | undefined = { path: program, target };
let tampered = false;
let server: Bun.Server<undefined>;

beforeAll(() => {
  writeFileSync(program, crypto.getRandomValues(new Uint8Array(60_000)));
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const url = new URL(request.url);
      if (tampered && url.pathname === "/download/pulse") return new Response("something else");
      const files = installFiles(undefined, handed);
      try {
        return await files[url.pathname as InstallPath]({ origin: url.origin }, url);
      } catch (error) {
        return new Response("", { status: error instanceof DomainError ? error.httpStatus : 500 });
      }
    },
  });
});
afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true, force: true });
});

function newRoot(): string {
  return mkdtempSync(join(folder, "root-"));
}

async function install(root: string, words: string[]) {
  const script = await (await fetch(`http://127.0.0.1:${server.port}/install.sh`)).text();
  const child = Bun.spawn(["sh", "-s", "--", ...words], {
    stdin: new Blob([script]),
    stdout: "pipe",
    stderr: "pipe",
    env: { PATH: process.env.PATH ?? "", DESTDIR: root },
  });
  const [status, out, err] = [
    await child.exited,
    await new Response(child.stdout).text(),
    await new Response(child.stderr).text(),
  ];
  return { status, out, err };
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const text = (...path: string[]) => readFileSync(join(...path), "utf8");

test("one line puts the program, the unit and the settings where they belong, the token readable to root alone", async () => {
  const root = newRoot();
  const { status, err } = await install(root, [
    "--token",
    TOKEN,
    "--name",
    'the "old" $(nas)',
    "--interval",
    "30s",
  ]);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  const binary = join(root, "usr/local/bin/pulse");
  expect(readFileSync(binary)).toEqual(readFileSync(program));
  expect(mode(binary)).toBe("755");
  const settings = join(root, "etc/pulse-agent");
  expect(text(settings, "token")).toBe(`${TOKEN}\n`);
  expect([mode(settings), mode(join(settings, "token")), mode(join(settings, "agent.env"))]).toEqual([
    "700",
    "600",
    "600",
  ]);
  expect(text(settings, "agent.env")).toBe(
    `PULSE_AGENT_SERVER="http://127.0.0.1:${server.port}"\n` +
      'PULSE_AGENT_NAME="the \\"old\\" $(nas)"\nPULSE_AGENT_INTERVAL="30s"\n',
  );
  const unit = text(root, "etc/systemd/system/pulse-agent.service");
  expect(unit).toBe(text(import.meta.dir, "../../agent/install/pulse-agent.service"));
  expect(unit).not.toContain(TOKEN);
  expect(existsSync(join(root, "etc/systemd/system/pulse-agent.service.d"))).toBe(false);
});

test("--docker and --ca are asked for, and a second run without them takes them back", async () => {
  const root = newRoot();
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, "-----BEGIN CERTIFICATE-----\n");
  const dropIns = join(root, "etc/systemd/system/pulse-agent.service.d");
  expect((await install(root, ["--token", TOKEN, "--docker", "--ca", ca])).status).toBe(0);
  expect(text(dropIns, "docker.conf")).toBe("[Service]\nSupplementaryGroups=docker\n");
  expect(text(dropIns, "ca.conf")).toContain("PULSE_AGENT_CA=%d/ca");
  expect((await install(root, ["--token", TOKEN])).status).toBe(0);
  expect(existsSync(dropIns)).toBe(false);
});

test("--uninstall leaves nothing, but a program somebody else put there", async () => {
  const root = newRoot();
  await install(root, ["--token", TOKEN]);
  mkdirSync(join(root, "var/lib/pulse-agent"), { recursive: true });
  expect((await install(root, ["--uninstall"])).status).toBe(0);
  const left = [...new Bun.Glob("**/*").scanSync({ cwd: root, dot: true })];
  expect(left).toEqual([]);

  await install(root, ["--token", TOKEN]);
  writeFileSync(join(root, "usr/local/bin/pulse"), "a newer one");
  expect((await install(root, ["--uninstall"])).out).toContain("stays");
  expect([...new Bun.Glob("**/*").scanSync({ cwd: root, dot: true })]).toEqual(["usr/local/bin/pulse"]);
});

describe("what cannot be is said in one line, and changes nothing", () => {
  test.each([
    [[], "there is no --token"],
    [["--token"], "--token needs a value"],
    [["--token", "pulse_abc"], "--token is not a token of an agent"],
    [["--token", "pulse_agent_$(reboot)"], "--token has characters no token has"],
    [["--colour"], "there is no option --colour"],
  ])("%j", async (words, line) => {
    const root = newRoot();
    const { status, out, err } = await install(root, words);
    expect({ status, out }).toEqual({ status: 1, out: "" });
    expect(err).toStartWith(`pulse: ${line}`);
    expect([...new Bun.Glob("**/*").scanSync({ cwd: root, dot: true })]).toEqual([]);
  });

  test("a program that does not arrive as it was sent", async () => {
    const root = newRoot();
    tampered = true;
    const { status, err } = await install(root, ["--token", TOKEN]).finally(() => {
      tampered = false;
    });
    expect(status).toBe(1);
    expect(err).toContain("did not arrive as it was sent");
    expect(existsSync(join(root, "usr/local/bin/pulse"))).toBe(false);
  });

  test.each([
    ["runs from a checkout", undefined],
    ["is another machine", { path: program, target: "darwin-arm64" }],
  ])(
    "a server that %s has no program: the line says what to do, and takes one that was copied",
    async (_, program) => {
      const root = newRoot();
      const before = handed;
      handed = program;
      try {
        const { status, err } = await install(root, ["--token", TOKEN]);
        expect(status).toBe(1);
        expect(err).toContain(`Copy the pulse binary for ${target}`);
        mkdirSync(join(root, "usr/local/bin"), { recursive: true });
        writeFileSync(join(root, "usr/local/bin/pulse"), "copied", { mode: 0o755 });
        expect((await install(root, ["--token", TOKEN])).status).toBe(0);
        expect(text(root, "usr/local/bin/pulse")).toBe("copied");
      } finally {
        handed = before;
      }
    },
  );
});

test("half a download does nothing", async () => {
  const root = newRoot();
  const script = installScript({ serverUrl: `http://127.0.0.1:${server.port}` });
  for (const share of [0.3, 0.6, 0.9, 0.995]) {
    Bun.spawnSync(["sh", "-s", "--", "--token", TOKEN], {
      stdin: new Blob([script.slice(0, Math.floor(script.length * share))]) as never,
      env: { PATH: process.env.PATH ?? "", DESTDIR: root },
      stderr: "ignore",
    });
  }
  expect([...new Bun.Glob("**/*").scanSync({ cwd: root, dot: true })]).toEqual([]);
});

test("an address that is more than an address gets into no script", () => {
  for (const serverUrl of ["https://a'; reboot; '", "https://a/$(id)", "javascript:1", "https://a\nreboot"]) {
    expect(() => installScript({ serverUrl })).toThrow(DomainError);
  }
  const script = installScript({ serverUrl: "https://pulse.example.org:8443" });
  expect(script).toContain("SERVER='https://pulse.example.org:8443'");
  expect(script).not.toMatch(/@[A-Z]+@/);
});

test("the program is handed to so many at once, and to the next when one is done or has gone", async () => {
  const files = installFiles(undefined, { path: program, target });
  const url = new URL("http://x/download/pulse");
  const get = () => files["/download/pulse"]({ origin: "http://x" }, url);
  const open = await Promise.all([get(), get(), get(), get()]);
  expect(get()).rejects.toMatchObject({ reason: "rate_limited" });
  await open[0]?.body?.cancel();
  await (await get()).arrayBuffer();
  await open[1]?.arrayBuffer();
  for (const _ of [1, 2, 3]) await (await get()).arrayBuffer();
});
