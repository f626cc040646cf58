import { expect, test } from "bun:test";
import { stretches, stretchIn } from "./nights.ts";

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

test.each([
  ["in the morning it is the one that has just ended", at(28, 9), at(27, 22), at(28, 6)],
  ["in the evening, before ten, still that one", at(28, 21, 59), at(27, 22), at(28, 6)],
  ["after midnight it is the one that goes on", at(28, 3), at(27, 22), at(28, 3)],
  ["from ten on it is the one that begins", at(28, 22, 1), at(28, 22), at(28, 22, 1)],
])("last night: %s", (_, now, from, to) => {
  expect(stretches(now)[0]).toMatchObject({ id: "night", from, to });
});

test("a night that goes on is still the one on show a while later; one that is over only as a whole", () => {
  const shown = { from: at(27, 22), to: at(28, 3) };
  expect(stretchIn(stretches(at(28, 3, 20)), shown)).toBe("night");
  expect(stretchIn(stretches(at(28, 9)), shown)).toBeUndefined();
  expect(stretchIn(stretches(at(28, 9)), { from: at(27, 22), to: at(28, 6) })).toBe("night");
  expect(stretchIn(stretches(at(28, 9)), undefined)).toBeUndefined();
});

test("yesterday is from midnight to midnight, also where a month begins", () => {
  const first = new Date(2026, 11, 1, 0, 30).getTime();
  expect(stretches(first)[1]).toMatchObject({
    from: new Date(2026, 10, 30).getTime(),
    to: new Date(2026, 11, 1).getTime(),
  });
});
