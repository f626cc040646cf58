import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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
  expect(() => files.pin(orgId)).toThrow(MissingFileError);
  expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
  expect(files.openCount).toBe(0);
  files.create(orgId);
  expect(existsSync(orgFile(dataDir, orgId))).toBe(true);
  expect(files.openCount).toBe(0);
  files.pin(orgId);
  expect(files.openCount).toBe(1);
  files.closeAll();
});

test("creating an org that is there keeps what it holds", () => {
  const dataDir = newDataDir();
  const files = new OrgConnections(dataDir);
  files.create(DEFAULT_ORG);
  files.pin(DEFAULT_ORG).execute("insert into sample_layout (columns) values ('[]')");
  files.create(DEFAULT_ORG);
  expect(files.pin(DEFAULT_ORG).rows("select columns from sample_layout")).toEqual([{ columns: "[]" }]);
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

  test("a file in use is never closed, however many there are", () => {
    const { files, orgs } = three();
    const open = orgs.map((orgId) => files.pin(orgId));
    expect(files.openCount).toBe(3);
    for (const db of open) expect(db.rows("select 1 as one")).toEqual([{ one: 1 }]);
    files.closeAll();
  });

  test("of those not in use, the one used longest ago is closed", () => {
    const { dataDir, files, orgs } = three();
    const [a, b, c] = orgs;
    for (const orgId of [a, b, a]) {
      files.pin(orgId);
      files.unpin(orgId);
    }
    files.pin(c);
    expect([a, b, c].map((orgId) => isOpen(dataDir, orgId))).toEqual([true, false, true]);
    files.closeAll();
  });

  test("a file pinned twice stays open after one unpin, and goes with the last", () => {
    const { dataDir, files, orgs } = three();
    const [a, b, c] = orgs;
    files.pin(a);
    files.pin(a);
    files.pin(b);
    files.pin(c);
    files.unpin(a);
    expect(isOpen(dataDir, a)).toBe(true);
    files.unpin(a);
    expect(isOpen(dataDir, a)).toBe(false);
    expect(files.openCount).toBe(2);
    files.closeAll();
  });

  test("an unpin without a pin is a defect and says so", () => {
    const { files, orgs } = three();
    expect(() => files.unpin(orgs[0])).toThrow("unpin without pin");
    files.pin(orgs[0]);
    files.unpin(orgs[0]);
    expect(() => files.unpin(orgs[0])).toThrow("unpin without pin");
    files.closeAll();
  });
});

test.each(["", ".", "..", "../default", "default/..", "Default", "o", "oABCDEFGHIJKLMNOPQRS", "default\0"])(
  "%j never becomes a path",
  (reference) => {
    expect(() => orgDir("/data", reference as OrgId)).toThrow();
    expect(() => orgFile("/data", reference as OrgId)).toThrow();
  },
);
