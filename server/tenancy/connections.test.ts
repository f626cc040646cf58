import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { mintId } from "../lib/random-id.ts";
import { OrgConnections } from "./connections.ts";
import { takeDataDir } from "./data-dir.ts";
import { MissingFileError } from "./open.ts";
import { orgDir, orgFile } from "./paths.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-connections-"));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
function newDataDir(): string {
  const dataDir = join(folder, String(made++));
  takeDataDir(dataDir).release();
  return dataDir;
}
const newOrg = () => OrgId.parse(mintId("o"));

test("only create makes an org's file; asking for one that is not there makes nothing", () => {
  const dataDir = newDataDir();
  const files = new OrgConnections(dataDir);
  const orgId = newOrg();
  expect(() => files.use(orgId)).toThrow(MissingFileError);
  expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
  expect(files.openCount).toBe(0);
  files.create(orgId);
  expect(existsSync(orgFile(dataDir, orgId))).toBe(true);
  expect(files.openCount).toBe(0);
  files.use(orgId);
  expect(files.openCount).toBe(1);
  files.closeAll();
});

test("creating an org that is there keeps what it holds", () => {
  const dataDir = newDataDir();
  const files = new OrgConnections(dataDir);
  files.create(DEFAULT_ORG);
  files.use(DEFAULT_ORG).execute("insert into sample_layout (columns) values ('[]')");
  files.create(DEFAULT_ORG);
  expect(files.use(DEFAULT_ORG).rows("select columns from sample_layout")).toEqual([{ columns: "[]" }]);
  files.closeAll();
});

describe("with room for two open files", () => {
  const isOpen = (dataDir: string, orgId: OrgId) =>
    readdirSync(orgDir(dataDir, orgId)).includes("org.db-wal");

  function three() {
    const dataDir = newDataDir();
    const files = new OrgConnections(dataDir, 2);
    const orgs = [newOrg(), newOrg(), newOrg()] as const;
    for (const orgId of orgs) files.create(orgId);
    return { dataDir, files, orgs };
  }

  test("the one used longest ago is closed for a third", () => {
    const { dataDir, files, orgs } = three();
    const [a, b, c] = orgs;
    for (const orgId of [a, b, a, c]) files.use(orgId);
    expect([a, b, c].map((orgId) => isOpen(dataDir, orgId))).toEqual([true, false, true]);
    expect(files.openCount).toBe(2);
    files.closeAll();
  });

  test("a file in use is the same while it is open, and holds what was written when it is opened again", () => {
    const { files, orgs } = three();
    const [a, b, c] = orgs;
    const first = files.use(a);
    expect(files.use(a)).toBe(first);
    for (const orgId of orgs) files.use(orgId).execute("insert into sample_layout (columns) values ('[]')");
    expect(files.use(a)).not.toBe(first);
    for (let round = 0; round < 3; round++)
      for (const orgId of [c, b, a])
        expect(files.use(orgId).rows("select columns from sample_layout")).toEqual([{ columns: "[]" }]);
    expect(files.openCount).toBe(2);
    files.closeAll();
  });

  test("one that is closed lets go of its file; closing what is not open is nothing", () => {
    const { dataDir, files, orgs } = three();
    const [a, b] = orgs;
    files.use(a);
    files.close(a);
    files.close(a);
    files.close(b);
    expect([isOpen(dataDir, a), files.openCount]).toEqual([false, 0]);
  });
});

test("whether there is an org's file, and how large it is, is said without opening it", () => {
  const dataDir = newDataDir();
  const files = new OrgConnections(dataDir);
  const orgId = newOrg();
  expect(files.has(orgId)).toBe(false);
  expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
  files.create(orgId);
  expect([files.has(orgId), files.openCount]).toEqual([true, 0]);
  expect(files.sizeOf(orgId)).toBe(readFileSync(orgFile(dataDir, orgId)).length);
  expect(files.openCount).toBe(0);
});

test.each(["", ".", "..", "../default", "default/..", "Default", "o", "oABCDEFGHIJKLMNOPQRS", "default\0"])(
  "%j never becomes a path",
  (reference) => {
    expect(() => orgDir("/data", reference as OrgId)).toThrow();
    expect(() => orgFile("/data", reference as OrgId)).toThrow();
  },
);
