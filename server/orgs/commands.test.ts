import { expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import * as commands from "./commands.ts";

function furnished() {
  const instance = testInstance();
  instance.addPerson("alice@example.org");
  const { org } = commands.create(instance, { slug: "acme", owner: "Alice@Example.org" });
  return { instance, org };
}

test("one is made for a person named by address; without a name it is called like its short name", () => {
  const { instance, org } = furnished();
  expect(org).toMatchObject({ slug: "acme", name: "acme" });
  expect(commands.list(instance).orgs).toContainEqual({ ...org, members: 1, owner: "alice@example.org" });
  expect(instance.db.rows("select actor_kind from audit")).toEqual([{ actor_kind: "command" }]);
});

test("id and short name mean the same", async () => {
  const { instance, org } = furnished();
  expect(commands.rename(instance, { org: org.id, name: "ACME" }).org.name).toBe("ACME");
  expect(commands.rename(instance, { org: "acme", slug: "acme-2" }).org.slug).toBe("acme-2");
  expect((await commands.suspend(instance, { org: "acme-2" })).org.state).toBe("suspended");
  expect((await commands.resume(instance, { org: org.id })).org.state).toBe("active");
  await commands.remove(instance, { org: "acme-2" });
  expect((await commands.restore(instance, { org: "acme-2" })).org.state).toBe("active");
  await commands.remove(instance, { org: "acme-2" });
  expect(await commands.purge(instance, { org: "acme-2" })).toEqual({ purged: true });
});

test("what cannot be is refused in words that say why", () => {
  const { instance } = furnished();
  const create = (slug: string, more = {}) => {
    return () => commands.create(instance, { slug, owner: "alice@example.org", ...more });
  };
  expect(create("A B")).toThrow("The short name has lower-case letters");
  expect(create("admin")).toThrow("The short name is reserved.");
  expect(create("x".repeat(41))).toThrow("The short name must have at most 40 characters.");
  expect(create("gamma", { name: "" })).toThrow("The name must not be empty.");
  expect(create("gamma", { owner: "nobody@example.org" })).toThrow(
    "There is nobody with this e-mail address.",
  );
  expect(create("gamma", { maxOrgs: 1 })).toThrow("The licence allows 1, and 1 are there.");
  expect(() => commands.rename(instance, { org: "nowhere", name: "X" })).toThrow(
    'There is no organization "nowhere".',
  );
  expect(() => commands.rename(instance, { org: "default", name: "X" })).toThrow(
    expect.objectContaining({ reason: "default_org_immutable" }),
  );
});

test("switched off, every one answers the same", () => {
  const instance = testInstance({ multiTenantAllowed: false });
  const org = "acme";
  const calls = [
    () => commands.list(instance),
    () => commands.create(instance, { slug: "A B", owner: "nobody" }),
    () => commands.rename(instance, { org, name: "" }),
    () => commands.suspend(instance, { org }),
    () => commands.resume(instance, { org }),
    () => commands.remove(instance, { org }),
    () => commands.restore(instance, { org }),
    () => commands.purge(instance, { org }),
  ];
  for (const call of calls)
    expect(call).toThrow(
      expect.objectContaining({ reason: "feature_disabled", message: "This feature is not available." }),
    );
});
