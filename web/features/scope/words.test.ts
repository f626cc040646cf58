import { expect, test } from "bun:test";
import type { SilenceScope } from "../../../server/contract/alerts.ts";
import { coveredWords, scopeWords } from "./words.ts";

const names = {
  resource: (id: string) => ({ r1: "nas", r2: "attic" })[id],
  rule: (name: string) => ({ filesystem: "Room on a filesystem" })[name],
};
const said = (scope: object) => scopeWords(scope as SilenceScope, names);

test("whom it is for reads as a sentence goes on", () => {
  expect(said({})).toBe("everything");
  expect(said({ resourceIds: ["r1", "r2"] })).toBe("nas or attic");
  expect(said({ kinds: ["filesystem", "lxc"], resourceIds: ["r1"] })).toBe(
    "filesystems and LXC guests of nas",
  );
  expect(said({ tags: ["db", "web", "mail"] })).toBe("what is tagged db, web or mail");
  expect(said({ resourceIds: ["r1"], tags: ["db"] })).toBe("nas, tagged db");
  expect(said({ rules: ["filesystem", "own_queue"] })).toBe(
    "whatever is told by the rule Room on a filesystem or own_queue",
  );
  expect(said({ kinds: ["disk"], rules: ["filesystem"] })).toBe("disks, by the rule Room on a filesystem");
});

test("what is gone is not left out: the silence still names it", () => {
  expect(said({ resourceIds: ["r1", "r9"] })).toBe("nas or something that is gone");
});

test("what it covers now is counted", () => {
  const counted = (machines: number, others: number, alerts: number) =>
    coveredWords({ machines, others, alerts });
  expect(counted(0, 0, 0)).toBe("Covers nothing that is there now.");
  expect(counted(2, 31, 3)).toBe("Covers 2 machines and 31 other things, 3 open alerts now.");
  expect(counted(1, 0, 0)).toBe("Covers 1 machine, no open alert now.");
  expect(counted(0, 1, 1)).toBe("Covers 1 thing, 1 open alert now.");
});
