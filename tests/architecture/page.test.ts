import { expect, test } from "bun:test";
import { dirname, join, normalize } from "node:path";
import { readImports } from "./imports.ts";

const root = join(import.meta.dir, "../..");

/** The server judges what comes in. A page that carried the judge would be a third heavier, and name what is off. */
test("nothing a page runs loads the library that judges input", async () => {
  const pages = await Array.fromAsync(new Bun.Glob("web/**/*.{ts,tsx}").scan({ cwd: root }));
  const loadedBy = new Map(pages.filter((file) => !file.includes(".test.")).map((file) => [file, file]));
  const wrong: string[] = [];
  for (const [file, page] of loadedBy) {
    const source = Bun.file(join(root, file));
    if (!/\.tsx?$/.test(file)) continue;
    for (const { specifier, kind } of readImports(file, await source.text())) {
      if (kind === "types") continue;
      if (specifier === "zod") wrong.push(`${page}, by ${file}`);
      const next = specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : undefined;
      if (next && !loadedBy.has(next)) loadedBy.set(next, page);
    }
  }
  expect(wrong).toEqual([]);
  expect(loadedBy.has("server/contract/alert-limits.ts")).toBe(true);
});
