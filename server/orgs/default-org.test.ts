import { expect, test } from "bun:test";
import { openDatabase } from "../../db/driver.ts";
import { loadMigrations, migrate } from "../tenancy/migrate.ts";
import { ensureDefaultOrg } from "./default-org.ts";

test("the default org and its file are made once; what was changed in it since stays", () => {
  const db = openDatabase(":memory:", "create");
  migrate(db, loadMigrations("instance"));
  const made: string[] = [];
  const createFile = (orgId: string) => void made.push(orgId);
  ensureDefaultOrg(db, 1_000, createFile);
  db.execute("update org set name = 'Home', state = 'suspended'");
  ensureDefaultOrg(db, 2_000, createFile);
  expect(made).toEqual(["default"]);
  expect(db.rows("select id, slug, name, state, created_at from org")).toEqual([
    { id: "default", slug: "default", name: "Home", state: "suspended", created_at: 1_000 },
  ]);
  db.close();
});
