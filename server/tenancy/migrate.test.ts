import { afterAll, describe, expect, test } from "bun:test";
import {
  copyFileSync,
  cpSync,
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
import { type Database, openDatabase } from "../../db/driver.ts";
import { loadMigrations, type Migration, migrate, SchemaError, schemaVersion } from "./migrate.ts";
import { MissingFileError, openMigrated } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-migrate-"));
afterAll(() => rmSync(folder, { recursive: true }));
const checkout = join(import.meta.dir, "../..");
const KINDS = ["instance", "org"] as const;

const first: Migration = {
  name: "0000_first",
  statements: [
    "create table parent (id integer primary key, name text not null)",
    "create table child (id integer primary key, parent_id integer not null references parent (id) on delete cascade)",
  ],
};
/** Word for word what drizzle-kit generates when a column changes. */
const rebuild: Migration = {
  name: "0001_rebuild",
  statements: [
    "PRAGMA foreign_keys=OFF;",
    "CREATE TABLE `__new_parent` (`id` integer PRIMARY KEY NOT NULL, `name` text);",
    'INSERT INTO `__new_parent`("id", "name") SELECT "id", "name" FROM `parent`;',
    "DROP TABLE `parent`;",
    "ALTER TABLE `__new_parent` RENAME TO `parent`;",
    "PRAGMA foreign_keys=ON;",
  ],
};

function familyAtFirst(name: string): Database {
  const db = openMigrated(join(folder, name), "create", [first]);
  db.execute("insert into parent values (1, 'a'), (2, 'b')");
  db.execute("insert into child values (10, 1), (11, 1), (20, 2)");
  return db;
}

/** The whole content of a file, its schema too. */
function contents(db: Database): unknown {
  const tables = db.rows("select name, sql from sqlite_master order by name") as { name: string }[];
  return {
    tables,
    rows: tables.map(({ name }) => db.rows(`select * from "${name}" order by 1`)),
    version: schemaVersion(db),
  };
}

describe("rebuilding a table", () => {
  test("keeps the rows that point to it", () => {
    const db = familyAtFirst("rebuild.db");
    migrate(db, [first, rebuild]);
    expect(db.rows("select id, parent_id from child order by id")).toEqual([
      { id: 10, parent_id: 1 },
      { id: 11, parent_id: 1 },
      { id: 20, parent_id: 2 },
    ]);
    expect(schemaVersion(db)).toBe(2);
    expect(db.pragma("foreign_keys")).toBe(1);
    expect(() => db.execute("insert into child values (30, 99)")).toThrow("FOREIGN KEY");
    db.execute("delete from parent where id = 1");
    expect(db.rows("select id from child")).toEqual([{ id: 20 }]);
    db.close();
  });

  test("would lose them if it were done inside a transaction as it stands", () => {
    const db = familyAtFirst("naive.db");
    db.transaction(() => {
      for (const statement of rebuild.statements) db.execute(statement);
    });
    expect(db.rows("select * from child")).toEqual([]);
    db.close();
  });
});

describe("a migration that fails leaves the file as it was:", () => {
  const cases: [name: string, statements: string[], error: string][] = [
    [
      "one that would orphan rows",
      ["delete from parent where id = 1"],
      "would leave 2 rows without a parent",
    ],
    ["one with a wrong statement at its end", ["drop table child", "create tabel oops (a)"], "syntax error"],
    [
      "one that fills a table wrongly",
      ["create table t (a unique)", "insert into t values (1), (1)"],
      "UNIQUE",
    ],
  ];
  test.each(cases)("%s", (name, statements, message) => {
    const db = familyAtFirst(`failing-${name.replaceAll(" ", "-")}.db`);
    const before = contents(db);
    expect(() => migrate(db, [first, { name: "0001_wrong", statements }])).toThrow(message);
    expect(contents(db)).toEqual(before);
    expect(db.pragma("foreign_keys")).toBe(1);
    db.close();
  });

  test("and those before it stay applied", () => {
    const db = familyAtFirst("partly.db");
    const wrong = { name: "0002_wrong", statements: ["create table gone (a)", "nonsense"] };
    expect(() => migrate(db, [first, rebuild, wrong])).toThrow("syntax error");
    expect(schemaVersion(db)).toBe(2);
    expect(db.rows("select name from sqlite_master where name = 'gone'")).toEqual([]);
    migrate(db, [first, rebuild, { name: "0002_right", statements: ["create table gone (a)"] }]);
    expect(schemaVersion(db)).toBe(3);
    db.close();
  });
});

test("a file at the current schema is not written to", () => {
  const path = join(folder, "current.db");
  familyAtFirst("current.db").close();
  const before = filesBeside(path);
  openMigrated(path, "existing", [first]).close();
  expect(filesBeside(path)).toEqual(before);
});

describe("a file of a newer Pulse is refused, and not one byte changes", () => {
  test("after a clean stop", () => {
    const path = join(newFolder(), "newer.db");
    writeNewer(path).close();
    expectRefusedUnchanged(path);
  });

  test("with the log of a server that was killed", () => {
    const source = join(newFolder(), "newer.db");
    const db = writeNewer(source);
    const path = join(newFolder(), "newer.db");
    for (const suffix of ["", "-wal", "-shm"]) copyFileSync(source + suffix, path + suffix);
    db.close();
    expect(readFileSync(`${path}-wal`).length).toBeGreaterThan(0);
    expectRefusedUnchanged(path);
  });

  test("with that log and without its index, as in a copy", () => {
    const source = join(newFolder(), "newer.db");
    const db = writeNewer(source);
    const path = join(newFolder(), "newer.db");
    for (const suffix of ["", "-wal"]) copyFileSync(source + suffix, path + suffix);
    db.close();
    expectRefusedUnchanged(path);
  });

  function writeNewer(path: string): Database {
    const db = openDatabase(path, "create");
    db.execute("create table future (a); insert into future values (1)");
    db.pragma("user_version = 7");
    return db;
  }

  function expectRefusedUnchanged(path: string): void {
    const before = filesBeside(path);
    for (const mode of ["create", "existing"] as const) {
      expect(() => openMigrated(path, mode, [first])).toThrow(SchemaError);
      expect(() => openMigrated(path, mode, [first])).toThrow(
        "schema version 7 is newer than this version of Pulse knows (1); nothing was changed",
      );
    }
    expect(filesBeside(path)).toEqual(before);
  }
});

test("opening what must exist makes neither file nor folder", () => {
  const empty = newFolder();
  expect(() => openMigrated(join(empty, "org.db"), "existing", [first])).toThrow(MissingFileError);
  expect(() => openMigrated(join(empty, "sub/org.db"), "existing", [first])).toThrow(MissingFileError);
  expect(readdirSync(empty)).toEqual([]);
});

test("an empty file, left by a kill just after it was made, becomes a database; one that held data is told of", () => {
  const path = join(newFolder(), "empty.db");
  Bun.spawnSync(["install", "-m", "600", "/dev/null", path]);
  expect(() => openMigrated(path, "existing", [first])).toThrow("is empty; restore it from a backup");
  const db = openMigrated(path, "create", [first]);
  expect(schemaVersion(db)).toBe(1);
  db.close();
});

test("what is no database is named, with what to do, and left as it is", () => {
  const path = join(newFolder(), "org.db");
  writeFileSync(path, "not a database at all, and long enough to have a header", { mode: 0o600 });
  const before = readFileSync(path);
  expect(() => openMigrated(path, "existing", [first])).toThrow(`${path} is damaged or no database`);
  expect(readFileSync(path)).toEqual(before);
});

test("nothing is written through a connection whose file was removed or replaced", () => {
  const folder = newFolder();
  const path = join(folder, "org.db");
  const db = openMigrated(path, "create", [first]);
  db.transaction(() => {});
  renameSync(path, join(folder, "moved.db"));
  expect(() => db.transaction(() => {})).toThrow("was removed or replaced");
  writeFileSync(path, "", { mode: 0o600 });
  expect(() => db.transaction(() => {})).toThrow("was removed or replaced");
  renameSync(join(folder, "moved.db"), path);
  db.transaction(() => {});
  db.close();
});

describe.each(KINDS)("the migrations of db/migrations/%s", (kind) => {
  const migrations = loadMigrations(kind);
  const journal = JSON.parse(
    readFileSync(join(checkout, "db/migrations", kind, "meta/_journal.json"), "utf8"),
  ) as { entries: { idx: number; when: number; tag: string }[] };

  test("are numbered and dated in order, one file each", () => {
    const whens = journal.entries.map(({ when }) => when);
    expect(whens).toEqual([...new Set(whens)].sort((a, b) => a - b));
    expect(journal.entries.map(({ idx }) => idx)).toEqual(journal.entries.map((_, index) => index));
    for (const { idx, tag } of journal.entries) expect(tag).toStartWith(String(idx).padStart(4, "0"));
    const files = readdirSync(join(checkout, "db/migrations", kind)).filter((name) => name.endsWith(".sql"));
    expect(files.sort()).toEqual(journal.entries.map(({ tag }) => `${tag}.sql`).sort());
  });

  test("drop no table except to rebuild it", () => {
    expect(carelessDrops(migrations)).toEqual([]);
  });

  test("make strict tables, so that a wrong type is refused and not stored", () => {
    const db = openMigrated(join(newFolder(), "strict.db"), "create", migrations);
    const loose = db.rows(
      "select name from pragma_table_list where schema = 'main' and type = 'table' and not strict and name not like 'sqlite_%'",
    );
    expect(loose).toEqual([]);
    db.close();
  });

  test("say what the tables in db/ say", async () => {
    const work = newFolder();
    cpSync(join(checkout, "db"), join(work, "db"), { recursive: true });
    copyFileSync(join(checkout, "drizzle.config.ts"), join(work, "drizzle.config.ts"));
    symlinkSync(join(checkout, "node_modules"), join(work, "node_modules"));
    mkdirSync(join(work, "server"));
    symlinkSync(join(checkout, "server/contract"), join(work, "server/contract"));
    const before = filesBelow(join(work, "db/migrations"));
    const said = await generate(work, kind);
    /* It leaves with status 0 whatever happened: only its words and the files tell. */
    expect(said).toContain("No schema changes, nothing to migrate");
    expect(filesBelow(join(work, "db/migrations"))).toEqual(before);
  }, 20_000);
});

test("a drop without a rebuild is noticed", () => {
  const drop = (...statements: string[]) => carelessDrops([{ name: "m", statements }]);
  expect(drop("DROP TABLE `user`;")).toEqual(["m: user"]);
  expect(drop("drop table if exists user")).toEqual(["m: user"]);
  expect(carelessDrops([rebuild])).toEqual([]);
});

function carelessDrops(migrations: readonly Migration[]): string[] {
  return migrations.flatMap(({ name, statements }) =>
    [...statements.join("\n").matchAll(/drop\s+table\s+(?:if\s+exists\s+)?[`"[]?(\w+)/gi)]
      .map(([, table = ""]) => table)
      .filter((table) => !new RegExp(`rename\\s+to\\s+[\`"[]?${table}\\b`, "i").test(statements.join("\n")))
      .map((table) => `${name}: ${table}`),
  );
}

async function generate(cwd: string, kind: string): Promise<string> {
  const drizzleKit = join(checkout, "node_modules/drizzle-kit/bin.cjs");
  const child = Bun.spawn([process.execPath, "--bun", drizzleKit, "generate"], {
    cwd,
    env: { ...process.env, PULSE_DB: kind },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return out + err;
}

function newFolder(): string {
  return mkdtempSync(join(folder, "f"));
}

/**
 * A database and its log, byte for byte. Of the `-shm` only whether it is there: it is SQLite's own
 * index of the log, which every first reader makes anew.
 */
function filesBeside(path: string): Record<string, string> {
  const parent = join(path, "..");
  return Object.fromEntries(
    readdirSync(parent)
      .sort()
      .map((name) => [name, name.endsWith("-shm") ? "" : readFileSync(join(parent, name), "base64")]),
  );
}

function filesBelow(path: string): Record<string, string> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    names
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file, readFileSync(file, "utf8")]),
  );
}
