import { afterAll, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { mintId } from "../lib/random-id.ts";
import { OrgConnections } from "./connections.ts";
import { takeDataDir } from "./data-dir.ts";
import { MissingFileError } from "./open.ts";
import { OrgFolders } from "./org-folders.ts";
import { orgDir, orgFile, trashDir, trashedOrgDir } from "./paths.ts";
import { UnsafePathError } from "./private-files.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-org-folders-"));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
/** A data directory with one org, and beside it a folder that is none of ours. */
function furnished() {
  const dataDir = join(folder, String(made++));
  takeDataDir(dataDir).release();
  const folders = new OrgFolders(dataDir, new OrgConnections(dataDir));
  const orgId = OrgId.parse(mintId("o"));
  folders.create(orgId);
  const outside = `${dataDir}-outside`;
  mkdirSync(outside);
  writeFileSync(join(outside, "precious"), "kept");
  return { dataDir, folders, orgId, outside };
}

function isUntouched(outside: string): void {
  expect(readdirSync(outside)).toEqual(["precious"]);
  expect(readFileSync(join(outside, "precious"), "utf8")).toBe("kept");
}

test("an org's file is made in a folder of its own, and discarded with it", () => {
  const { dataDir, folders, orgId } = furnished();
  expect(existsSync(orgFile(dataDir, orgId))).toBe(true);
  folders.discard(orgId);
  expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
  folders.discard(orgId);
});

test("the trash is made when it is first needed, for the owner alone", () => {
  const { dataDir, folders, orgId } = furnished();
  expect(existsSync(trashDir(dataDir))).toBe(false);
  expect(folders.isTrashed(orgId)).toBe(false);
  folders.purge(orgId);
  expect(existsSync(trashDir(dataDir))).toBe(false);
  folders.trash(orgId, 1_790_000_000_000);
  expect(lstatSync(trashDir(dataDir)).mode & 0o777).toBe(0o700);
  expect(readdirSync(trashDir(dataDir))).toEqual([`${orgId}-1790000000000`]);
  expect(folders.isTrashed(orgId)).toBe(true);
  expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
});

test("brought back, everything has the bytes it had", () => {
  const { dataDir, folders, orgId } = furnished();
  writeFileSync(join(orgDir(dataDir, orgId), "beside"), "more");
  const before = readFileSync(orgFile(dataDir, orgId));
  folders.trash(orgId, 1);
  folders.restore(orgId);
  expect(readFileSync(orgFile(dataDir, orgId)).equals(before)).toBe(true);
  expect(readFileSync(join(orgDir(dataDir, orgId), "beside"), "utf8")).toBe("more");
  expect(readdirSync(trashDir(dataDir))).toEqual([]);
});

test("each step done twice is done once", () => {
  const { dataDir, folders, orgId } = furnished();
  folders.trash(orgId, 1);
  folders.trash(orgId, 2);
  expect(readdirSync(trashDir(dataDir))).toEqual([`${orgId}-1`]);
  folders.restore(orgId);
  folders.restore(orgId);
  expect(existsSync(orgFile(dataDir, orgId))).toBe(true);
  folders.trash(orgId, 3);
  folders.purge(orgId);
  folders.purge(orgId);
  expect(readdirSync(trashDir(dataDir))).toEqual([]);
});

test("what is nowhere cannot be brought back", () => {
  const { dataDir, folders } = furnished();
  const nowhere = OrgId.parse(mintId("o"));
  expect(() => folders.restore(nowhere)).toThrow(MissingFileError);
  expect(existsSync(orgDir(dataDir, nowhere))).toBe(false);
});

test("of several in the trash the newest comes back, and purging takes them all", () => {
  const { dataDir, folders, orgId } = furnished();
  for (const at of [9, 10]) {
    mkdirSync(trashedOrgDir(dataDir, orgId, at), { recursive: true });
    writeFileSync(join(trashedOrgDir(dataDir, orgId, at), "from"), String(at));
  }
  chmodSync(trashDir(dataDir), 0o700);
  rmSync(orgDir(dataDir, orgId), { recursive: true });
  folders.restore(orgId);
  expect(readFileSync(join(orgDir(dataDir, orgId), "from"), "utf8")).toBe("10");
  folders.trash(orgId, 11);
  folders.purge(orgId);
  expect(readdirSync(trashDir(dataDir))).toEqual([]);
});

test("one that was half deleted is not brought back, and the next purge finishes it", () => {
  const { dataDir, folders, orgId } = furnished();
  folders.trash(orgId, 5);
  renameSync(trashedOrgDir(dataDir, orgId, 5), `${trashedOrgDir(dataDir, orgId, 5)}.deleted`);
  rmSync(join(`${trashedOrgDir(dataDir, orgId, 5)}.deleted`, "org.db"));
  expect(folders.isTrashed(orgId)).toBe(false);
  expect(() => folders.restore(orgId)).toThrow(MissingFileError);
  folders.purge(orgId);
  expect(readdirSync(trashDir(dataDir))).toEqual([]);
});

test("purging one leaves the others", () => {
  const { dataDir, folders, orgId } = furnished();
  const other = OrgId.parse(mintId("o"));
  folders.create(other);
  folders.trash(orgId, 1);
  folders.trash(other, 1);
  writeFileSync(join(trashDir(dataDir), "notes"), "");
  folders.purge(orgId);
  expect(readdirSync(trashDir(dataDir)).sort()).toEqual(["notes", `${other}-1`].sort());
});

test("the folder of the default org stays, whoever asks", () => {
  const { dataDir, folders } = furnished();
  folders.create(DEFAULT_ORG);
  for (const act of [
    () => folders.trash(DEFAULT_ORG, 1),
    () => folders.discard(DEFAULT_ORG),
    () => folders.restore(DEFAULT_ORG),
    () => folders.purge(DEFAULT_ORG),
  ])
    expect(act).toThrow("stays");
  expect(existsSync(orgFile(dataDir, DEFAULT_ORG))).toBe(true);
});

describe("a link is never followed out of the data directory", () => {
  test("in place of the org's folder", () => {
    const { dataDir, folders, orgId, outside } = furnished();
    rmSync(orgDir(dataDir, orgId), { recursive: true });
    symlinkSync(outside, orgDir(dataDir, orgId));
    expect(() => folders.trash(orgId, 1)).toThrow(UnsafePathError);
    expect(() => folders.discard(orgId)).toThrow(UnsafePathError);
    expect(() => folders.restore(orgId)).toThrow(UnsafePathError);
    expect(() => folders.create(orgId)).toThrow(UnsafePathError);
    isUntouched(outside);
  });

  test("in place of the trash", () => {
    const { dataDir, folders, orgId, outside } = furnished();
    const inside = join(outside, `${orgId}-1`);
    mkdirSync(inside);
    symlinkSync(outside, trashDir(dataDir));
    expect(() => folders.trash(orgId, 2)).toThrow(UnsafePathError);
    expect(() => folders.isTrashed(orgId)).toThrow(UnsafePathError);
    expect(() => folders.purge(orgId)).toThrow(UnsafePathError);
    expect(existsSync(inside)).toBe(true);
    rmSync(orgDir(dataDir, orgId), { recursive: true });
    expect(() => folders.restore(orgId)).toThrow(UnsafePathError);
    expect(existsSync(inside)).toBe(true);
  });

  test("in the trash", () => {
    const { dataDir, folders, orgId, outside } = furnished();
    rmSync(orgDir(dataDir, orgId), { recursive: true });
    mkdirSync(trashDir(dataDir), { mode: 0o700 });
    symlinkSync(outside, trashedOrgDir(dataDir, orgId, 1));
    expect(() => folders.restore(orgId)).toThrow(UnsafePathError);
    expect(() => folders.purge(orgId)).toThrow(UnsafePathError);
    renameSync(trashedOrgDir(dataDir, orgId, 1), `${trashedOrgDir(dataDir, orgId, 1)}.deleted`);
    expect(() => folders.purge(orgId)).toThrow(UnsafePathError);
    isUntouched(outside);
  });

  test("in a folder that is purged: the link goes, what it points to stays", () => {
    const { dataDir, folders, orgId, outside } = furnished();
    symlinkSync(outside, join(orgDir(dataDir, orgId), "link"));
    folders.trash(orgId, 1);
    folders.purge(orgId);
    expect(readdirSync(trashDir(dataDir))).toEqual([]);
    isUntouched(outside);
  });
});

test.each(["", ".", "..", "../default", "o", "default/../.."])(
  "%j never becomes a path in the trash",
  (id) => {
    const { dataDir, folders } = furnished();
    expect(() => trashedOrgDir(dataDir, id as OrgId, 1)).toThrow();
    expect(() => folders.isTrashed(id as OrgId)).toThrow();
    expect(() => folders.trash(id as OrgId, 1)).toThrow();
    expect(() => folders.purge(id as OrgId)).toThrow();
    expect(() => folders.discard(id as OrgId)).toThrow();
  },
);
