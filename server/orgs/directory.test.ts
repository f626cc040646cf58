import { expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import { entries } from "./directory.ts";
import * as lifecycle from "./lifecycle.ts";

const by = { kind: "command" } as const;

test("what the edge is told at the start is what it heard along the way", async () => {
  const instance = testInstance();
  const { now } = instance.time;
  const owner = instance.addPerson("alice@example.org");
  const { org } = lifecycle.create(instance, { by, owner, slug: "acme", name: "Acme" });
  lifecycle.update(instance, { by, orgId: org.id, change: { primaryDomain: "acme.example.org" } });
  lifecycle.setLimits(instance, { by, orgId: org.id, limits: { members: 3 } });
  lifecycle.setCreation(instance, { by, open: true });
  await lifecycle.remove(instance, { by, orgId: org.id });
  const told = entries(instance);
  expect(told).toEqual([
    {
      kind: "org",
      org: { id: DEFAULT_ORG, slug: "default", name: "default", state: "active", createdAt: now, limits: {} },
    },
    {
      kind: "org",
      org: {
        id: org.id,
        slug: "acme",
        name: "Acme",
        primaryDomain: "acme.example.org",
        state: "deleted",
        createdAt: now,
        deletedAt: now,
        limits: { members: 3 },
      },
    },
    { kind: "member", member: { orgId: org.id, userId: owner, role: "owner", since: now } },
    { kind: "org_creation", open: true },
  ]);
  for (const change of told.slice(1)) {
    const last = instance.heard.findLast(({ kind }) => kind === change.kind);
    expect(last).toEqual(change);
  }
});
