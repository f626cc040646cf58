import { expect, test } from "bun:test";
import { slugFault, slugFrom } from "./slug.ts";

test("a name becomes what may stand in an address", () => {
  expect(slugFrom("Acme & Söhne GmbH")).toBe("acme-sohne-gmbh");
  expect(slugFrom("  Straße 7 ")).toBe("strasse-7");
  expect(slugFrom("日本")).toBe("");
  expect(slugFrom("x".repeat(60))).toHaveLength(40);
});

test("what is suggested is right, whatever is cut off", () => {
  for (const name of ["A very long name of an unusually verbose company", "Nine to five, and -- more"]) {
    expect(slugFault(slugFrom(name))).toBeUndefined();
  }
});

test("what cannot be right is said before anything is sent", () => {
  expect(slugFault("a")).toContain("2");
  expect(slugFault("No")).toContain("Lower-case");
  expect(slugFault("a--b")).toContain("single hyphens");
});
