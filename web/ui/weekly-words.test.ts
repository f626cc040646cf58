import { expect, test } from "bun:test";
import { daysWords, timesWords, weeklyWords } from "./weekly-words.ts";

test("days are said as a week is read, Monday first", () => {
  const said: [number[], string][] = [
    [[0, 1, 2, 3, 4, 5, 6], "every day"],
    [[5, 4, 3, 2, 1], "Mon–Fri"],
    [[0, 6], "Sat and Sun"],
    [[0, 5, 6], "Fri–Sun"],
    [[1, 3, 5], "Mon, Wed and Fri"],
    [[2], "Tuesday"],
    [[], "no day"],
  ];
  for (const [days, words] of said) expect(daysWords(days)).toBe(words);
});

test("an end that is not after the beginning is said to be on the next day, midnight is not", () => {
  expect(timesWords({ from: "09:00", to: "17:30" })).toBe("09:00 to 17:30");
  expect(timesWords({ from: "22:00", to: "06:00" })).toBe("22:00 to 06:00 the next day");
  expect(timesWords({ from: "22:00", to: "00:00" })).toBe("22:00 to 00:00");
  expect(timesWords({ from: "00:00", to: "00:00" })).toBe("the whole day");
  expect(timesWords({ from: "08:00", to: "08:00" })).toBe("08:00 for 24 hours");
});

test("the zone is named to readers elsewhere only", () => {
  const weekly = { days: [2], from: "02:00", to: "04:00", timeZone: "America/New_York" };
  expect(weeklyWords(weekly, "America/New_York")).toBe("Tuesday, 02:00 to 04:00");
  expect(weeklyWords(weekly, "Europe/Berlin")).toBe("Tuesday, 02:00 to 04:00, America/New York time");
});
