import { expect, test } from "bun:test";
import { join } from "node:path";
import { stalePages } from "../../scripts/docs.ts";

test("the generated pages of docs/ say what the code says", () => {
  expect(stalePages(join(import.meta.dir, "../.."))).toEqual([]);
});
