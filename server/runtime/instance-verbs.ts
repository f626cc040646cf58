import * as agents from "../agents/agents.ts";
import * as auditList from "../audit/list.ts";
import { note } from "../audit/note.ts";
import type { By } from "../contract/audit.ts";
import type { UserId } from "../contract/ids.ts";
import { licenseStatus } from "../contract/license.ts";
import { type Once, once } from "../instance/idempotency.ts";
import type { Instance } from "../instance/instance.ts";
import { multiTenantStatus, switchMultiTenant } from "../instance/switch.ts";
import { DomainError } from "../lib/domain-error.ts";
import * as license from "../licensing/license.ts";
import * as orgCommands from "../orgs/commands.ts";
import * as invitations from "../orgs/invitations.ts";
import * as lifecycle from "../orgs/lifecycle.ts";
import * as members from "../orgs/members.ts";
import * as ownership from "../orgs/ownership.ts";
import * as shares from "../orgs/shares.ts";
import * as accounts from "../people/accounts.ts";
import * as storedSessions from "../people/stored-sessions.ts";
import * as tokens from "../tokens/tokens.ts";
import { directory, facts, join, memberLimits, setupLink } from "./instance-runtime.ts";

/** Everything that can be asked of the instance. The edge's calls are typed from this. */
export const instanceVerbs = {
  people: {
    setup: accounts.setup,
    verify: accounts.verify,
    changePassword: accounts.changePassword,
    list: accounts.list,
    create: accounts.create,
    resetPassword: accounts.resetPassword,
    disable: accounts.disable,
  },
  sessions: { store: storedSessions.store, extend: storedSessions.extend, end: storedSessions.end },
  orgs: {
    create: doneOnce(lifecycle.create),
    update: lifecycle.update,
    remove: lifecycle.remove,
    restore: lifecycle.restore,
    suspend: lifecycle.suspend,
    resume: lifecycle.resume,
    purge: lifecycle.purge,
    setLimits: lifecycle.setLimits,
    setCreation: lifecycle.setCreation,
    markPolled: lifecycle.markPolled,
  },
  members: {
    list: members.list,
    setRole: members.setRole,
    remove: members.remove,
    leave: members.leave,
  },
  invitations: {
    invite: doneOnce(invitations.invite),
    list: invitations.list,
    revoke: invitations.revoke,
    preview: invitations.preview,
    inbox: invitations.inbox,
    accept: (instance: Instance, input: { by: By; userId: UserId; code: string }) =>
      invitations.accept(instance, { ...input, memberLimitOf: memberLimits(instance) }),
    decline: invitations.decline,
    join,
  },
  ownership: { transfer: ownership.transfer },
  shares: {
    create: doneOnce(shares.create),
    list: shares.list,
    incoming: shares.incoming,
    accept: shares.accept,
    decline: shares.decline,
    remove: shares.remove,
  },
  tokens: {
    create: doneOnce(tokens.create),
    list: tokens.list,
    revoke: tokens.revoke,
    noteUse: tokens.noteUse,
  },
  agents: {
    enroll: doneOnce(agents.enroll),
    enrolWith: agents.enrolWith,
    begun: agents.begun,
    revoke: agents.revoke,
    list: agents.list,
  },
  audit: { list: auditList.list, note },
  license: {
    show: license.show,
    init: license.init,
    issue: license.issue,
    install: license.install,
    remove: license.remove,
  },
  multiTenant: { status: multiTenantStatus, switch: switchMultiTenant },
  orgCommands: {
    ...orgCommands,
    create: (instance: Instance, input: Parameters<typeof orgCommands.create>[1]) =>
      orgCommands.create(instance, { ...input, maxOrgs: licensedOrgs(instance) }),
  },
  tokenCommands: {
    create: tokens.commandCreate,
    list: tokens.commandList,
    revoke: tokens.commandRevoke,
  },
  system: { directory, setupLink, facts },
};

export type InstanceVerbs = typeof instanceVerbs;

/**
 * How many the licence allows. Who is their own authority may begin before they license themselves;
 * under somebody else's there is nothing without a licence that counts now.
 */
function licensedOrgs(instance: Instance): number | undefined {
  const found = license.current(instance);
  const counts = licenseStatus(found, instance.clock()) !== "expired";
  if (instance.pinnedLicenseKey !== undefined && !(counts && found?.features.includes("multi_tenant")))
    throw new DomainError("license_required", "This feature needs a licence.");
  return found?.limits.orgs;
}

/** A verb that creates something: sent twice under one key it is done once, and answered twice. */
function doneOnce<Input extends object, Output>(
  verb: (instance: Instance, input: Input) => Output,
): (instance: Instance, input: Input & { once?: Once }) => Output {
  return (instance, { once: asked, ...rest }) => {
    const make = () => verb(instance, rest as unknown as Input);
    return asked ? once(instance, asked, make).answer : make();
  };
}
