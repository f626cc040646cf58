import { expect, test } from "bun:test";
import { SetupToken } from "./setup-token.ts";

const HOUR = 3_600_000;

function setUp(chosen?: string) {
  let now = 1_000_000;
  const token = new SetupToken(() => now, chosen);
  return { token, pass: (milliseconds: number) => (now += milliseconds) };
}

test("is good for an hour, to the millisecond", () => {
  const { token, pass } = setUp();
  pass(HOUR - 1);
  expect([token.matches(token.reveal()), token.isExpired()]).toEqual([true, false]);
  pass(1);
  expect([token.matches(token.reveal()), token.isExpired()]).toEqual([false, true]);
});

test("is good for one use, and again when that came to nothing", () => {
  const { token } = setUp();
  token.use();
  expect(token.matches(token.reveal())).toBe(false);
  token.giveBack();
  expect(token.matches(token.reveal())).toBe(true);
});

test("given back after its hour it is still over", () => {
  const { token, pass } = setUp();
  token.use();
  pass(HOUR);
  token.giveBack();
  expect(token.matches(token.reveal())).toBe(false);
});

test("matches itself and nothing else, of whatever length", () => {
  const { token } = setUp();
  const real = token.reveal();
  for (const given of [
    "",
    real.slice(1),
    `${real}a`,
    real.toUpperCase(),
    ` ${real}`,
    "\0",
    "x".repeat(100_000),
  ]) {
    expect(token.matches(given)).toBe(false);
  }
  expect(token.matches(real)).toBe(true);
});

test("is 160 random bits, another one every time", () => {
  const tokens = Array.from({ length: 100 }, () => setUp().token.reveal());
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^[a-z2-7]{32}$/);
});

test("can be chosen", () => {
  expect(setUp("chosen by the installer").token.matches("chosen by the installer")).toBe(true);
});
