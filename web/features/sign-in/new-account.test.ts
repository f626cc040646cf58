import { expect, test } from "bun:test";
import { checkAccount } from "./new-account.ts";

test("a good account has no faults", () => {
  expect(checkAccount({ email: " ann@example.org ", password: "twelve chars" })).toEqual({});
});

test("faults say what would be right", () => {
  const faults = checkAccount({ email: "ann", password: "eleven char" });
  expect(faults.email).toContain("name@example.org");
  expect(faults.password).toBe("1 more character needed: at least 12.");
  expect(checkAccount({ email: "a@b", password: "" }).password).toContain("at least 12");
});
