import { afterEach, describe, expect, test } from "bun:test";
import { asc } from "drizzle-orm";
import { audit } from "../../db/instance/audit.ts";
import {
  type TestInstance,
  type TestInstanceOptions,
  testInstance,
} from "../../tests/support/test-instance.ts";
import { LICENSE_GRACE_MS, type LicensePayload } from "../contract/license.ts";
import type { Keys } from "../instance/instance.ts";
import { findSetting, setSetting } from "../instance/settings.ts";
import type { DomainError } from "../lib/domain-error.ts";
import * as license from "./license.ts";
import { makeLicenseKeys, signLicense } from "./license-token.ts";

const by = { kind: "command" } as const;
const DAY = 86_400_000;
const authority = makeLicenseKeys();

const open: TestInstance[] = [];
afterEach(() => {
  for (const instance of open.splice(0)) instance.db.close();
});

function anInstance(options?: TestInstanceOptions): TestInstance {
  const instance = testInstance(options);
  open.push(instance);
  return instance;
}

function from(instance: TestInstance, changes: Partial<LicensePayload> = {}): string {
  const payload = {
    id: "l1",
    holder: "Ada",
    features: ["multi_tenant"],
    limits: {},
    issuedAt: instance.time.now - 365 * DAY,
    ...changes,
  };
  return signLicense(payload, authority.privateKey);
}

function refusalOf(work: () => unknown): DomainError {
  try {
    work();
  } catch (error) {
    return error as DomainError;
  }
  throw new Error("was not refused");
}

function deeds(instance: TestInstance) {
  return instance.db.orm
    .select()
    .from(audit)
    .orderBy(asc(audit.seq))
    .all()
    .map(({ actorKind, action, details }) => ({ actorKind, action, details }));
}

test("the id of the instance is minted once", () => {
  const instance = anInstance();
  const id = license.ensureInstanceId(instance);
  expect(id).toMatch(/^n[a-z2-7]{19}$/);
  expect(license.ensureInstanceId(instance)).toBe(id);
  expect(license.show(instance)).toEqual({ status: "none", authority: "none", instanceId: id });
});

describe("init", () => {
  test("makes this instance its own authority, with a licence without limits or end", () => {
    const instance = anInstance();
    const info = license.init(instance, { by, holder: "Ada" });
    const issued = {
      id: expect.any(String),
      holder: "Ada",
      features: ["multi_tenant"],
      limits: {},
      issuedAt: instance.time.now,
    };
    expect(info).toEqual({
      status: "valid",
      license: issued,
      authority: "own",
      instanceId: license.ensureInstanceId(instance),
    });
    expect(license.current(instance)).toEqual(issued);
    expect(instance.heard).toEqual([{ kind: "license", license: issued }]);
    expect(license.entries(instance)).toEqual(instance.heard);
    expect(deeds(instance)).toEqual([
      {
        actorKind: "command",
        action: "license.installed",
        details: { id: info.license?.id, holder: "Ada" },
      },
    ]);
  });

  test("keeps the keys there are", () => {
    const instance = anInstance();
    license.init(instance, { by });
    const before = instance.keys.license();
    license.init(instance, { by });
    expect(instance.keys.license()).toEqual(before as never);
  });

  test("is refused where an outside authority is trusted, and makes nothing", () => {
    const instance = anInstance({ pinnedLicenseKey: authority.publicKey });
    const { reason, message } = refusalOf(() => license.init(instance, { by }));
    expect(reason).toBe("conflict");
    expect(message).toStartWith("This instance trusts an outside authority");
    expect(instance.keys.license()).toBeUndefined();
    expect(instance.heard).toEqual([]);
  });

  test("leaves nothing said when it cannot be written", () => {
    const instance = anInstance();
    license.ensureInstanceId(instance);
    instance.db.execute("create trigger stop before insert on audit begin select raise(abort, 'stop'); end");
    expect(() => license.init(instance, { by })).toThrow();
    expect(license.current(instance)).toBeUndefined();
    expect(instance.heard).toEqual([]);
  });
});

describe("issue", () => {
  test("makes a licence that can be installed, here and where this instance's key is pinned", () => {
    const instance = anInstance();
    license.init(instance, { by });
    const wanted = { holder: " Bob ", orgs: 3, membersPerOrg: 4, expiresAt: instance.time.now + DAY };
    const { license: text } = license.issue(instance, { by, ...wanted });
    const elsewhere = anInstance({ pinnedLicenseKey: instance.keys.license()?.publicKey as string });
    for (const where of [instance, elsewhere]) {
      expect(license.install(where, { by, license: text })).toMatchObject({
        status: "valid",
        graceEndsAt: wanted.expiresAt + LICENSE_GRACE_MS,
        license: { holder: "Bob", limits: { orgs: 3, membersPerOrg: 4 }, expiresAt: wanted.expiresAt },
      });
    }
    expect(deeds(instance)[1]).toMatchObject({
      action: "license.issued",
      details: { holder: "Bob", expiresAt: wanted.expiresAt },
    });
    expect(JSON.stringify(deeds(instance))).not.toContain(text);
  });

  test("needs a key, and says how to get one", () => {
    const { reason, message } = refusalOf(() => license.issue(anInstance(), { by, holder: "Bob" }));
    expect(reason).toBe("conflict");
    expect(message).toContain("license init");
    const pinned = anInstance({ pinnedLicenseKey: authority.publicKey });
    expect(refusalOf(() => license.issue(pinned, { by, holder: "Bob" })).message).not.toContain("init");
  });

  test("refuses what no licence can say", () => {
    const instance = anInstance();
    license.init(instance, { by });
    for (const [field, value] of Object.entries({ expiresAt: instance.time.now, holder: " ", orgs: -1 })) {
      const wanted = { by, holder: "Bob", [field]: value };
      const { reason, fields } = refusalOf(() => license.issue(instance, wanted));
      expect({ reason, fields }).toEqual({
        reason: "invalid_request",
        fields: { [field]: expect.any(String) },
      });
    }
  });
});

describe("install", () => {
  test("takes one of the pinned authority, and nothing of this instance's own", () => {
    const instance = anInstance({ pinnedLicenseKey: authority.publicKey });
    const own = makeLicenseKeys();
    instance.keys.writeLicense(own);
    expect(license.install(instance, { by, license: `\n${from(instance)}\n` })).toMatchObject({
      status: "valid",
      authority: "pinned",
      license: { holder: "Ada" },
    });
    const { license: ownText } = license.issue(instance, { by, holder: "Me" });
    const { reason, message, fields } = refusalOf(() => license.install(instance, { by, license: ownText }));
    expect(reason).toBe("invalid_request");
    expect(fields?.license).toStartWith("was not signed by the authority");
    expect(message).toBe(`This licence ${fields?.license}.`);
    expect(license.current(instance)?.holder).toBe("Ada");
    expect(instance.heard).toHaveLength(1);
  });

  test("falls back to nothing when the pinned key cannot be used", () => {
    const instance = anInstance({ pinnedLicenseKey: Buffer.alloc(32).toString("base64") });
    const own = makeLicenseKeys();
    instance.keys.writeLicense(own);
    const { license: text } = license.issue(instance, { by, holder: "Me" });
    const { fields } = refusalOf(() => license.install(instance, { by, license: text }));
    expect(fields?.license).toContain("is not a usable");
  });

  test("says what to do when nobody is trusted yet", () => {
    const instance = anInstance();
    const { fields } = refusalOf(() => license.install(instance, { by, license: from(instance) }));
    expect(fields?.license).toContain("license init");
  });

  test("takes one in its grace, and refuses one after it", () => {
    const instance = anInstance({ pinnedLicenseKey: authority.publicKey });
    const ended = (days: number) => from(instance, { expiresAt: instance.time.now - days * DAY });
    expect(license.install(instance, { by, license: ended(6) }).status).toBe("grace");
    const { reason, fields } = refusalOf(() => license.install(instance, { by, license: ended(8) }));
    expect(reason).toBe("invalid_request");
    expect(fields?.license).toMatch(/^ended on \d{4}-\d{2}-\d{2}$/);
  });

  test("refuses one from the future and one for another instance", () => {
    const instance = anInstance({ pinnedLicenseKey: authority.publicKey });
    for (const changes of [{ issuedAt: instance.time.now + DAY }, { instance: "nother" }]) {
      const text = from(instance, changes);
      expect(refusalOf(() => license.install(instance, { by, license: text })).reason).toBe(
        "invalid_request",
      );
    }
    const mine = from(instance, { instance: license.ensureInstanceId(instance) });
    expect(license.install(instance, { by, license: mine }).status).toBe("valid");
  });
});

describe("an installed licence", () => {
  test("ends with the time: valid, grace, expired; a new one brings everything back", () => {
    const instance = anInstance({ pinnedLicenseKey: authority.publicKey });
    const start = instance.time.now;
    license.install(instance, { by, license: from(instance, { expiresAt: start + DAY }) });
    const statusAfter = (days: number) => {
      instance.time.now = start + days * DAY;
      return license.show(instance).status;
    };
    expect([0, 1, 7, 8, 9].map(statusAfter)).toEqual(["valid", "grace", "grace", "expired", "expired"]);
    expect(license.current(instance)?.holder).toBe("Ada");
    license.install(instance, { by, license: from(instance, { expiresAt: instance.time.now + DAY }) });
    expect(license.show(instance).status).toBe("valid");
  });

  test("still counts after the clock was set back", () => {
    const instance = anInstance();
    license.init(instance, { by });
    instance.time.now = 0;
    expect(license.show(instance).status).toBe("valid");
  });

  test("no longer counts when the authority is another one, and it is said why", () => {
    const instance = anInstance();
    license.init(instance, { by });
    const pinned: TestInstance = { ...instance, pinnedLicenseKey: authority.publicKey };
    expect(license.current(pinned)).toBeUndefined();
    expect(license.entries(pinned)).toEqual([{ kind: "license", license: undefined }]);
    const info = license.show(pinned);
    expect(info).toMatchObject({ status: "none", authority: "pinned" });
    expect(info.license).toBeUndefined();
    expect(info.problem).toStartWith("The licence that is installed was not signed by the authority");
    expect(license.current(instance)).toBeDefined();
  });

  test("no longer counts when it was changed in the file", () => {
    const instance = anInstance();
    license.init(instance, { by });
    const text = findSetting(instance.db, "license") as string;
    setSetting(instance.db, "license", text.replace(/^./, "f"));
    expect(license.current(instance)).toBeUndefined();
    expect(license.show(instance).problem).toBeDefined();
  });

  test("no longer counts when the key file is broken, which stops nothing else", () => {
    const instance = anInstance();
    license.init(instance, { by });
    const keys: Keys = {
      ...instance.keys,
      license: () => {
        throw new Error("/secret/path does not hold a key");
      },
    };
    const broken: TestInstance = { ...instance, keys };
    expect(license.current(broken)).toBeUndefined();
    expect(license.show(broken)).toMatchObject({ status: "none", authority: "own" });
    for (const act of [
      () => license.init(broken, { by }),
      () => license.issue(broken, { by, holder: "Bob" }),
    ]) {
      const { reason, message } = refusalOf(act);
      expect(reason).toBe("conflict");
      expect(message).not.toContain("/secret/path");
    }
  });
});

describe("remove", () => {
  test("takes the licence away and says so", () => {
    const instance = anInstance();
    const id = license.init(instance, { by, holder: "Ada" }).license?.id;
    instance.heard.length = 0;
    expect(license.remove(instance, { by })).toMatchObject({ status: "none", authority: "own" });
    expect(instance.heard).toEqual([{ kind: "license", license: undefined }]);
    expect(deeds(instance).at(-1)).toEqual({
      actorKind: "command",
      action: "license.removed",
      details: { id, holder: "Ada" },
    });
  });

  test("takes away one that does not count", () => {
    const instance = anInstance();
    setSetting(instance.db, "license", "nonsense");
    license.remove(instance, { by });
    expect(findSetting(instance.db, "license")).toBeUndefined();
  });

  test("of nothing is refused", () => {
    expect(refusalOf(() => license.remove(anInstance(), { by })).reason).toBe("not_found");
  });
});
