import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPulse } from "../../tests/support/server.ts";
import { DataDirInUseError, takeDataDir } from "./data-dir.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-data-dir-"));
afterAll(() => rmSync(folder, { recursive: true }));

const holder = `
  const { takeDataDir } = await import(${JSON.stringify(join(import.meta.dir, "data-dir.ts"))});
  takeDataDir(process.argv[1]);
  Bun.gc(true);
  console.log("taken");
  setInterval(() => {}, 60_000);`;

test("a second process is refused with one line, and a kill -9 frees the directory", async () => {
  const dataDir = join(folder, "held");
  const child = Bun.spawn([process.execPath, "-e", holder, dataDir], { stdout: "pipe" });
  const first = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(first.value)).toBe("taken\n");

  expect(() => takeDataDir(dataDir)).toThrow(DataDirInUseError);
  expect(() => takeDataDir(dataDir)).toThrow(`another Pulse is using ${dataDir}`);
  const { status, stdout, stderr } = await runPulse(dataDir, ["serve"], { PULSE_PORT: "0" });
  expect([stdout, stderr, status]).toEqual(["", `pulse: another Pulse is using ${dataDir}\n`, 1]);

  child.kill("SIGKILL");
  await child.exited;
  takeDataDir(dataDir).release();
});

test("one process takes it once", () => {
  const dataDir = join(folder, "once");
  const lock = takeDataDir(dataDir);
  expect(() => takeDataDir(dataDir)).toThrow(DataDirInUseError);
  lock.release();
  takeDataDir(dataDir).release();
});

test("missing folders above the data directory are made, a file in its place is refused", () => {
  takeDataDir(join(folder, "a/b/c")).release();
  writeFileSync(join(folder, "file"), "");
  expect(() => takeDataDir(join(folder, "file"))).toThrow("is not a folder");
});
