/**
 * The kill switch of multi-tenancy. The flag in the environment wins; while it is on, an operator can
 * switch off and on again, and that is kept, so that a crash does not undo it.
 */
import { and, eq, ne } from "drizzle-orm";
import { org as orgTable } from "../../db/instance/orgs.ts";
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Instance } from "./instance.ts";
import { findSetting, setSetting } from "./settings.ts";

export interface MultiTenantStatus {
  /** Both below. */
  enabled: boolean;
  /** `PULSE_MULTI_TENANT_ENABLED`. */
  environment: boolean;
  switch: "on" | "off";
}

export function multiTenantStatus({ db, multiTenantAllowed }: Instance): MultiTenantStatus {
  const isOn = findSetting(db, "multi_tenant_switch") !== "off";
  return {
    enabled: multiTenantAllowed && isOn,
    environment: multiTenantAllowed,
    switch: isOn ? "on" : "off",
  };
}

/** Answered when every org but `default` has written, closed and is refused; or may be asked again. */
export async function switchMultiTenant(
  instance: Instance,
  { by, on }: { by: By; on: boolean },
): Promise<MultiTenantStatus> {
  const before = multiTenantStatus(instance);
  if (on && !before.environment)
    throw new DomainError(
      "conflict",
      "PULSE_MULTI_TENANT_ENABLED is false in the environment, which wins: set it to true and restart.",
    );
  if (on !== (before.switch === "on")) {
    instance.write(() => {
      setSetting(instance.db, "multi_tenant_switch", on ? undefined : "off");
      const action = on ? "multi_tenant.switched_on" : "multi_tenant.switched_off";
      record(instance.db, instance.clock(), { by, action });
      instance.announce([{ kind: "multi_tenant_switch", on }]);
    });
  }
  /* In the tick of the commit: actors hear of switchings in the order in which they were kept. */
  if (on) await instance.actors.admit(activeOrgs(instance));
  else await instance.actors.halt("all");
  return multiTenantStatus(instance);
}

/** For the edge. */
export function entries({ db }: Instance): DirectoryChange[] {
  return [{ kind: "multi_tenant_switch", on: findSetting(db, "multi_tenant_switch") !== "off" }];
}

/** Suspended and deleted ones stay halted. */
function activeOrgs({ db }: Instance): OrgId[] {
  const isActive = and(eq(orgTable.state, "active"), ne(orgTable.id, DEFAULT_ORG));
  const rows = db.orm.select({ id: orgTable.id }).from(orgTable).where(isActive).all();
  return rows.map(({ id }) => OrgId.parse(id));
}
