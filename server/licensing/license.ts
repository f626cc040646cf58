/**
 * The licence of this instance: whose signatures count, and which licence is installed. Only the text
 * that was handed over is stored; what it says is believed after its signature has been checked, each
 * time anew, because the authority may be another one by then.
 */
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import {
  type InstallLicenseInput,
  type IssueLicenseInput,
  LICENSE_GRACE_MS,
  type LicenseInfo,
  LicensePayload,
  licenseStatus,
} from "../contract/license.ts";
import type { Instance } from "../instance/instance.ts";
import { findSetting, setSetting } from "../instance/settings.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId } from "../lib/random-id.ts";
import { makeLicenseKeys, type ReadLicense, readLicense, signLicense } from "./license-token.ts";

const MULTI_TENANT = "multi_tenant";
const SELF_LICENSED = "whoever runs this instance";

interface Authority {
  kind: LicenseInfo["authority"];
  publicKeys: string[];
}

/** Names this instance to whoever issues licences. Minted once, the first time somebody asks. */
export function ensureInstanceId(instance: Instance): string {
  const known = findSetting(instance.db, "instance_id");
  if (known !== undefined) return known;
  return instance.write(() => {
    const id = mintId("n");
    setSetting(instance.db, "instance_id", id);
    return id;
  });
}

export function show(instance: Instance): LicenseInfo {
  const { kind: authority } = authorityOf(instance);
  const instanceId = ensureInstanceId(instance);
  const installed = readInstalled(instance);
  if (!installed) return { status: "none", authority, instanceId };
  if ("refused" in installed) {
    return {
      status: "none",
      authority,
      instanceId,
      problem: `The licence that is installed ${installed.refused}.`,
    };
  }
  const { license } = installed;
  return {
    status: licenseStatus(license, instance.clock()),
    license,
    ...(license.expiresAt !== undefined && { graceEndsAt: license.expiresAt + LICENSE_GRACE_MS }),
    authority,
    instanceId,
  };
}

/** Makes this instance its own authority and gives it a licence without limits or end. */
export function init(instance: Instance, { by, holder }: { by: By; holder?: string }): LicenseInfo {
  if (instance.pinnedLicenseKey !== undefined) {
    throw new DomainError(
      "conflict",
      "This instance trusts an outside authority (PULSE_LICENSE_PUBLIC_KEY); install a licence signed by it.",
    );
  }
  let keys = ownKeys(instance);
  if (!keys) {
    keys = makeLicenseKeys();
    instance.keys.writeLicense(keys);
  }
  const license = newLicense(instance, { holder: holder ?? SELF_LICENSED });
  store(instance, by, license, signLicense(license, keys.privateKey));
  return show(instance);
}

/** A licence for this or another instance, signed with this one's own key. */
export function issue(
  instance: Instance,
  { by, ...wanted }: { by: By } & IssueLicenseInput,
): { license: string } {
  const keys = ownKeys(instance);
  if (!keys) {
    throw new DomainError(
      "conflict",
      instance.pinnedLicenseKey === undefined
        ? 'There is no licence key to sign with yet; "pulse license init" makes one.'
        : "There is no licence key to sign with: this instance trusts an outside authority, which issues its licences.",
    );
  }
  const license = newLicense(instance, wanted);
  const text = signLicense(license, keys.privateKey);
  const { id, holder, expiresAt } = license;
  instance.write(() =>
    record(instance.db, instance.clock(), {
      by,
      action: "license.issued",
      details: { id, holder, ...(expiresAt !== undefined && { expiresAt }) },
    }),
  );
  return { license: text };
}

export function install(instance: Instance, input: { by: By } & InstallLicenseInput): LicenseInfo {
  const now = instance.clock();
  const text = input.license.trim();
  const read = verified(instance, text, now);
  if ("refused" in read) throw refusal(read.refused);
  if (licenseStatus(read.license, now) === "expired") {
    throw refusal(`ended on ${new Date(read.license.expiresAt as number).toISOString().slice(0, 10)}`);
  }
  store(instance, input.by, read.license, text);
  return show(instance);
}

/** Nothing is deleted but the licence itself. */
export function remove(instance: Instance, { by }: { by: By }): LicenseInfo {
  instance.write(() => {
    if (findSetting(instance.db, "license") === undefined) {
      throw new DomainError("not_found", "There is no licence to remove.");
    }
    const installed = readInstalled(instance);
    const license = installed && "license" in installed ? installed.license : undefined;
    setSetting(instance.db, "license", undefined);
    record(instance.db, instance.clock(), {
      by,
      action: "license.removed",
      details: license ? { id: license.id, holder: license.holder } : {},
    });
    instance.announce([{ kind: "license", license: undefined }]);
  });
  return show(instance);
}

/** The licence that counts by its signature; whether it has ended is for `licenseStatus`. */
export function current(instance: Instance): LicensePayload | undefined {
  const installed = readInstalled(instance);
  return installed && "license" in installed ? installed.license : undefined;
}

/** For the edge. */
export function entries(instance: Instance): DirectoryChange[] {
  return [{ kind: "license", license: current(instance) }];
}

function readInstalled(instance: Instance): ReadLicense | undefined {
  const text = findSetting(instance.db, "license");
  return text === undefined ? undefined : verified(instance, text, undefined);
}

function verified(instance: Instance, text: string, now: number | undefined): ReadLicense {
  const { kind, publicKeys } = authorityOf(instance);
  if (kind === "none") {
    return {
      refused: 'cannot be checked: no authority is trusted here yet ("pulse license init" makes one)',
    };
  }
  return readLicense(text, publicKeys, {
    instanceId: ensureInstanceId(instance),
    ...(now !== undefined && { now }),
  });
}

/** A pinned key alone, even one that cannot be used: there is nothing to fall back to. */
function authorityOf(instance: Instance): Authority {
  if (instance.pinnedLicenseKey !== undefined) {
    return { kind: "pinned", publicKeys: [instance.pinnedLicenseKey] };
  }
  try {
    const own = ownKeys(instance);
    return own ? { kind: "own", publicKeys: [own.publicKey] } : { kind: "none", publicKeys: [] };
  } catch {
    /* A broken key file ends the licence, not the whole instance. */
    return { kind: "own", publicKeys: [] };
  }
}

function ownKeys(instance: Instance): { privateKey: string; publicKey: string } | undefined {
  try {
    return instance.keys.license();
  } catch (cause) {
    throw new DomainError(
      "conflict",
      "The licence key in the folder keys of the data directory cannot be used; put back the right one.",
      { cause },
    );
  }
}

function newLicense(
  instance: Instance,
  { holder, orgs, membersPerOrg, expiresAt, instance: only }: IssueLicenseInput,
): LicensePayload {
  const issuedAt = instance.clock();
  if (expiresAt !== undefined && expiresAt <= issuedAt) {
    throw new DomainError("invalid_request", "A licence ends in the future.", {
      fields: { expiresAt: "is in the past" },
    });
  }
  const parsed = LicensePayload.safeParse({
    id: mintId("l"),
    holder: holder.trim(),
    features: [MULTI_TENANT],
    limits: { orgs, membersPerOrg },
    issuedAt,
    expiresAt,
    instance: only,
  });
  if (parsed.success) return parsed.data;
  const field = String(parsed.error.issues[0]?.path.at(-1));
  throw new DomainError("invalid_request", "This is not what a licence can say.", {
    fields: { [field]: "is not valid" },
  });
}

function store(instance: Instance, by: By, license: LicensePayload, text: string): void {
  instance.write(() => {
    setSetting(instance.db, "license", text);
    record(instance.db, instance.clock(), {
      by,
      action: "license.installed",
      details: { id: license.id, holder: license.holder },
    });
    instance.announce([{ kind: "license", license }]);
  });
}

function refusal(words: string): DomainError {
  return new DomainError("invalid_request", `This licence ${words}.`, { fields: { license: words } });
}
