import { expect, test } from "bun:test";
import { type Channel, DELIVERY_FAILURES, type Delivery } from "../../../server/contract/notifications.ts";
import { KINDS } from "./kinds/kinds.ts";
import { healthOf, stateOf } from "./words.ts";

const NOW = Date.UTC(2026, 10, 29);
const plain = (words: string) => words.replaceAll("\u00a0", " ");
const CHANNEL = { enabled: true, waiting: 0 } as Channel;
const problem = {
  at: NOW,
  failure: "tls",
  message: "It speaks no TLS.",
  fix: DELIVERY_FAILURES.tls,
} as const;

test.each([
  [{}, "unknown", "Nothing was sent yet."],
  [{ lastSentAt: NOW - 20_000 }, "fine", "Last message 20 s ago."],
  [
    { lastSentAt: NOW - 20_000, problem, waiting: 1 },
    "critical",
    "Last message 20 s ago. 1 message waiting.",
  ],
  [{ enabled: false, problem }, "unknown", "Turned off: it is told nothing. Nothing was sent yet."],
] as const)("whether messages arrive is one line: %j", (change, level, words) => {
  const health = healthOf({ ...CHANNEL, ...change } as Channel, NOW);
  expect([health.level as string, plain(health.words)]).toEqual([level, words]);
});

test.each([
  [{ state: "waiting", attempts: 0 }, "unknown", "waits"],
  [
    { state: "waiting", attempts: 3, dueAt: NOW + 90_000, problem },
    "warning",
    "waits, tried 3 times, next try in 2 min",
  ],
  [{ state: "sent", attempts: 1, tookMs: 42 }, "fine", "sent in 42.0 ms"],
  [{ state: "sent", attempts: 2, tookMs: 42 }, "fine", "sent in 42.0 ms, tried 2 times"],
  [{ state: "sent", attempts: 1, tookMs: 42, problem }, "warning", "sent in 42.0 ms"],
  [{ state: "dead", attempts: 9, problem }, "critical", "given up, tried 9 times"],
] as const)("what became of a message is one line: %j", (delivery, level, words) => {
  const state = stateOf(delivery as unknown as Delivery, NOW);
  expect([state.level as string, plain(state.words)]).toEqual([level, words]);
});

test("the port of a mail server goes along with its security, unless it is an own one", () => {
  const { follow } = KINDS.email;
  expect(follow?.("security", { security: "starttls", port: "465" })).toEqual({ port: "587" });
  expect(follow?.("security", { security: "starttls", port: "2525" })).toEqual({});
  expect(follow?.("host", { security: "starttls", port: "465" })).toEqual({});
});
