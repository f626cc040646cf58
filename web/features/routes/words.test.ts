import { expect, test } from "bun:test";
import type { Route } from "../../../server/contract/routes.ts";
import { howWords, type RouteNames, whatWords, whomWords } from "./words.ts";

const names: RouteNames = {
  resource: (id) => ({ r1: "nas" })[id],
  rule: (name) => ({ filesystem: "Room on a filesystem" })[name],
  channel: (id) => ({ c1: "Ops mail", c2: "Phone", c3: "Boss" })[id],
  zone: "Europe/Berlin",
};
const said = (route: object) => {
  const { match = {}, ...policy } = { channels: [], ...route } as unknown as Route;
  const how = howWords(policy as Route, names)
    .join("; ")
    .replaceAll("\u00a0", " ");
  return `${whatWords(match, names)} → ${whomWords(policy, names)}${how && `; ${how}`}`;
};

test("a route reads as a sentence", () => {
  expect(
    said({
      match: { tags: ["prod"], leastLevel: "critical" },
      channels: ["c1", "c2"],
      repeatMs: 4 * 3_600_000,
      escalate: { afterMs: 30 * 60_000, channels: ["c3"] },
      quiet: [
        {
          days: [0, 1, 2, 3, 4, 5, 6],
          from: "22:00",
          to: "07:00",
          timeZone: "Europe/Berlin",
          breaksThrough: "critical",
        },
      ],
    }),
  ).toBe(
    "What is tagged prod, when critical → Ops mail and Phone; again every 4 h; after 30 min Boss as well; " +
      "quiet every day, 22:00 to 07:00 the next day, except for what is critical",
  );
});

test("what is not said is not said", () => {
  expect(said({ channels: "all" })).toBe("Everything → every channel");
  expect(said({ match: { leastLevel: "critical" }, channels: [] })).toBe("Everything critical → nobody");
  expect(said({ match: { leastLevel: "warning" }, channels: ["c2"] })).toBe("Everything → Phone");
  expect(said({ match: { resourceIds: ["r1"] }, channels: ["c1"], togetherMs: 0, goesOn: true })).toBe(
    "Nas → Ops mail; each alert by itself; and by the routes below as well",
  );
});

test("what is gone is not left out", () => {
  expect(said({ channels: ["c1", "c9"] })).toBe("Everything → Ops mail and a channel that is gone");
});
