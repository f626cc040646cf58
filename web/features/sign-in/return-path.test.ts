import { expect, test } from "bun:test";
import { safeReturnPath, signInPath } from "./return-path.ts";

test("a path of this origin is returned to", () => {
  expect(safeReturnPath("/machines/r1?range=1h#cpu")).toBe("/machines/r1?range=1h#cpu");
});

test("everything else leads to the overview", () => {
  const refused = [
    undefined,
    null,
    "",
    "machines",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "/sign-in",
    "/sign-in?to=/sign-in",
    "/setup#token=x",
  ];
  for (const path of refused) expect(safeReturnPath(path)).toBe("/");
});

test("the overview needs no mention", () => {
  expect(signInPath("/")).toBe("/sign-in");
  expect(signInPath("/settings?a=b")).toBe("/sign-in?to=%2Fsettings%3Fa%3Db");
});
