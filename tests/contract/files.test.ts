/** What Pulse says when its data directory or its port is not as it left it. Nothing is ever papered over. */
import { expect, test } from "bun:test";
import { cpSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signUp } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { machine, startInProcess } from "../support/in-process.ts";
import { runPulse, startServer } from "../support/server.ts";

/** A data directory somebody has used. */
async function usedDataDir() {
  const folder = temporaryDataDir();
  const server = await startServer({ dataDir: folder.path });
  await signUp(server);
  await server.stop();
  return folder;
}

async function refusal(dataDir: string, env: Record<string, string> = {}): Promise<string> {
  const { status, stderr } = await runPulse(dataDir, ["serve"], { PULSE_PORT: "0", ...env });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^pulse: [^\n]+\n$/);
  return stderr;
}

const DAMAGE: [what: string, damage: (dataDir: string) => void, said: RegExp][] = [
  ["a missing instance.db", (dir) => rmSync(join(dir, "instance.db")), /instance\.db is missing; restore/],
  [
    "an emptied instance.db",
    (dir) => writeFileSync(join(dir, "instance.db"), ""),
    /instance\.db is empty; restore/,
  ],
  ["a missing org.db", (dir) => rmSync(join(dir, "orgs/default/org.db")), /org\.db is missing; restore/],
  [
    "an emptied org.db",
    (dir) => writeFileSync(join(dir, "orgs/default/org.db"), ""),
    /org\.db is empty; restore/,
  ],
  [
    "an org.db that is none",
    (dir) => writeFileSync(join(dir, "orgs/default/org.db"), "scribble ".repeat(100)),
    /org\.db is damaged or no database; restore/,
  ],
  [
    "a folder that leads elsewhere",
    (dir) => {
      renameSync(join(dir, "orgs/default"), join(dir, "elsewhere"));
      symlinkSync(join(dir, "elsewhere"), join(dir, "orgs/default"));
    },
    /orgs\/default is not a folder/,
  ],
  [
    "a lock that is none",
    (dir) => writeFileSync(join(dir, "lock.db"), "scribble ".repeat(100)),
    /lock\.db is not the lock/,
  ],
];

const used = await usedDataDir();
for (const [what, damage, said] of DAMAGE) {
  test(`${what} stops the start with one line that says so, and doctor sees it too`, async () => {
    const folder = temporaryDataDir();
    cpSync(used.path, folder.path, { recursive: true });
    damage(folder.path);
    expect(await refusal(folder.path)).toMatch(said);
    if (!what.includes("lock")) expect((await runPulse(folder.path, ["doctor"])).status).toBe(1);
    folder.remove();
  });
}

test("two servers never share a port", async () => {
  await using server = await startServer();
  const other = temporaryDataDir();
  mkdirSync(other.path, { recursive: true });
  const port = new URL(server.url).port;
  expect(await refusal(other.path, { PULSE_PORT: port, PULSE_HOST: "0.0.0.0" })).toContain(
    "something else is listening there",
  );
  other.remove();
});

test("a report is not acknowledged into a file that was removed while the server ran", async () => {
  await using server = await startInProcess();
  await server.ingest([machine("nas", 1)]);
  rmSync(join(server.dataDir, "orgs/default/org.db"));
  /* Not `rejects`: with a promise that another thread settles it can wait forever (Bun 1.4.5). */
  const refused = await server.ingest([machine("nas", 2)]).catch((error: unknown) => error);
  expect(refused).toMatchObject({ reason: "org_unavailable" });
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
});

test("metrics are not for who asks through a proxy or by a name of theirs", async () => {
  await using server = await startServer();
  const status = async (headers: Record<string, string>) =>
    (await fetch(`${server.url}/metrics`, { headers })).status;
  expect(await status({})).toBe(200);
  expect(await status({ "x-forwarded-for": "203.0.113.9" })).toBe(403);
  expect(await status({ host: "evil.example" })).toBe(403);
});
