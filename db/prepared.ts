import type { Database } from "./driver.ts";

/**
 * A statement that is built once per open file: building it anew costs ten to twenty times what running it
 * does. Use it with what the file is asked for at that moment, and keep nothing of it.
 */
export function preparedOn<Statement>(build: (db: Database) => Statement): (db: Database) => Statement {
  const statements = new WeakMap<Database, Statement>();
  return (db) => {
    let statement = statements.get(db);
    if (statement === undefined) {
      statement = build(db);
      statements.set(db, statement);
    }
    return statement;
  };
}
