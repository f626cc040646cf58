import { expect, test } from "bun:test";
import type { HistoryRetention } from "../../../server/contract/history.ts";
import { STANDARD_KEEP_DAYS } from "../../../server/contract/retention-limits.ts";
import { deletedWords, deletesMore, estimateWords, faultsOf, settingsOf, sizeOf, textsOf } from "./words.ts";

const plain = (words: string) => words.replaceAll("\u00a0", " ");
const FOUND: HistoryRetention = {
  keepDays: { ...STANDARD_KEEP_DAYS },
  maxBytes: null,
  standardDays: { ...STANDARD_KEEP_DAYS },
  usedBytes: 2 ** 20,
  otherBytes: 0,
  quotaBytes: 2 ** 40,
  limitBytes: 2 ** 40,
  limitedBy: "quota",
  tiers: [],
  deletes: [],
};

test.each([
  [{}, "How fast it grows is not known yet: a whole day has to be over first."],
  [{ bytesPerDay: 0, fullBytes: 0 }, "In the last days nothing has come in."],
  [
    { bytesPerDay: 2 ** 20, fullBytes: 2 ** 30 },
    "It grows by 1.00 MiB a day and will take 1.00 GiB once everything is full.",
  ],
  [
    {
      bytesPerDay: 2 ** 20,
      fullBytes: 2 ** 30,
      limitReachedAt: Date.UTC(2027, 2, 1, 12),
      samplesDaysWithinLimit: 120,
    },
    "It grows by 1.00 MiB a day and reaches its limit about 1 Mar 2027. From then on the oldest samples go sooner, in the end after 120 days.",
  ],
  [
    {
      bytesPerDay: 2 ** 20,
      fullBytes: 2 ** 30,
      limitReachedAt: Date.UTC(2027, 2, 1, 12),
      samplesDaysWithinLimit: 0,
    },
    "It grows by 1.00 MiB a day and reaches its limit about 1 Mar 2027. From then on the oldest samples go sooner, in the end all of them.",
  ],
] as [Partial<HistoryRetention>, string][])("what it comes to is one plain sentence: %j", (change, words) => {
  expect(plain(estimateWords({ ...FOUND, ...change }))).toBe(words);
});

test("what goes is said by tier", () => {
  const samples = { tier: "samples", days: 214, bytes: 1.2 * 2 ** 30 } as const;
  expect(plain(deletedWords([samples]))).toBe("214 days of samples (1.20 GiB)");
  const steps = { tier: "fiveMinutes", days: 1, bytes: 10 } as const;
  expect(plain(deletedWords([samples, steps, { ...steps, tier: "days" }]))).toBe(
    "214 days of samples (1.20 GiB), 1 day of steps of 5 minutes (10 B) and 1 day of steps of a day (10 B)",
  );
});

test("only what would not go anyway is asked about", () => {
  const going = { ...FOUND, deletes: [{ tier: "samples", days: 1, bytes: 10 } as const] };
  const more = { ...FOUND, deletes: [{ tier: "samples", days: 2, bytes: 20 } as const] };
  expect([deletesMore(going, going), deletesMore(FOUND, going), deletesMore(more, going)]).toEqual([
    false,
    false,
    true,
  ]);
});

test("an amount is read back as it was typed, and never becomes another", () => {
  const read = (typed: string) => sizeOf(typed);
  expect(["2 GB", "1,5GiB", " 500mb ", "16 MiB"].map(read)).toEqual([2e9, 1.5 * 2 ** 30, 5e8, 2 ** 24]);
  for (const typed of ["", "2", "GB", "-1 GB", "2 XB", "1e9 B", "two GB"])
    expect(read(typed)).toBeUndefined();
  for (const typed of ["2 GB", "1.5 GiB", "500 MB", "16 MiB", "123.456 GB", "1 TB"]) {
    const maxBytes = read(typed) as number;
    expect(settingsOf(textsOf({ ...FOUND, maxBytes }))).toEqual({ keepDays: FOUND.keepDays, maxBytes });
  }
});

test("what is wrong is told under its field, in words that say what would be right", () => {
  const texts = textsOf(FOUND);
  const faults = (change: Partial<typeof texts>) => faultsOf({ ...texts, ...change }, 50e9);
  expect(faults({})).toEqual({});
  expect(faults({ samples: "ninety", maxBytes: "much" })).toEqual({
    samples: "A whole number of days.",
    maxBytes: "An amount like 500 MB or 2 GiB, or nothing.",
  });
  expect(faults({ samples: "0", days: "20000" })).toEqual({
    samples: "At least one day.",
    days: "At most 10,950 days: 30 years.",
  });
  expect(faults({ hours: "30" })).toEqual({ hours: "At least as long as steps of 5 minutes: 730 days." });
  expect(plain(faults({ maxBytes: "1 MB" }).maxBytes ?? "")).toBe("At least 16.0 MiB.");
  expect(plain(faults({ maxBytes: "60 GB" }).maxBytes ?? "")).toBe(
    "At most 46.6 GiB: more is not allowed here.",
  );
});
