import { expect, test } from "bun:test";
import { findBackups } from "./backup-match.ts";
import { ResourceId } from "./ids.ts";
import type { Resource } from "./resource.ts";

const id = (letter: string) => ResourceId.parse(`r${letter.repeat(19)}`);

function resource(kind: Resource["kind"], name: string, more: Partial<Resource>): Resource {
  return {
    id: id("a"),
    kind,
    name,
    status: "up",
    sources: [],
    lastSeenAt: 0,
    attributes: {},
    metrics: {},
    ...more,
  };
}

const [rack, office] = ["rack", "office"] as const;

const guest = resource("vm", "web", { sources: [rack], attributes: { guest_id: 100 } });
const storage = (cluster: string, more: Record<string, unknown> = {}) =>
  resource("storage", "pbs", {
    sources: [cluster],
    attributes: {
      pbs_server: "backup.example.org",
      pbs_datastore: "main",
      pbs_namespace: "rack",
      pbs_user: "pve@pbs!rack",
      ...more,
    },
  });
const main = resource("datastore", "main", {
  id: id("d"),
  attributes: { pbs_server: "backup.example.org", pbs_fingerprint: "aa" },
});
const group = (more: Record<string, unknown> = {}, parentId = main.id) =>
  resource("backup", "vm/100", {
    id: id("g"),
    parentId,
    attributes: { backup_type: "vm", backup_id: "100", namespace: "rack", owner: "pve@pbs!rack", ...more },
  });

const found = (...resources: Resource[]) => findBackups(guest, [main, ...resources]).length;

test("a guest's backups are found where its cluster puts them", () => {
  const own = group();
  expect(findBackups(guest, [own, main, storage(rack)])).toEqual([own]);
});

test("the same number elsewhere is another guest", () => {
  expect(found(storage(rack), group({ namespace: "" }))).toBe(0);
  expect(found(storage(rack), group({ namespace: "rack/old" }))).toBe(0);
  expect(found(storage(rack), group({ owner: "pve@pbs!office" }))).toBe(0);
  expect(found(storage(rack), group({ owner: "pve@pbs" }))).toBe(0);
  expect(found(storage(rack), group({ backup_type: "ct" }))).toBe(0);
  expect(found(storage(rack), group({ backup_id: "1001" }))).toBe(0);
  expect(found(storage(rack, { pbs_datastore: "other" }), group())).toBe(0);
});

test("a storage of another cluster says nothing about this one", () => {
  expect(found(storage(office), group())).toBe(0);
  expect(found(group())).toBe(0);
});

test("a user's backups include those its tokens made, and no namesake's", () => {
  expect(found(storage(rack, { pbs_user: "pve@pbs" }), group())).toBe(1);
  expect(found(storage(rack, { pbs_user: "pve@pb" }), group())).toBe(0);
});

test("the certificate tells servers apart, and the name where no certificate is known", () => {
  expect(found(storage(rack, { pbs_fingerprint: "aa", pbs_server: "192.0.2.1" }), group())).toBe(1);
  expect(found(storage(rack, { pbs_fingerprint: "bb" }), group())).toBe(0);
  expect(found(storage(rack, { pbs_server: "elsewhere" }), group())).toBe(0);
});

test("a container's backups are its own, and a machine has none there", () => {
  const container = { ...guest, kind: "lxc" as const };
  const all = [main, storage(rack), group(), group({ backup_type: "ct" })];
  expect(findBackups(container, all).map(({ attributes }) => attributes.backup_type)).toEqual(["ct"]);
  expect(findBackups({ ...guest, kind: "host" }, all)).toEqual([]);
});
