import { expect, test } from "bun:test";
import type { Alert } from "../../../server/contract/alerts.ts";
import { headline, inOrder, isTold, type Problem, problemFrom, worstOf } from "./problems.ts";

function alert(fields: Partial<Omit<Alert, "id">> & { id?: string }): Alert {
  const subject = { id: "r1" as Alert["subject"]["id"], kind: "host", name: "atlas" } as const;
  return {
    rule: "silence",
    level: "critical",
    resource: subject,
    subject,
    words: "is down",
    about: "itself",
    firedAt: 0,
    changedAt: 0,
    ...fields,
    id: (fields.id ?? "l1") as Alert["id"],
  };
}
const nas = { id: "r9" as Alert["subject"]["id"], kind: "host", name: "nas" } as const;
const line = ({ level, resource, about, words }: Problem) =>
  `${level}: ${resource.name}${about === "part" ? ":" : ""} ${words}`;

test("an alert is one plain line", () => {
  expect(line(problemFrom(alert({})))).toBe("critical: atlas is down");
  const full = alert({ level: "warning", words: "/var is 90 % full", about: "part" });
  expect(line(problemFrom(full))).toBe("warning: atlas: /var is 90 % full");
});

test("of what runs on a machine it is said where", () => {
  const nginx = { id: "r2" as Alert["subject"]["id"], kind: "container", name: "nginx" } as const;
  const loops = alert({ subject: nginx, resource: nginx, on: nas, words: "restarts again and again" });
  expect(line(problemFrom(loops))).toBe("critical: nginx on nas restarts again and again");
  const sick = { ...loops, about: "part", words: "its health check fails" } as const;
  expect(line(problemFrom(sick))).toBe("critical: nginx on nas: its health check fails");
});

test("it has the name its subject has now", () => {
  expect(problemFrom(alert({}), { name: "atlas-2", sources: ["local"] }).resource).toMatchObject({
    name: "atlas-2",
    sources: ["local"],
  });
});

test("of a very long name its ends are told", () => {
  const on = { ...nas, name: `srv-${"x".repeat(200)}-data` };
  const { words } = problemFrom(alert({ on }));
  expect(words).toMatch(/^on srv-x+…x+-data is down$/);
  expect(words.length).toBeLessThan(90);
});

test("what is silenced, snoozed or hidden is nothing to know about now", () => {
  expect(isTold(alert({}))).toBe(true);
  expect(isTold(alert({ acknowledged: { at: 1 } }))).toBe(true);
  expect(isTold(alert({ snoozedUntil: 1 }))).toBe(false);
  expect(isTold(alert({ silencedBy: "q1" as never }))).toBe(false);
  expect(isTold(alert({ behind: nas.id }))).toBe(false);
});

test("critical comes first, what somebody has taken last, and the headline counts", () => {
  const problems = inOrder(
    [
      alert({ id: "taken", acknowledged: { at: 1 } }),
      alert({ id: "warning", level: "warning" }),
      alert({ id: "critical" }),
    ].map((one) => problemFrom(one)),
  );
  expect(problems.map(({ key }) => key)).toEqual(["critical", "warning", "taken"]);
  expect(worstOf(problems)).toBe("critical");
  expect(headline({ machines: 2 }, problems)).toBe("3 problems, 2 critical");
  expect(headline({ machines: 2 }, problems.slice(0, 1))).toBe("1 problem, critical");
  expect(headline({ machines: 2 }, problems.slice(1, 2))).toBe("1 problem");
  expect(headline({ machines: 1 }, [])).toBe("All well: 1 machine");
  expect(headline({ machines: 0 }, [])).toBe("Nothing reports yet");
});

test("all is well only where nothing is wrong in silence either", () => {
  const silenced = alert({ silencedBy: "q1" as never });
  const mild = alert({ silencedBy: "q1" as never, level: "warning" });
  const of = (...quiet: Alert[]) => headline({ machines: 7 }, [], quiet);
  expect(of(silenced, mild, mild)).toBe("Nothing to tell; 3 silenced, 1 of them critical");
  expect(of(mild)).toBe("Nothing to tell; 1 silenced");
  expect(of(silenced)).toBe("Nothing to tell; 1 silenced, critical");
  expect(of(alert({ snoozedUntil: 9 }), alert({ snoozedUntil: 9 }))).toBe(
    "Nothing to tell; 2 snoozed, all of them critical",
  );
  expect(of(mild, alert({ level: "warning", snoozedUntil: 9 }))).toBe("Nothing to tell; 2 kept quiet");
  expect(headline({ machines: 7 }, [problemFrom(mild)], [silenced])).toBe("1 problem");
});

test("the headline counts all that is watched", () => {
  expect(headline({ machines: 2, guests: 0, containers: 1, checks: 3 }, [])).toBe(
    "All well: 2 machines, 1 container and 3 checks",
  );
  expect(headline({ machines: 0, checks: 1 }, [])).toBe("All well: 1 check");
});
