import { join } from "node:path";

const IN_CHECKOUT = { migrations: "db/migrations", web: "dist/web" } as const;

/**
 * Where files that ship with the program are: `migrations` holds the SQL of both kinds of database,
 * `web` the built page. In the binary a folder is embedded under its base name, beside the entry.
 */
export function assetFolder(name: keyof typeof IN_CHECKOUT): string {
  return Bun.isStandaloneExecutable
    ? join(import.meta.dir, name)
    : join(import.meta.dir, "../..", IN_CHECKOUT[name]);
}
