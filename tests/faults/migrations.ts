/** Three schemas of a parent and its children; the second rebuilds the parent the way drizzle-kit does. */
import type { Migration } from "../../server/tenancy/migrate.ts";

export const MIGRATIONS: Migration[] = [
  {
    name: "0000_first",
    statements: [
      "create table parent (id integer primary key, name text not null) strict",
      "create table child (id integer primary key, parent_id integer not null references parent (id) on delete cascade) strict",
    ],
  },
  {
    name: "0001_rebuild",
    statements: [
      "PRAGMA foreign_keys=OFF;",
      "CREATE TABLE `__new_parent` (`id` integer PRIMARY KEY NOT NULL, `name` text) STRICT;",
      'INSERT INTO `__new_parent`("id", "name") SELECT "id", "name" FROM `parent`;',
      "DROP TABLE `parent`;",
      "ALTER TABLE `__new_parent` RENAME TO `parent`;",
      "PRAGMA foreign_keys=ON;",
    ],
  },
  {
    name: "0002_more",
    statements: [
      "alter table child add column note text",
      "update child set note = 'from ' || parent_id",
      "create index child_parent on child (parent_id)",
    ],
  },
];
