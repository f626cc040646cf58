import { expect, test } from "bun:test";
import { SilenceWhen, SnoozeInput } from "./alerts.ts";
import { AuditListInput } from "./audit.ts";
import { HistoryRangeInput } from "./history.ts";
import { DiagnoseInput } from "./routes.ts";
import { CreateTokenInput } from "./tokens.ts";

const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

test("a time that no calendar can write is refused wherever somebody names one", () => {
  const once = { type: "once", from: 0 };
  const asked = { resourceId: `r${"a".repeat(19)}`, metrics: ["cpu_used_percent"], from: LAST - 1_000 };
  const inputs: [what: string, takes: (at: number) => boolean][] = [
    ["snooze", (until) => SnoozeInput.safeParse({ id: `l${"a".repeat(19)}`, until }).success],
    ["silence", (to) => SilenceWhen.safeParse({ ...once, to }).success],
    ["audit", (to) => AuditListInput.safeParse({ to }).success],
    ["history", (to) => HistoryRangeInput.safeParse({ ...asked, to }).success],
    ["token", (expiresAt) => CreateTokenInput.shape.expiresAt.safeParse(expiresAt).success],
    [
      "diagnose",
      (at) =>
        DiagnoseInput.safeParse({ resourceId: asked.resourceId, rule: "memory", level: "warning", at })
          .success,
    ],
  ];
  for (const [what, takes] of inputs)
    for (const at of [LAST, LAST + 1, 8.64e15, 9e15])
      expect([what, at, takes(at)]).toEqual([what, at, at === LAST]);
});
