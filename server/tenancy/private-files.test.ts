import { afterAll, expect, test } from "bun:test";
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMigrated } from "./open.ts";
import { checkPrivateFile, ensurePrivateFolder, UnsafePathError } from "./private-files.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-private-"));
afterAll(() => rmSync(folder, { recursive: true }));

const mode = (path: string) => lstatSync(path).mode & 0o777;

function newFile(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "x", { mode: 0o600 });
  return path;
}

test("a folder is made for the owner alone, whatever the umask", () => {
  const before = process.umask(0);
  try {
    ensurePrivateFolder(join(folder, "made"));
  } finally {
    process.umask(before);
  }
  expect(mode(join(folder, "made"))).toBe(0o700);
});

test("what others could read is closed to them", () => {
  const path = newFile("open");
  chmodSync(path, 0o644);
  expect(checkPrivateFile(path)).toBe(true);
  expect(mode(path)).toBe(0o600);
  const inner = join(folder, "open-folder");
  mkdirSync(inner);
  chmodSync(inner, 0o755);
  ensurePrivateFolder(inner);
  expect(mode(inner)).toBe(0o700);
});

test("a missing file is only missing", () => {
  expect(checkPrivateFile(join(folder, "missing"))).toBe(false);
});

test.each([
  ["a link", (path: string) => symlinkSync(newFile("elsewhere"), path)],
  ["a link to nothing", (path: string) => symlinkSync(join(folder, "nothing"), path)],
  ["a second name of another file", (path: string) => linkSync(newFile("first-name"), path)],
  ["a folder", (path: string) => mkdirSync(path)],
])("%s is not opened as a database", (name, make) => {
  const path = join(folder, `${name.replaceAll(" ", "-")}.db`);
  make(path);
  expect(() => checkPrivateFile(path)).toThrow(UnsafePathError);
  expect(() => openMigrated(path, "create", [])).toThrow(UnsafePathError);
  expect(() => openMigrated(path, "existing", [])).toThrow(UnsafePathError);
});

test("a link is not taken for the data directory", () => {
  mkdirSync(join(folder, "target"));
  symlinkSync(join(folder, "target"), join(folder, "linked-folder"));
  expect(() => ensurePrivateFolder(join(folder, "linked-folder"))).toThrow("is not a folder");
  expect(() => ensurePrivateFolder(newFile("file-for-folder"))).toThrow("is not a folder");
});

test("what belongs to somebody else is refused", () => {
  const somebody = (process.getuid?.() ?? 0) + 12_345;
  const path = newFile("foreign.db");
  const inner = join(folder, "foreign");
  mkdirSync(inner);
  if (process.getuid?.() === 0) {
    chownSync(path, somebody, somebody);
    chownSync(inner, somebody, somebody);
    expect(() => checkPrivateFile(path)).toThrow("belongs to another user");
    expect(() => ensurePrivateFolder(inner)).toThrow("belongs to another user");
  } else {
    /* Nobody but root can give a file away, but every system has files of root. */
    expect(() => checkPrivateFile("/etc/passwd")).toThrow("belongs to another user");
    expect(() => ensurePrivateFolder("/etc")).toThrow("belongs to another user");
  }
});
