/** Through which shares an org sees something of others, and which doors stand open for it. */
import { describe, expect, test } from "bun:test";
import type { DirectoryChange, OrgEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, OrgId, ResourceId, ShareId } from "../contract/ids.ts";
import { LICENSE_GRACE_MS, type LicensePayload } from "../contract/license.ts";
import { ROLES } from "../contract/roles.ts";
import type { ShareEntry } from "../contract/shares.ts";
import { Directory } from "./directory.ts";
import { Features } from "./features.ts";
import { doorsFrom, sourcesTouchedBy, visibleShares } from "./visible-shares.ts";

const idOf = (prefix: string, letter: string) => prefix + letter.repeat(19);
const acme = OrgId.parse(idOf("o", "a"));
const beta = OrgId.parse(idOf("o", "b"));
const gamma = OrgId.parse(idOf("o", "c"));
const machine = ResourceId.parse(idOf("r", "a"));
const START = 1_000_000;
const license: LicensePayload = {
  id: "l",
  holder: "h",
  features: ["multi_tenant"],
  limits: {},
  issuedAt: 0,
  expiresAt: START,
};

function share(more: Partial<ShareEntry> = {}): ShareEntry {
  const id = ShareId.parse(idOf("h", "a"));
  const both = { sourceOrgId: acme, targetOrgId: beta };
  return { id, ...both, resourceId: machine, role: "viewer", accepted: true, ...more };
}

function org(id: OrgId, slug: string, state: OrgEntry["state"] = "active"): DirectoryChange {
  return { kind: "org", org: { id, slug, name: `The ${slug}`, state, createdAt: 0, limits: {} } };
}

/** acme shares with beta, as far as nothing else is said. */
function build(...changes: DirectoryChange[]) {
  let now = START;
  const directory = new Directory();
  const clock = () => now;
  directory.apply([
    org(DEFAULT_ORG, "default"),
    org(acme, "acme"),
    org(beta, "beta"),
    { kind: "license", license },
    { kind: "share", share: share() },
    ...changes,
  ]);
  const features = new Features({ multiTenantAllowed: true, directory, clock });
  const moveTo = (time: number) => {
    now = time;
  };
  return { directory, features, clock, moveTo };
}

type Setting = ReturnType<typeof build>;
const seenBy = (setting: Setting, orgId = beta) =>
  visibleShares(setting, orgId, "viewer").map(({ id }) => id);
const stands = (setting: Setting) => {
  const [seen, doors] = [seenBy(setting).length, doorsFrom(setting, acme).length];
  expect(doors).toBe(seen);
  return seen === 1;
};

test("a share is seen by its target, as a door of its source, and by nobody else", () => {
  const setting = build(org(gamma, "gamma"));
  expect(seenBy(setting)).toEqual([share().id]);
  for (const orgId of [acme, gamma, DEFAULT_ORG]) expect(seenBy(setting, orgId)).toEqual([]);
  expect(doorsFrom(setting, acme)).toEqual([
    {
      targetOrgId: beta,
      resourceId: machine,
      sharedFrom: { shareId: share().id, org: { slug: "acme", name: "The acme" }, role: "viewer" },
    },
  ]);
  for (const orgId of [beta, gamma, DEFAULT_ORG]) expect(doorsFrom(setting, orgId)).toEqual([]);
});

test("members see it from the role on that it was given for", () => {
  for (const [index, role] of (["viewer", "editor", "admin"] as const).entries()) {
    const setting = build({ kind: "share", share: share({ role }) });
    const seen = ROLES.map((held) => visibleShares(setting, beta, held).length);
    expect(seen).toEqual(ROLES.map((_, held) => (held >= index ? 1 : 0)));
  }
});

describe("it shows nothing", () => {
  const rows: [when: string, changes: DirectoryChange[]][] = [
    ["before it is accepted", [{ kind: "share", share: share({ accepted: false }) }]],
    ["once its time has come", [{ kind: "share", share: share({ expiresAt: START }) }]],
    ["when it is withdrawn", [{ kind: "share_gone", id: share().id, sourceOrgId: acme }]],
    ["while its source is suspended", [org(acme, "acme", "suspended")]],
    ["while its target is suspended", [org(beta, "beta", "suspended")]],
    ["when its source is deleted", [org(acme, "acme", "deleted")]],
    ["when its target is deleted", [org(beta, "beta", "deleted")]],
    ["when its source is purged", [{ kind: "org_purged", orgId: acme }]],
    ["when its target is purged", [{ kind: "org_purged", orgId: beta }]],
    ["while the feature is switched off", [{ kind: "multi_tenant_switch", on: false }]],
    ["without a licence", [{ kind: "license", license: undefined }]],
  ];
  test.each(rows)("%s", (_, changes) => expect(stands(build(...changes))).toBe(false));

  test("after its time, to the millisecond", () => {
    const setting = build({ kind: "share", share: share({ expiresAt: START + 10 }) });
    setting.moveTo(START + 9);
    expect(stands(setting)).toBe(true);
    setting.moveTo(START + 10);
    expect(stands(setting)).toBe(false);
  });

  test("after the licence's grace", () => {
    const setting = build();
    setting.moveTo(START + LICENSE_GRACE_MS - 1);
    expect(stands(setting)).toBe(true);
    setting.moveTo(START + LICENSE_GRACE_MS);
    expect(stands(setting)).toBe(false);
  });
});

test("default shares and is shared with like every org", () => {
  const from = share({ id: ShareId.parse(idOf("h", "b")), sourceOrgId: DEFAULT_ORG });
  const into = share({ id: ShareId.parse(idOf("h", "c")), targetOrgId: DEFAULT_ORG });
  const setting = build({ kind: "share", share: from }, { kind: "share", share: into });
  expect(seenBy(setting)).toEqual([share().id, from.id]);
  expect(seenBy(setting, DEFAULT_ORG)).toEqual([into.id]);
});

describe("doors are looked at again", () => {
  const rows: [after: string, change: DirectoryChange, sources: OrgId[]][] = [
    ["a share", { kind: "share", share: share() }, [acme]],
    ["the end of one", { kind: "share_gone", id: share().id, sourceOrgId: acme }, [acme]],
    ["a change of the source", org(acme, "acme", "suspended"), [acme]],
    ["a change of the target", org(beta, "beta", "suspended"), [acme]],
  ];
  test.each(rows)("after %s", (_, change, sources) => {
    const { directory } = build();
    directory.apply([change]);
    expect([...sourcesTouchedBy([change], directory)]).toEqual(sources);
  });

  /* Shares that did not stand while it was off or without a licence do from now on. */
  const returns: [after: string, change: DirectoryChange][] = [
    ["the feature comes back", { kind: "multi_tenant_switch", on: true }],
    ["there is a licence", { kind: "license", license }],
  ];
  for (const [after, change] of returns) {
    test(`when ${after}`, () => {
      const { directory } = build();
      expect([...sourcesTouchedBy([change], directory)]).toEqual([acme]);
    });
  }

  const without: DirectoryChange[] = [
    org(gamma, "gamma"),
    { kind: "session_ended", idHash: "1" },
    { kind: "setup", needed: false },
  ];
  test.each(without)("not after what has nothing to do with shares: %o", (change) => {
    const { directory } = build();
    expect([...sourcesTouchedBy([change], directory)]).toEqual([]);
  });
});
