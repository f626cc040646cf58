import { expect, test } from "bun:test";
import { type TestInstance, testInstance } from "../../tests/support/test-instance.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import { entries, type MultiTenantStatus, multiTenantStatus, switchMultiTenant } from "./switch.ts";

const by = { kind: "command" } as const;
const actions = ({ db }: TestInstance) => db.rows("select action from audit order by seq");

test.each<[boolean, "on" | "off", MultiTenantStatus]>([
  [true, "on", { environment: true, switch: "on", enabled: true }],
  [true, "off", { environment: true, switch: "off", enabled: false }],
  [false, "on", { environment: false, switch: "on", enabled: false }],
  [false, "off", { environment: false, switch: "off", enabled: false }],
])("with the flag %p and the switch %s", async (multiTenantAllowed, position, status) => {
  const instance = testInstance({ multiTenantAllowed });
  expect(entries(instance)).toEqual([{ kind: "multi_tenant_switch", on: true }]);
  if (position === "off") await switchMultiTenant(instance, { by, on: false });
  expect(multiTenantStatus(instance)).toEqual(status);
  expect(entries(instance)).toEqual([{ kind: "multi_tenant_switch", on: position === "on" }]);
});

test("off: kept, told and audited before the actors are halted, all but the first", async () => {
  const instance = testInstance();
  const heardWhenHalted: unknown[] = [];
  const actors = {
    ...instance.actors,
    async halt(orgs: unknown) {
      heardWhenHalted.push(orgs, ...instance.heard);
    },
  };
  const status = await switchMultiTenant({ ...instance, actors }, { by, on: false });
  expect(status).toEqual({ environment: true, switch: "off", enabled: false });
  expect(heardWhenHalted).toEqual(["all", { kind: "multi_tenant_switch", on: false }]);
  expect(actions(instance)).toEqual([{ action: "multi_tenant.switched_off" }]);
});

test("on: only active ones are admitted again", async () => {
  const instance = testInstance();
  const owner = instance.addPerson("alice@example.org");
  const acme = instance.addOrg({ slug: "acme", owner });
  for (const slug of ["suspended", "deleted"]) {
    const id = instance.addOrg({ slug, owner });
    instance.db.execute(`update org set state = '${slug}' where id = '${id}'`);
  }
  await switchMultiTenant(instance, { by, on: false });
  await switchMultiTenant(instance, { by, on: true });
  expect(instance.asked).toEqual(["halt all", `admit ${acme}`]);
  expect(instance.asked[1]).not.toContain(DEFAULT_ORG);
  expect(instance.heard.map((change) => change.kind === "multi_tenant_switch" && change.on)).toEqual([
    false,
    true,
  ]);
});

test("what is so already is answered, and neither audited nor told again", async () => {
  const instance = testInstance();
  await switchMultiTenant(instance, { by, on: true });
  await switchMultiTenant(instance, { by, on: false });
  await switchMultiTenant(instance, { by, on: false });
  expect(actions(instance)).toEqual([{ action: "multi_tenant.switched_off" }]);
  expect(instance.heard).toHaveLength(1);
});

test("of two at once, the actors end as the switch does", async () => {
  const instance = testInstance();
  await switchMultiTenant(instance, { by, on: false });
  instance.asked.length = 0;
  const both = [true, false].map((on) => switchMultiTenant(instance, { by, on }));
  await Promise.all(both);
  expect(multiTenantStatus(instance).switch).toBe("off");
  expect(instance.asked.at(-1)).toBe("halt all");
});

test("the environment wins: on is refused and changes nothing", async () => {
  const instance = testInstance({ multiTenantAllowed: false });
  await switchMultiTenant(instance, { by, on: false });
  await expect(switchMultiTenant(instance, { by, on: true })).rejects.toThrow(
    expect.objectContaining({
      reason: "conflict",
      message: expect.stringContaining("PULSE_MULTI_TENANT_ENABLED is false in the environment"),
    }),
  );
  expect(multiTenantStatus(instance).switch).toBe("off");
  expect(actions(instance)).toEqual([{ action: "multi_tenant.switched_off" }]);
});
