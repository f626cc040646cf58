import { expect, test } from "bun:test";
import type { Alert } from "../../../server/contract/alerts.ts";
import { grouped, headline, parted, quietWords } from "./groups.ts";

let made = 0;
function alert(on: string, fields: Partial<Alert> = {}): Alert {
  made++;
  const subject = { id: on as Alert["subject"]["id"], kind: "host", name: on } as const;
  return {
    id: `l${made}` as Alert["id"],
    rule: "memory",
    level: "warning",
    resource: subject,
    subject,
    words: `problem ${made}`,
    about: "itself",
    firedAt: made,
    changedAt: made,
    ...fields,
  };
}

test("alerts stand under their machine, the worst and the newest that nobody has taken first", () => {
  const acknowledged = { at: 1 };
  const alerts = [
    alert("a", { words: "old" }),
    alert("a", { words: "new" }),
    alert("b", { words: "taken", level: "critical", acknowledged }),
    alert("c", { words: "worst", level: "critical" }),
    alert("x", { words: "container", on: { id: "c" as never, kind: "host", name: "c" } }),
  ];
  expect(
    grouped(alerts).map(({ place, alerts }) => [place.name, ...alerts.map(({ words }) => words)]),
  ).toEqual([
    ["c", "worst", "container"],
    ["a", "new", "old"],
    ["b", "taken"],
  ]);
});

test("what nobody is told of now stands apart, and says why", () => {
  const quiet = [
    alert("a", { behind: "a" as never }),
    alert("a", { silencedBy: "q" as never }),
    alert("a", { snoozedUntil: 9 }),
  ];
  const found = parted([alert("a"), ...quiet]);
  expect([found.told.length, found.quiet]).toEqual([1, quiet]);
  expect(quiet.map((one) => quietWords(one, String))).toEqual([
    "not heard of now",
    "silenced",
    "snoozed until 9",
  ]);
});

test("the headline says how many there are, and of how many somebody takes care", () => {
  const acknowledged = { at: 1 };
  expect(headline([])).toBe("Nothing is wrong");
  expect(headline([], [alert("a", { silencedBy: "q" as never })])).toBe("Nothing to tell; 1 silenced");
  expect(headline([alert("a")])).toBe("1 open alert");
  expect(headline([alert("a"), alert("a", { acknowledged })])).toBe("2 open alerts, 1 not acknowledged");
  expect(headline([alert("a", { acknowledged })])).toBe("1 open alert, all acknowledged");
});
