/**
 * The one file people download: it runs alone in an empty directory, with a temporary directory it can neither write
 * to nor run programs from. Where we are root the checkout is hidden from it by an empty mount, so that whatever it
 * shows can only have come from inside.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { startServer } from "../faults/child-server.ts";
import { root } from "../support/checkout.ts";
import { builtBinary } from "../support/program.ts";

const isRoot = process.getuid?.() === 0;
const folder = mkdtempSync(join(tmpdir(), "pulse-binary-"));
const home = join(folder, "home");
const binary = join(home, "pulse");
const command = isRoot
  ? ["unshare", "--mount", "sh", "-c", `mount -t tmpfs tmpfs '${root}' && exec "$0" "$@"`, binary]
  : [binary];

const readOnly = join(folder, "read-only");
const noexec = join(folder, "noexec");

beforeAll(() => {
  mkdirSync(home);
  copyFileSync(builtBinary(), binary);
  for (const [path, option] of [
    [readOnly, "ro"],
    [noexec, "noexec"],
  ] as const) {
    mkdirSync(path);
    if (!isRoot) chmodSync(path, 0o500);
    else if (!Bun.spawnSync(["mount", "-t", "tmpfs", "-o", option, "tmpfs", path]).success) {
      throw new Error(`a tmpfs could not be mounted with ${option}: this test must not pass without it`);
    }
  }
}, 60_000);
afterAll(() => {
  for (const path of [readOnly, noexec]) if (isRoot) Bun.spawnSync(["umount", path]);
  rmSync(folder, { recursive: true, force: true });
});

function run(words: string[], temporary: string): { status: number; out: string; err: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command, ...words], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: temporary },
    stderr: "pipe",
  });
  return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
}

describe.each([
  ["a read-only", readOnly],
  ["a noexec", noexec],
])("with %s temporary directory", (_, temporary) => {
  test("it says what it is, for scripts, SQLite and all", () => {
    const { status, out, err } = run(["version", "--json"], temporary);
    expect({ status, err }).toEqual({ status: 0, err: "" });
    expect(JSON.parse(out)).toEqual({
      version: packageJson.version,
      commit: expect.stringMatching(/^[0-9a-f]{12}$|^unknown$/),
      runtime: expect.stringMatching(/^Bun \d/),
      sqlite: expect.stringMatching(/^3\.\d+\.\d+$/),
    });
  });

  test("it serves: set-up by the printed link, the page, live events, and a clean end", async () => {
    const dataDir = mkdtempSync(join(folder, "data-"));
    await using server = await startServer(dataDir, {
      command,
      cwd: home,
      environment: { TMPDIR: temporary, HOME: home },
    });
    await server.setUp();

    const page = await (await fetch(`${server.url}/`)).text();
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1];
    expect(page).toStartWith("<!doctype html>");
    const code = await fetch(server.url + script);
    expect(code.status).toBe(200);
    expect((await code.text()).length).toBeGreaterThan(10_000);

    const seen: string[] = [];
    for await (const { type, data } of server.live()) {
      seen.push(type);
      if (type !== "resources") continue;
      expect(data.changed).not.toEqual([]);
      break;
    }
    expect(seen[0]).toBe("snapshot");
    expect(seen.at(-1)).toBe("resources");
    expect(await server.stop()).toBe(0);
    expect(readdirSync(dataDir).sort()).toEqual(["instance.db", "keys", "lock.db", "orgs"]);
    expect(server.log).not.toContain('"level":"error"');
  }, 20_000);
});

test("it left nothing beside itself", () => {
  expect(readdirSync(home)).toEqual(["pulse"]);
});

test("its help says nothing of what only large installations need", () => {
  const { status, out } = run(["help"], noexec);
  expect(status).toBe(0);
  expect(out).toContain("pulse serve");
  /* The one line that the contract lets it say. */
  expect(out.replace("pulse multi-tenant status|on", "")).not.toMatch(/organi[sz]ation|tenant/i);
});

test("a wrong word is answered in one line, with status 2", () => {
  expect(run(["sevre"], noexec)).toEqual({
    status: 2,
    out: "",
    err: 'pulse: there is no command "sevre"; "pulse help" lists them\n',
  });
});
