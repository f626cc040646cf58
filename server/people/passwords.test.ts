import { describe, expect, test } from "bun:test";
import { DomainError } from "../lib/domain-error.ts";
import { Passwords } from "./passwords.ts";

const passwords = new Passwords();

test("are kept as argon2id with at least 19 MiB and two passes", async () => {
  const hash = await passwords.hash("correct horse battery");
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$/);
  const [, memory, passes] = /m=(\d+),t=(\d+)/.exec(hash) ?? [];
  expect([Number(memory) >= 19_456, Number(passes) >= 2]).toEqual([true, true]);
  expect(await passwords.verify("correct horse battery", hash)).toBe(true);
  expect(await passwords.verify("correct horse batterz", hash)).toBe(false);
});

test("of the same letters have different hashes", async () => {
  expect(await passwords.hash("the same")).not.toBe(await passwords.hash("the same"));
});

test("are compared whole: nothing is cut off, and NUL ends nothing", async () => {
  const long = "x".repeat(256);
  const hash = await passwords.hash(long);
  expect(await passwords.verify(long.slice(1), hash)).toBe(false);
  const withNul = await passwords.hash("before\0after");
  expect(await passwords.verify("before\0other", withNul)).toBe(false);
  expect(await passwords.verify("before", withNul)).toBe(false);
});

test("nobody's password is right, whatever it is", async () => {
  for (const given of ["", "x", "undefined"])
    expect(await passwords.verify(given || "x", undefined)).toBe(false);
});

describe("fifty sign-ins at once", () => {
  test("do not take the machine: a few wait, the rest are told to come back", async () => {
    const crowd = new Passwords();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => crowd.verify("x", undefined)));
    const refused = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(refused.length).toBe(28);
    for (const error of refused) {
      expect(error).toBeInstanceOf(DomainError);
      expect([error.reason, error.retryAfterMs > 0]).toEqual(["rate_limited", true]);
    }
    expect(await crowd.verify("x", undefined)).toBe(false);
  });
});
