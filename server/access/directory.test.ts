import { expect, test } from "bun:test";
import type { DirectoryChange, SessionEntry } from "../contract/directory.ts";
import { OrgId, SessionId, UserId } from "../contract/ids.ts";
import { Directory } from "./directory.ts";

const ann = UserId.parse(`u${"a".repeat(19)}`);
const bob = UserId.parse(`u${"b".repeat(19)}`);
const acme = OrgId.parse(`o${"a".repeat(19)}`);

function session(idHash: string, userId = ann): SessionEntry {
  return {
    idHash,
    id: SessionId.parse(`s${"a".repeat(19)}`),
    userId,
    createdAt: 0,
    lastSeenAt: 0,
    idleEndsAt: 1,
    endsAt: 2,
    address: "",
    userAgent: "",
  };
}

function holding(...changes: DirectoryChange[]): Directory {
  const directory = new Directory();
  directory.apply(changes);
  return directory;
}

test("sessions are found by their hash and by whose they are, until they end", () => {
  const directory = holding(
    { kind: "session", session: session("1") },
    { kind: "session", session: session("2") },
    { kind: "session", session: session("3", bob) },
  );
  expect(directory.sessionsOf(ann).map(({ idHash }) => idHash)).toEqual(["1", "2"]);
  directory.apply([{ kind: "session_ended", idHash: "1" }]);
  expect([directory.session("1"), directory.sessionsOf(ann).length]).toEqual([undefined, 1]);
  directory.apply([{ kind: "session_ended", idHash: "2" }]);
  expect([directory.sessionsOf(ann), directory.sessionsOf(bob).length]).toEqual([[], 1]);
});

test("a session that is told again replaces what was known of it", () => {
  const directory = holding({ kind: "session", session: session("1") });
  directory.apply([{ kind: "session", session: { ...session("1"), idleEndsAt: 99 } }]);
  expect([directory.session("1")?.idleEndsAt, directory.sessionsOf(ann).length]).toEqual([99, 1]);
});

test("the end of a session nobody knows is no news", () => {
  expect(holding({ kind: "session_ended", idHash: "1" }).session("1")).toBeUndefined();
});

test("an org is found by id and by short name, and by nothing else", () => {
  const directory = holding({ kind: "org", org: { id: acme, slug: "acme", state: "active" } });
  expect(directory.findOrg(acme)).toBe(directory.findOrg("acme") as never);
  for (const reference of ["", "Acme", "acm", "__proto__", "constructor", "undefined"]) {
    expect(directory.findOrg(reference)).toBeUndefined();
  }
});

test("a role is of one person in one org", () => {
  const directory = holding({ kind: "member", orgId: acme, userId: ann, role: "viewer" });
  expect([directory.roleIn(acme, ann), directory.roleIn(acme, bob)]).toEqual(["viewer", undefined]);
  expect(directory.roleIn(OrgId.parse("default"), ann)).toBeUndefined();
  directory.apply([{ kind: "member", orgId: acme, userId: ann, role: "admin" }]);
  expect(directory.roleIn(acme, ann)).toBe("admin");
});

test("who listens hears of a batch once, when all of it is visible", () => {
  const directory = new Directory();
  const seen: number[] = [];
  directory.onChange(() => seen.push(directory.sessionsOf(ann).length));
  directory.apply([
    { kind: "session", session: session("1") },
    { kind: "session", session: session("2") },
  ]);
  expect(seen).toEqual([2]);
});
