import { readdirSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dir, "../..");

/** Not part of a checkout: fetched, built, or data. The same as in .gitignore, so that no git is needed here. */
const IGNORED = new Set([".git", "node_modules", ".tools", ".cache", "dist", "orgs-data"]);

/** Paths of all files that are, or would be, under version control. */
export function checkoutFiles(folder = ""): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).filter(
    ({ name }) => !IGNORED.has(name),
  );
  return entries
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return checkoutFiles(path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}
