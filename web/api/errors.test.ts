import { expect, test } from "bun:test";
import { explain, meansSignedOut } from "./errors.ts";

function refused(data: object, message = ""): Error {
  return Object.assign(new Error(message), { data });
}

test("no answer at all is told apart from a refusal", () => {
  expect(explain(new TypeError("Failed to fetch")).reason).toBe("unreachable");
  expect(explain(undefined).reason).toBe("unreachable");
});

test("a server failure names the request to look for in the log", () => {
  expect(explain(refused({ reason: "internal", requestId: "q7" })).words).toContain("q7");
});

test("the server's own sentence is used where Pulse has no better one", () => {
  const refusal = explain(refused({ reason: "rate_limited" }, "Too many tries. Try again in 4 minutes."));
  expect(refusal.words).toBe("Too many tries. Try again in 4 minutes.");
});

test("messages for fields become sentences", () => {
  const refusal = explain(refused({ reason: "invalid_request", fields: { email: "must look like a@b" } }));
  expect(refusal.fields).toEqual({ email: "Must look like a@b." });
});

test("an ended session means signed out, a denied page does not", () => {
  expect(meansSignedOut(explain(refused({ reason: "session_expired" })))).toBe(true);
  expect(meansSignedOut(explain(refused({ reason: "access_denied" })))).toBe(false);
});
