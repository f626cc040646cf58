import { expect, test } from "bun:test";
import type { AuditEntry } from "../../../server/contract/audit.ts";
import { BASIC_WORDS, deedWords, detailsOf, kindOf, namesIn } from "./words.ts";

const time = (at: number) => `time ${at}`;

test("an action says itself where nobody wrote words for it", () => {
  expect(deedWords(BASIC_WORDS, "token.revoked", false)).toBe("Revoked a token");
  expect(deedWords(BASIC_WORDS, "other.thing_done", false)).toBe("other.thing_done");
  expect(kindOf("other.thing_done")).toBe("other");
});

test("said plainly, an action names the deed and nothing this server does not speak of", () => {
  expect(deedWords(BASIC_WORDS, "token.revoked", true)).toBe("Revoked a token");
  expect(deedWords(BASIC_WORDS, "member.added", true)).toBe("Gave access");
  expect(deedWords(BASIC_WORDS, "org.limits_set", true)).toBe("Limits set");
});

test("ids are called what the entries call them, people by their name of now", () => {
  const entry = { seq: 1, at: 0, action: "person.created" };
  const entries: AuditEntry[] = [
    { ...entry, actor: { kind: "person", id: "u1", name: "Ada" }, subject: "u2", details: { email: "b@x" } },
    { ...entry, actor: { kind: "pulse" }, subject: "u1", details: { email: "a@x" } },
  ];
  expect(Object.fromEntries(namesIn(entries))).toEqual({ u1: "Ada", u2: "b@x" });
});

test("a change is an arrow, times are times, lists and switches are words", () => {
  expect(
    detailsOf(
      { from: "viewer", to: null, expiresAt: 5, scopes: ["read", "report"], open: true, dueOn_time: 3 },
      time,
    ),
  ).toEqual([
    { label: "", value: "viewer → none" },
    { label: "expires at", value: "time 5" },
    { label: "scopes", value: "read, report" },
    { label: "open", value: "yes" },
    { label: "due on time", value: "3" },
  ]);
});

test("what is nested stays one line", () => {
  expect(detailsOf({ limits: { members: 5, tokens: null } }, time)).toEqual([
    { label: "limits", value: "members 5, tokens none" },
  ]);
});
