import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stalePages } from "../../scripts/docs.ts";
import { root } from "./checkout-files.ts";

test("the generated pages of docs/ say what the code says", () => {
  expect(stalePages(root)).toEqual([]);
});

test("every test the threat model names exists", () => {
  const page = readFileSync(join(root, "docs/threat-model.md"), "utf8");
  const named = [...page.matchAll(/`((?:tests|server)\/[^`]+\.ts)`/g)].map(([, path]) => path as string);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  const titles = readdirSync(join(root, "tests/tenancy"))
    .map((file) => readFileSync(join(root, "tests/tenancy", file), "utf8"))
    .join("\n");
  const ids = [...page.matchAll(/\b[GRMOSLIK]\d\d\b/g)].map(([id]) => id);
  expect(ids.length).toBeGreaterThan(20);
  expect(ids.filter((id) => !new RegExp(`["'\`]${id} `).test(titles))).toEqual([]);
});
