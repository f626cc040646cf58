import { expect, test } from "bun:test";
import { join } from "node:path";
import { checkoutFiles, root } from "./checkout-files.ts";

const texts = await Promise.all(
  checkoutFiles().map(async (file) => ({ file, text: await Bun.file(join(root, file)).text() })),
);

/** `file:line` of every match. */
function find(pattern: RegExp): string[] {
  return texts.flatMap(({ file, text }) => {
    if (text.includes("\0")) return []; // not a text
    const lines = text.split("\n").map((line, index) => (pattern.test(line) ? `${file}:${index + 1}` : ""));
    return lines.filter(Boolean);
  });
}

test("whatever is still to be done names who will do it", () => {
  const marker = ["TO", "DO"].join(""); // written so that this line is not one
  expect(find(new RegExp(`\\b${marker}\\b(?!\\([a-z][\\w-]*\\))`))).toEqual([]);
});

test("no file knows the machine it was written on", () => {
  const place = /\/(home|Users)\/[a-z][\w.-]*\/|\/work\/(main|shared)\b/;
  const captured = (at: string) => at.includes("/captured/"); // what a collector read on some machine
  expect(find(place).filter((at) => !captured(at))).toEqual([]);
});

test("the lockfile names packages, not the registry they were fetched from", async () => {
  expect(await Bun.file(join(root, "bun.lock")).text()).not.toContain("http");
});
