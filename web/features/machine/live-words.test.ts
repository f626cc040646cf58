import { expect, test } from "bun:test";
import type { Watch } from "../../../server/contract/watching.ts";
import { liveWords } from "./live-words.ts";

const NOW = 1_790_000_000_000;
const said = (watch: Watch, isFast = false, since = NOW, silentMs = 900) => {
  const { words, ...more } = liveWords({ watching: { state: "said", watch, since }, isFast, silentMs }, NOW);
  /* Figures and their units are kept on one line. */
  return { words: words.replaceAll("\u00a0", " "), ...more };
};
const held = { intervalMs: 1_000, usualMs: 10_000, until: NOW + 30_000 };

test("what is said is what is seen, not what was asked for", () => {
  expect(liveWords({ watching: { state: "asking" }, isFast: false, silentMs: 900 }, NOW).words).toBe(
    "Live in a moment…",
  );
  expect(said(held).words).toBe("Every 10 s, faster in a moment");
  expect(said(held, true)).toEqual({ words: "Every second", isFast: true, canBegin: false });
  expect(said(held, false, NOW - 20_000).words).toBe("Every 10 s, faster in a moment");
  expect(said(held, false, NOW - 40_000).words).toBe(
    "Every 10 s: the machine is busy, or the way from it is slow",
  );
  expect(said(held, false, NOW - 40_000, 90_000).words).toBe("No report for 1 min");
  expect(said({ ...held, usualMs: 60_000 }, false, NOW - 40_000).words).toBe(
    "Every minute, faster in a moment",
  );
});

test("what cannot be faster says how often it reports, and why", () => {
  const seldom = { intervalMs: 60_000, usualMs: 60_000 };
  expect(said({ ...seldom, why: "source" }).words).toBe("Every minute: its source is not asked more often");
  expect(said({ intervalMs: 10_000, usualMs: 10_000, why: "agent" }).words).toBe(
    "Every 10 s: its agent does not report faster; a newer one may",
  );
  expect(said({ why: "shared" }).words).toBe(
    "As often as its organization has it reported: only its own people can have it faster",
  );
  expect(said({ intervalMs: 10_000, usualMs: 10_000, why: "over" })).toEqual({
    words: "Every 10 s: an hour of reports each second is over",
    isFast: false,
    canBegin: true,
  });
});

test("a refusal is told in the server's words", () => {
  const refusal = { reason: "rate_limited", words: "Too many. Close one of them.", fields: {} } as const;
  expect(
    liveWords({ watching: { state: "refused", refusal }, isFast: false, silentMs: 900 }, NOW).words,
  ).toBe("As often as ever: Too many. Close one of them.");
});
