import { describe, expect, test } from "bun:test";
import type { DirectoryChange, OrgEntry, SessionEntry, TokenEntry } from "../contract/directory.ts";
import { OrgId, ResourceId, SessionId, ShareId, TokenId, UserId } from "../contract/ids.ts";
import type { LicensePayload } from "../contract/license.ts";
import type { Role } from "../contract/roles.ts";
import type { ShareEntry } from "../contract/shares.ts";
import { Directory } from "./directory.ts";

const idOf = (prefix: string, letter: string) => prefix + letter.repeat(19);
const ann = UserId.parse(idOf("u", "a"));
const bob = UserId.parse(idOf("u", "b"));
const acme = OrgId.parse(idOf("o", "a"));
const beta = OrgId.parse(idOf("o", "b"));
const gamma = OrgId.parse(idOf("o", "c"));
const tokenId = (letter: string) => TokenId.parse(idOf("t", letter));
const shareId = (letter: string) => ShareId.parse(idOf("h", letter));

function session(idHash: string, userId = ann): SessionEntry {
  return {
    idHash,
    id: SessionId.parse(idOf("s", "a")),
    userId,
    createdAt: 0,
    lastSeenAt: 0,
    idleEndsAt: 1,
    endsAt: 2,
    address: "",
    userAgent: "",
  };
}

function org(id: OrgId, slug: string, more: Partial<OrgEntry> = {}): DirectoryChange {
  return { kind: "org", org: { id, slug, name: slug, state: "active", createdAt: 0, limits: {}, ...more } };
}

function member(orgId: OrgId, userId: UserId, role: Role): DirectoryChange {
  return { kind: "member", member: { orgId, userId, role, since: 0 } };
}

function token(letter: string, more: Partial<TokenEntry> = {}): DirectoryChange {
  const entry: TokenEntry = {
    id: tokenId(letter),
    secretHash: `hash ${letter}`,
    madeBy: ann,
    scopes: ["read"],
    orgIds: [acme],
  };
  return { kind: "token", token: { ...entry, ...more } };
}

function share(letter: string, from: OrgId, to: OrgId, more: Partial<ShareEntry> = {}): DirectoryChange {
  const entry: ShareEntry = {
    id: shareId(letter),
    sourceOrgId: from,
    targetOrgId: to,
    resourceId: ResourceId.parse(idOf("r", "a")),
    role: "viewer",
    accepted: true,
  };
  return { kind: "share", share: { ...entry, ...more } };
}

function holding(...changes: DirectoryChange[]): Directory {
  const directory = new Directory();
  directory.apply(changes);
  return directory;
}

const license: LicensePayload = { id: "l", holder: "h", features: [], limits: {}, issuedAt: 0 };

test("nothing is known to begin with: nobody, no org, no licence, and no switch thrown", () => {
  const directory = new Directory();
  expect([directory.person(ann), directory.findOrg("default"), directory.license]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect([...directory.orgs(), ...directory.orgsOf(ann), ...directory.sharesInto(acme)]).toEqual([]);
  expect([directory.memberCount(acme), directory.tokenCount(acme)]).toEqual([0, 0]);
  expect([directory.switchedOn, directory.orgCreationOpen, directory.setupNeeded]).toEqual([
    true,
    false,
    false,
  ]);
});

test("what is known of the instance itself is what was told last", () => {
  const directory = holding(
    { kind: "setup", needed: true },
    { kind: "license", license },
    { kind: "multi_tenant_switch", on: false },
    { kind: "org_creation", open: true },
  );
  const known = () => [
    directory.setupNeeded,
    directory.license,
    directory.switchedOn,
    directory.orgCreationOpen,
  ];
  expect(known()).toEqual([true, license, false, true]);
  directory.apply([
    { kind: "setup", needed: false },
    { kind: "license", license: undefined },
    { kind: "multi_tenant_switch", on: true },
    { kind: "org_creation", open: false },
  ]);
  expect(known()).toEqual([false, undefined, true, false]);
});

test("a person is who they were last told to be", () => {
  const person = { id: ann, email: "a@example.org", name: "A", operator: true, disabled: false };
  const directory = holding({ kind: "person", person });
  directory.apply([{ kind: "person", person: { ...person, operator: false, disabled: true } }]);
  expect(directory.person(ann)).toMatchObject({ operator: false, disabled: true });
  expect(directory.person(bob)).toBeUndefined();
});

describe("sessions", () => {
  test("are found by their hash and by whose they are, until they end", () => {
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

  test("that are told again replace what was known of them", () => {
    const directory = holding({ kind: "session", session: session("1") });
    directory.apply([{ kind: "session", session: { ...session("1"), idleEndsAt: 99 } }]);
    expect([directory.session("1")?.idleEndsAt, directory.sessionsOf(ann).length]).toEqual([99, 1]);
  });
});

describe("an org", () => {
  test("is found by id and by short name, and by nothing else", () => {
    const directory = holding(org(acme, "acme", { primaryDomain: "acme.example.org" }));
    expect(directory.findOrg(acme)).toBe(directory.findOrg("acme") as never);
    for (const reference of [
      "",
      "Acme",
      "acm",
      "__proto__",
      "constructor",
      "undefined",
      "acme.example.org",
    ]) {
      expect(directory.findOrg(reference)).toBeUndefined();
    }
  });

  test("is found by its domain, and by no other host", () => {
    const directory = holding(org(acme, "acme", { primaryDomain: "acme.example.org" }), org(beta, "beta"));
    expect(directory.orgOfDomain("acme.example.org")?.id).toBe(acme);
    for (const host of ["", "example.org", "x.acme.example.org", "acme", "undefined", "__proto__"]) {
      expect(directory.orgOfDomain(host)).toBeUndefined();
    }
  });

  test("that is renamed is known by its new name and domain only, and still by its id", () => {
    const directory = holding(org(acme, "acme", { primaryDomain: "acme.example.org" }));
    directory.apply([org(acme, "acme-two", { primaryDomain: "two.example.org", name: "Acme II" })]);
    expect([directory.findOrg("acme"), directory.orgOfDomain("acme.example.org")]).toEqual([
      undefined,
      undefined,
    ]);
    expect(directory.findOrg("acme-two")).toBe(directory.findOrg(acme) as never);
    expect(directory.orgOfDomain("two.example.org")?.name).toBe("Acme II");
    expect([...directory.orgs()]).toHaveLength(1);
  });

  test("gives its domain up", () => {
    const directory = holding(org(acme, "acme", { primaryDomain: "acme.example.org" }));
    directory.apply([org(acme, "acme")]);
    expect([directory.orgOfDomain("acme.example.org"), directory.findOrg("acme")?.id]).toEqual([
      undefined,
      acme,
    ]);
  });

  test("may take the name and the domain another has just given up", () => {
    const directory = holding(
      org(acme, "acme", { primaryDomain: "acme.example.org" }),
      org(beta, "beta"),
      org(acme, "gone"),
      org(beta, "acme", { primaryDomain: "acme.example.org" }),
      org(acme, "gone-too"),
    );
    expect([directory.findOrg("acme")?.id, directory.orgOfDomain("acme.example.org")?.id]).toEqual([
      beta,
      beta,
    ]);
    expect(["beta", "gone"].map((slug) => directory.findOrg(slug))).toEqual([undefined, undefined]);
  });

  test("that is suspended or deleted is still known, as such, with everybody in it", () => {
    const directory = holding(org(acme, "acme"), member(acme, ann, "owner"));
    for (const state of ["suspended", "deleted", "active"] as const) {
      directory.apply([org(acme, "acme", { state })]);
      expect([directory.findOrg("acme")?.state, directory.roleIn(acme, ann)]).toEqual([state, "owner"]);
      expect(directory.orgsOf(ann).map(({ id }) => id)).toEqual([acme]);
    }
  });
});

describe("a role", () => {
  test("is of one person in one org", () => {
    const directory = holding(org(acme, "acme"), org(beta, "beta"), member(acme, ann, "viewer"));
    expect([directory.roleIn(acme, ann), directory.roleIn(acme, bob)]).toEqual(["viewer", undefined]);
    expect(directory.roleIn(beta, ann)).toBeUndefined();
    directory.apply([member(acme, ann, "admin")]);
    expect([directory.roleIn(acme, ann), directory.memberCount(acme)]).toEqual(["admin", 1]);
  });

  test("ends when the member goes, and comes back with them as it is given then", () => {
    const directory = holding(org(acme, "acme"), member(acme, ann, "owner"), member(acme, bob, "admin"), {
      kind: "member_gone",
      orgId: acme,
      userId: bob,
    });
    expect([directory.roleIn(acme, bob), directory.orgsOf(bob), directory.memberCount(acme)]).toEqual([
      undefined,
      [],
      1,
    ]);
    directory.apply([member(acme, bob, "viewer")]);
    expect([directory.roleIn(acme, bob), directory.roleIn(acme, ann)]).toEqual(["viewer", "owner"]);
  });

  test("is listed with every org one belongs to, and with no other", () => {
    const directory = holding(
      org(acme, "acme"),
      org(beta, "beta"),
      org(gamma, "gamma"),
      member(acme, ann, "owner"),
      member(gamma, ann, "viewer"),
      member(beta, bob, "owner"),
    );
    expect(directory.orgsOf(ann).map(({ slug }) => slug)).toEqual(["acme", "gamma"]);
    expect(directory.orgsOf(bob).map(({ slug }) => slug)).toEqual(["beta"]);
  });
});

describe("a token", () => {
  test("is found by its id and by the hash of its secret, and counts in every org it is bound to", () => {
    const directory = holding(token("a", { orgIds: [acme, beta] }), token("b"));
    expect(directory.token(tokenId("a"))).toBe(directory.tokenOfSecret("hash a") as never);
    expect([acme, beta, gamma].map((id) => directory.tokenCount(id))).toEqual([2, 1, 0]);
    for (const hash of ["", "hash", "hash c", "__proto__", tokenId("a")])
      expect(directory.tokenOfSecret(hash)).toBeUndefined();
  });

  test("that is replaced is known by its new secret and in its new orgs only", () => {
    const directory = holding(token("a", { orgIds: [acme, beta] }));
    directory.apply([token("a", { secretHash: "new", orgIds: [beta, gamma], scopes: ["write"] })]);
    expect(directory.tokenOfSecret("hash a")).toBeUndefined();
    expect(directory.tokenOfSecret("new")).toMatchObject({ id: tokenId("a"), scopes: ["write"] });
    expect([acme, beta, gamma].map((id) => directory.tokenCount(id))).toEqual([0, 1, 1]);
  });

  test("that is revoked is gone, and the others stay", () => {
    const directory = holding(token("a"), token("b"), { kind: "token_gone", id: tokenId("a") });
    expect([directory.token(tokenId("a")), directory.tokenOfSecret("hash a")]).toEqual([
      undefined,
      undefined,
    ]);
    expect([directory.tokenOfSecret("hash b")?.id, directory.tokenCount(acme)]).toEqual([tokenId("b"), 1]);
  });
});

describe("a share", () => {
  const ids = (shares: ShareEntry[]) => shares.map(({ id }) => id);

  test("is found by its id, on both its sides, and on no other", () => {
    const directory = holding(share("a", acme, beta), share("b", acme, gamma), share("c", gamma, beta));
    expect(directory.share(shareId("a"))?.targetOrgId).toBe(beta);
    expect([acme, beta, gamma].map((id) => ids(directory.sharesFrom(id)))).toEqual([
      [shareId("a"), shareId("b")],
      [],
      [shareId("c")],
    ]);
    expect([acme, beta, gamma].map((id) => ids(directory.sharesInto(id)))).toEqual([
      [],
      [shareId("a"), shareId("c")],
      [shareId("b")],
    ]);
  });

  test("that is told again replaces what was known of it, in its place", () => {
    const directory = holding(share("a", acme, beta, { accepted: false }), share("b", acme, beta));
    directory.apply([share("a", acme, beta, { role: "editor" })]);
    expect(directory.sharesInto(beta)).toMatchObject([
      { id: shareId("a"), role: "editor", accepted: true },
      { id: shareId("b") },
    ]);
    expect(directory.sharesFrom(acme)).toHaveLength(2);
  });

  test("that is gone is gone on both its sides", () => {
    const gone: DirectoryChange = { kind: "share_gone", id: shareId("a"), sourceOrgId: acme };
    const directory = holding(share("a", acme, beta), share("b", acme, beta), gone);
    expect(directory.share(shareId("a"))).toBeUndefined();
    expect([ids(directory.sharesFrom(acme)), ids(directory.sharesInto(beta))]).toEqual([
      [shareId("b")],
      [shareId("b")],
    ]);
  });
});

test("an org that is purged leaves nothing behind, and takes nothing of others with it", () => {
  const purged = org(acme, "acme", { primaryDomain: "acme.example.org", state: "deleted" });
  const directory = holding(
    purged,
    org(beta, "beta", { primaryDomain: "beta.example.org" }),
    member(acme, ann, "owner"),
    member(acme, bob, "viewer"),
    member(beta, bob, "owner"),
    token("a", { orgIds: [acme] }),
    token("b", { orgIds: [acme, beta] }),
    share("a", acme, beta),
    share("b", beta, acme),
    share("c", beta, gamma),
    { kind: "org_purged", orgId: acme },
  );
  expect([acme, "acme"].map((reference) => directory.findOrg(reference))).toEqual([undefined, undefined]);
  expect([...directory.orgs()].map(({ id }) => id)).toEqual([beta]);
  expect(directory.orgOfDomain("acme.example.org")).toBeUndefined();
  expect([ann, bob].map((id) => directory.roleIn(acme, id))).toEqual([undefined, undefined]);
  expect([directory.orgsOf(ann), directory.orgsOf(bob).map(({ id }) => id)]).toEqual([[], [beta]]);
  expect([directory.memberCount(acme), directory.tokenCount(acme)]).toEqual([0, 0]);
  expect([
    ...directory.sharesInto(acme),
    ...directory.sharesFrom(acme),
    ...directory.sharesInto(beta),
  ]).toEqual([]);
  expect(directory.sharesFrom(beta).map(({ id }) => id)).toEqual([shareId("c")]);
  expect(["a", "b", "c"].map((letter) => directory.share(shareId(letter)) !== undefined)).toEqual([
    false,
    false,
    true,
  ]);
  expect([directory.roleIn(beta, bob), directory.tokenCount(beta)]).toEqual(["owner", 1]);

  /* An id is never used again. If it were, nobody would come back with it. */
  directory.apply([purged]);
  expect([directory.roleIn(acme, ann), directory.memberCount(acme), directory.orgsOf(ann)]).toEqual([
    undefined,
    0,
    [],
  ]);
});

test("the end of what nobody knows is no news", () => {
  const directory = holding(
    org(acme, "acme"),
    member(acme, ann, "owner"),
    { kind: "session_ended", idHash: "1" },
    { kind: "member_gone", orgId: acme, userId: bob },
    { kind: "member_gone", orgId: beta, userId: ann },
    { kind: "token_gone", id: tokenId("a") },
    { kind: "share_gone", id: shareId("a"), sourceOrgId: acme },
    { kind: "org_purged", orgId: beta },
  );
  expect([directory.roleIn(acme, ann), directory.memberCount(acme)]).toEqual(["owner", 1]);
});

test("who listens hears of a batch once, with all of it, when all of it is visible", () => {
  const directory = new Directory();
  const seen: [number, string[]][] = [];
  directory.onChange((changes) =>
    seen.push([directory.sessionsOf(ann).length, changes.map(({ kind }) => kind)]),
  );
  directory.apply([
    { kind: "session", session: session("1") },
    { kind: "session", session: session("2") },
  ]);
  directory.apply([{ kind: "session_ended", idHash: "1" }]);
  expect(seen).toEqual([
    [2, ["session", "session"]],
    [1, ["session_ended"]],
  ]);
});
