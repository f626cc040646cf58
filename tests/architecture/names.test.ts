import { describe, expect, test } from "bun:test";
import { basename, join } from "node:path";
import { checkoutFiles, root } from "./checkout-files.ts";

const sources = checkoutFiles().filter((file) => /\.(tsx?|mjs|js|css)$/.test(file));

test("files and folders of code are named in kebab-case", () => {
  const kebab = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.[a-z]+$/;
  const folder = /^\.?[a-z0-9]+(-[a-z0-9]+)*$/;
  const odd = sources.filter((file) => {
    const folders = file.split("/").slice(0, -1);
    return !kebab.test(basename(file)) || !folders.every((name) => folder.test(name));
  });
  expect(odd).toEqual([]);
});

test("no file is named for what it is made of instead of its subject", () => {
  const vague = /^(utils?|helpers?|common|shared|misc|types?|constants)(\.test)?\.[a-z]+$/;
  expect(sources.filter((file) => vague.test(basename(file)))).toEqual([]);
});

describe("no index file only passes on what others export", () => {
  test("in this checkout", async () => {
    const indexes = sources.filter((file) => /^index\.tsx?$/.test(basename(file)));
    const judged = indexes.map(async (file) => onlyPassesOn(await Bun.file(join(root, file)).text()) && file);
    expect((await Promise.all(judged)).filter(Boolean)).toEqual([]);
  });
  test("and one that does would be found", () => {
    expect(onlyPassesOn(`// all of it\nexport * from "./a.ts";\nexport {\n  b,\n} from "./b.ts";\n`)).toBe(
      true,
    );
    expect(onlyPassesOn(`export * from "./a.ts";\nexport const here = 1;\n`)).toBe(false);
  });
});

function onlyPassesOn(source: string): boolean {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  return code.replaceAll(/export\s[^;"]*\bfrom\s+"[^"]+";?/g, "").trim() === "";
}
