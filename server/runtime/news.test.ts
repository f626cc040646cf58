import { describe, expect, test } from "bun:test";
import type { Transition } from "../alerts/evaluate.ts";
import type { Alert, TimelineEntry } from "../contract/alerts.ts";
import { AlertId, ResourceId, SilenceId } from "../contract/ids.ts";
import type { AlertTransition } from "../contract/notifications.ts";
import { mintId } from "../lib/random-id.ts";
import { type NewsAround, newsOf, nowOf } from "./news.ts";

const AT = 1_790_000_000_000;
const nas = { id: ResourceId.parse(mintId("r")), kind: "host", name: "nas" } as const;
const disk = { id: ResourceId.parse(mintId("r")), kind: "filesystem", name: "/var" } as const;
const nginx = { id: ResourceId.parse(mintId("r")), kind: "container", name: "nginx" } as const;

const full: Alert = {
  id: AlertId.parse(mintId("l")),
  rule: "filesystem",
  level: "warning",
  resource: disk,
  subject: nas,
  words: "/var is 92.0 % full",
  about: "part",
  metric: "filesystem_used_percent",
  value: 92,
  threshold: 90,
  firedAt: AT,
  changedAt: AT,
};

function transition(
  type: Transition["type"],
  entries: (TimelineEntry["type"] | Partial<TimelineEntry>)[],
  change: Partial<Alert> = {},
): Transition {
  return {
    type,
    alert: { ...full, ...change },
    entries: entries.map((entry) =>
      typeof entry === "string" ? { at: AT, type: entry } : { at: AT, type: "level", ...entry },
    ),
  };
}

const around: NewsAround = {
  factsOf: ({ rule, resource }) => ({ rule, kind: resource.kind, resourceId: resource.id, tags: [] }),
  silenceName: () => "moving",
  nameOf: () => "nas",
};
const silencedBy = SilenceId.parse(mintId("q"));
const acknowledged = { at: AT, level: "critical" as const };

describe("is news:", () => {
  const silenced = "It is silenced by “moving”.";
  const cases: [string, Transition, Partial<AlertTransition> | undefined][] = [
    ["it fired", transition("fired", ["fired"]), { event: "fired" }],
    [
      "it fired in a silence",
      transition("fired", ["fired", "silenced"], { silencedBy }),
      { event: "fired", untold: silenced },
    ],
    [
      "it got worse in a silence",
      transition("updated", [{ level: "critical" }], { silencedBy }),
      { event: "updated", untold: silenced },
    ],
    [
      "nobody takes care of it any more",
      transition("updated", ["unacknowledged"]),
      { event: "updated", ifUntold: "so_bad", isLeft: true },
    ],
    ["a value moved", transition("updated", []), undefined],
    ["it got worse", transition("updated", [{ level: "critical" }]), { event: "updated" }],
    ["it got better", transition("updated", [{ level: "warning" }]), undefined],
    [
      "it got worse although somebody takes care of it",
      transition("updated", [{ level: "critical" }], { acknowledged }),
      { event: "updated" },
    ],
    ["somebody takes care of it", transition("updated", ["acknowledged"], { acknowledged }), undefined],
    ["it is snoozed", transition("updated", ["snoozed"], { snoozedUntil: AT + 1 }), undefined],
    ["its snooze is over", transition("updated", ["unsnoozed"]), { event: "updated" }],
    [
      "its snooze is over, and somebody takes care of it",
      transition("updated", ["unsnoozed"], { acknowledged }),
      undefined,
    ],
    [
      "what is silent goes on being so",
      transition("updated", [{ level: "critical" }], { rule: "silence" }),
      { event: "updated", ifUntold: "at_all" },
    ],
    ["its silence is over", transition("updated", ["unsilenced"]), { event: "updated", ifUntold: "so_bad" }],
    [
      "its silence is over, and somebody takes care of it",
      transition("updated", ["unsilenced"], { acknowledged, level: "critical" }),
      undefined,
    ],
    [
      "its silence is over, in which it got worse than what somebody takes care of",
      transition("updated", ["unsilenced"], {
        acknowledged: { at: AT, level: "warning" },
        level: "critical",
      }),
      { event: "updated", ifUntold: "so_bad" },
    ],
    ["its machine is silent", transition("updated", ["hidden"], { behind: nas.id }), undefined],
    ["its machine is back", transition("updated", ["shown"]), { event: "updated", ifUntold: "so_bad" }],
    ["its machine is back, in a silence", transition("updated", ["shown"], { silencedBy }), undefined],
    [
      "it is over",
      transition("resolved", ["resolved"], { resolvedAt: AT, end: "over" }),
      { event: "resolved" },
    ],
  ];
  test.each(cases)("%s", (_, happened, expected) => {
    const [news] = newsOf([happened], around);
    const { event, ifUntold, untold, isLeft } = news ?? {};
    expect({ event, ifUntold, untold, isLeft }).toEqual({
      event: undefined,
      ifUntold: undefined,
      untold: undefined,
      isLeft: undefined,
      ...expected,
    });
  });
});

test("of a part its machine is spoken of, of what runs on a machine it is said where", () => {
  const [ofPart] = newsOf([transition("fired", ["fired"])], around);
  expect(ofPart).toEqual({
    id: full.id,
    event: "fired",
    level: "warning",
    title: "nas: /var is 92.0 % full",
    lines: [],
    resource: { id: disk.id, name: "/var" },
    machine: { id: nas.id, name: "nas" },
    value: "92.0\u00a0%",
    threshold: "90.0\u00a0%",
    since: AT,
    path: `/alerts/${full.id}`,
    facts: { rule: "filesystem", kind: "filesystem", resourceId: disk.id, tags: [] },
  });
  const change = {
    resource: nginx,
    subject: nginx,
    on: nas,
    words: "restarts again and again",
    about: "itself",
  };
  const [ofThing] = newsOf([transition("fired", ["fired"], change as Partial<Alert>)], around);
  expect(ofThing).toMatchObject({
    title: "nginx on nas restarts again and again",
    machine: { name: "nas" },
  });
});

test("what is over says how it ended, and after how long", () => {
  const over = (end: NonNullable<Alert["end"]>) =>
    newsOf([transition("resolved", ["resolved"], { resolvedAt: AT + 600_000, end })], around)[0]?.lines;
  expect(over("over")).toEqual(["It is over, after 10 minutes."]);
  expect(over("closed")).toEqual(["Closed by hand, after 10 minutes."]);
});

test("of one that is open it is known whether somebody is to be told, and why not", () => {
  const why = (change: Partial<Alert>) => nowOf({ ...full, ...change }, around).heldBack;
  expect(why({})).toBeUndefined();
  expect(why({ silencedBy })).toBe("It is silenced by “moving”.");
  expect(why({ snoozedUntil: AT })).toBe("Somebody has snoozed it.");
  expect(why({ acknowledged })).toBe("Somebody has acknowledged it.");
  expect(why({ behind: nas.id })).toBe("nas is not heard of, so nobody knows whether it is so.");
  expect(nowOf({ ...full, acknowledged, resolvedAt: AT + 1 }, around)).toMatchObject({
    news: { event: "resolved" },
  });
});
