import { expect, test } from "bun:test";
import type { Alert } from "../contract/alerts.ts";
import { AlertId, ResourceId, SilenceId } from "../contract/ids.ts";
import { mintId } from "../lib/random-id.ts";
import { toldByMessage } from "./told-by-message.ts";

const host = { id: ResourceId.parse(mintId("r")), kind: "host", name: "nas" } as const;
const disk = { id: ResourceId.parse(mintId("r")), kind: "disk", name: "sda" } as const;
const alert: Alert = {
  id: AlertId.parse(mintId("l")),
  rule: "offline",
  level: "critical",
  resource: host,
  subject: host,
  words: "is down",
  about: "itself",
  firedAt: 5,
  changedAt: 5,
};

test("a message says what is wrong with what, and leads to its page", () => {
  expect(toldByMessage([["alert.fired", alert]], 10)).toEqual([
    {
      id: alert.id,
      event: "fired",
      level: "critical",
      title: "nas is down",
      lines: [],
      resource: { id: host.id, name: "nas" },
      since: 5,
      path: `/resources/${host.id}`,
    },
  ]);
  const part = { ...alert, resource: disk, words: "sda is about to fail", about: "part" } as const;
  expect(toldByMessage([["alert.fired", part]], 10)[0]).toMatchObject({
    title: "nas: sda is about to fail",
    machine: { name: "nas" },
    path: `/resources/${host.id}`,
  });
});

test("what is taken, put off, silenced or cannot be known is told to nobody; that it is over always", () => {
  const quiet: Partial<Alert>[] = [
    { acknowledged: { at: 1 } },
    { snoozedUntil: 20 },
    { silencedBy: SilenceId.parse(mintId("q")) },
    { behind: host.id },
  ];
  for (const one of quiet) {
    const changed = { ...alert, ...one };
    for (const type of ["alert.fired", "alert.updated"] as const)
      expect([one, toldByMessage([[type, changed]], 10)]).toEqual([one, []]);
    expect(toldByMessage([["alert.resolved", changed]], 10).length).toBe(1);
  }
  expect(toldByMessage([["alert.updated", { ...alert, snoozedUntil: 10 }]], 10).length).toBe(1);
});
