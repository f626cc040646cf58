import { describe, expect, test } from "bun:test";
import {
  type FakeProxmoxOptions,
  fakeProxmox,
  type Grants,
  TOKEN_SECRET,
} from "../../tests/support/fake-proxmox.ts";
import { ReportedResource } from "../contract/report.ts";
import { Egress } from "../lib/egress.ts";
import schema from "./proxmox-backup/captured/api-schema.json";
import backup3 from "./proxmox-backup/captured/backup-3.json";
import backup4 from "./proxmox-backup/captured/backup-4.json";
import { createProxmoxBackupCollector, testProxmoxBackup } from "./proxmox-backup.ts";

/** When the captured answers were given. */
const NOW = 1_795_462_000_000;

const AUDIT: Grants = { "/": ["Sys.Audit", "Datastore.Audit"] };

const filter: FakeProxmoxOptions["filter"] = ({ path, may }, data) => {
  if (path !== "/status/datastore-usage") return data;
  return (data as { store: string }[]).filter(({ store }) => may(`/datastore/${store}`, "Datastore.Audit"));
};

function fakeBackup(answers: Record<string, unknown>, grants: Grants = AUDIT) {
  return fakeProxmox({
    product: "backup",
    schema: schema as FakeProxmoxOptions["schema"],
    answers,
    grants,
    filter,
  });
}

type Fake = ReturnType<typeof fakeBackup>;

const egress = new Egress({ allow: ["127.0.0.0/8"], reach: "lan" });

function optionsFor(fake: Fake, clock = { now: NOW }) {
  return {
    config: { url: fake.url, tokenId: fake.tokenId, fingerprint: fake.fingerprint256 },
    secrets: { tokenSecret: TOKEN_SECRET },
    egress,
    now: () => clock.now,
  };
}

const byKey = (resources: ReportedResource[]) =>
  Object.fromEntries(resources.map((resource) => [resource.key, resource])) as Record<
    string,
    ReportedResource
  >;

test("a server of release 3 is told as it is, from the first collection on", async () => {
  await using fake = fakeBackup(backup3);
  const resources = await createProxmoxBackupCollector(optionsFor(fake)).collect();
  for (const resource of resources) ReportedResource.parse(resource);
  const keys = resources.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const { parent } of resources) if (parent) expect(keys).toContain(parent);
  const all = byKey(resources);

  expect(all.host).toMatchObject({
    kind: "host",
    name: "backup1",
    status: "up",
    attributes: {
      pbs_version: "3.2-7",
      kernel: "6.8.12-2-pve",
      cpu_count: 4,
      failed_tasks: [
        {
          type: "verificationjob",
          about: "main:v-1",
          by: "root@pam",
          ended_at: 1_795_459_000_000,
          error: "verification failed - please check the log for details",
        },
      ],
    },
    metrics: { cpu_percent: 3.12, load1: 0.1, memory_used_percent: 18.28, failed_tasks: 1 },
  });
  expect(all["host/filesystem//"]?.metrics.filesystem_used_percent).toBe(21.05);
  expect(all["datastore/main"]).toEqual({
    kind: "datastore",
    key: "datastore/main",
    parent: "host",
    name: "main",
    status: "degraded",
    attributes: {
      problem: "The last verification v-1 failed: verification failed - please check the log for details",
      mount: "nonremovable",
      pbs_server: "127.0.0.1",
      pbs_fingerprint: fake.fingerprint256,
      verified_at: 1_795_459_000_000,
      collected_at: 1_795_454_800_000,
    },
    metrics: {
      storage_total_bytes: 4_000_000_000_000,
      storage_used_bytes: 3_000_000_000_000,
      storage_available_bytes: 1_000_000_000_000,
      storage_used_percent: 75,
      full_in_seconds: 2_592_000,
      deduplication_factor: 49.76,
      garbage_pending_bytes: 10_715_476_825,
      damaged_chunks: 0,
      backup_groups: 4,
      damaged_backups: 2,
    },
  });
  // What the line through the last month says of a datastore that is not filling up is no date.
  expect(all["datastore/offsite"]).toMatchObject({
    status: "degraded",
    attributes: { problem: "2 damaged chunks: backups that use them are damaged." },
  });
  expect(all["datastore/offsite"]?.metrics).not.toHaveProperty("full_in_seconds");
  expect(all["datastore/usb"]).toMatchObject({ status: "unknown", metrics: {} });
  expect(all["datastore/broken"]).toMatchObject({ status: "down", metrics: {} });
  expect(all["datastore/broken"]?.attributes.problem).toStartWith(
    "The datastore cannot be used: unable to open",
  );
});

test("every group of backups is known by datastore, namespace, type, id and owner", async () => {
  await using fake = fakeBackup(backup3);
  const all = byKey(await createProxmoxBackupCollector(optionsFor(fake)).collect());
  expect(all["datastore/main/backup/rack/vm/100"]).toEqual({
    kind: "backup",
    key: "datastore/main/backup/rack/vm/100",
    parent: "datastore/main",
    name: "vm/100",
    status: "degraded",
    attributes: {
      problem: "1 of the backups were found damaged when they were verified.",
      backup_type: "vm",
      backup_id: "100",
      namespace: "rack",
      owner: "pve@pbs!rack",
      comment: "web",
      backup_at: 1_795_458_400_000,
      backup_verified: "ok",
      encrypted: false,
    },
    metrics: {
      backup_age_seconds: 3_600,
      backup_count: 2,
      backup_size_bytes: 34_359_738_999,
      damaged_backups: 1,
    },
  });
  // The same number in another namespace, of another owner, is another guest.
  expect(all["datastore/main/backup//vm/100"]?.attributes).toMatchObject({
    namespace: "",
    owner: "other@pbs!cluster2",
    comment: "somebody else's",
  });
  expect(all["datastore/main/backup//host/laptop"]).toMatchObject({
    status: "up",
    attributes: { comment: "the laptop", encrypted: true },
  });
  expect(all["datastore/main/backup/rack/ct/200"]).toMatchObject({
    status: "degraded",
    attributes: { problem: "The newest backup was found damaged when it was verified." },
  });
});

test("release 4, and a kind of backup that is not known, are read all the same", async () => {
  await using fake = fakeBackup(backup4);
  const resources = await createProxmoxBackupCollector(optionsFor(fake)).collect();
  for (const resource of resources) ReportedResource.parse(resource);
  expect(resources.map(({ key, status }) => [key, status])).toEqual([
    ["host", "up"],
    ["host/filesystem//", "up"],
    ["datastore/s3", "up"],
    ["datastore/s3/backup//vm/7", "up"],
  ]);
  expect(resources[0]?.name).toBe("127.0.0.1");
  expect(resources[0]?.metrics).not.toHaveProperty("swap_total_bytes");
});

test("the backups of a group are listed again when it has a new one, and else hours later", async () => {
  await using fake = fakeBackup(backup4);
  const clock = { now: NOW };
  const collector = createProxmoxBackupCollector(optionsFor(fake, clock));
  const listings = async (hours: number) => {
    let count = 0;
    for (let tenth = 0; tenth < hours * 6; tenth++) {
      await collector.collect();
      clock.now += 600_000;
      count += fake.takeAsked().filter((one) => one.includes("/snapshots")).length;
    }
    return count;
  };
  expect(await listings(2)).toBe(1);
  const groups = fake.answers["/admin/datastore/s3/groups"] as { "last-backup": number }[];
  const snapshots = fake.answers["/admin/datastore/s3/snapshots?backup-id=7"] as { "backup-time": number }[];
  for (const group of groups) group["last-backup"] = clock.now / 1000;
  for (const snapshot of snapshots) snapshot["backup-time"] = clock.now / 1000;
  expect(await listings(0.5)).toBe(1);
  expect(await listings(9)).toBe(1);
});

test("what cannot be read takes nothing else with it", async () => {
  await using fake = fakeBackup(backup3);
  const answers = [
    () => new Response("", { status: 500 }),
    () => Response.json({ data: null }),
    () => Response.json({ data: [null, 1, { store: 5 }, { "backup-type": "vm" }] }),
    () => new Response("[", { status: 200 }),
  ];
  for (const answer of answers) {
    for (const key of Object.keys(backup3)) {
      const path = key.replace(/\?.*/, "");
      if (path !== "/status/datastore-usage") fake.override(path, answer);
    }
    const resources = await createProxmoxBackupCollector(optionsFor(fake)).collect();
    for (const resource of resources) ReportedResource.parse(resource);
    expect(resources.map(({ key }) => key)).toEqual([
      "host",
      "datastore/main",
      "datastore/offsite",
      "datastore/usb",
      "datastore/broken",
    ]);
  }
});

test("a token for one datastore sees that one, and is told what it lacks for the rest", async () => {
  await using fake = fakeBackup(backup3, { "/datastore/main": ["Datastore.Audit"] });
  const resources = await createProxmoxBackupCollector(optionsFor(fake)).collect();
  const all = byKey(resources);
  expect(resources.filter(({ kind }) => kind === "datastore").map(({ name }) => name)).toEqual(["main"]);
  expect(all.host?.attributes.missing_privileges).toEqual([
    "Sys.Audit on /system (the machine and its tasks)",
  ]);
  expect(resources.filter(({ kind }) => kind === "backup")).toHaveLength(4);
});

test("a server of a thousand groups is asked for few of their backups at a time", async () => {
  const groups = Array.from({ length: 1_000 }, (_, index) => ({
    "backup-type": "vm",
    "backup-id": String(100 + index),
    "last-backup": NOW / 1000 - index,
    "backup-count": 3,
    owner: "pve@pbs",
  }));
  await using fake = fakeBackup({
    ...backup4,
    "/admin/datastore/s3/groups": groups,
    "/admin/datastore/s3/snapshots": backup4["/admin/datastore/s3/snapshots?backup-id=7"],
  });
  const clock = { now: NOW };
  const collector = createProxmoxBackupCollector(optionsFor(fake, clock));
  for (let minute = 0; minute < 4; minute++) {
    const resources = await collector.collect();
    expect(resources.filter(({ kind }) => kind === "backup")).toHaveLength(1_000);
    expect(fake.takeAsked().length).toBeLessThanOrEqual(45);
    clock.now += 60_000;
  }
  expect(fake.mostAtOnce).toBeLessThanOrEqual(4);
});

describe("the test of a source", () => {
  test("says what is found", async () => {
    await using fake = fakeBackup(backup3, { "/": ["Datastore.Audit"] });
    expect(await testProxmoxBackup(optionsFor(fake))).toEqual({
      version: "3.2-7",
      datastores: 4,
      missingPrivileges: ["Sys.Audit on /system (the machine and its tasks)"],
      fingerprint: fake.fingerprint256.toUpperCase().match(/../g)?.join(":") as string,
    });
  });

  test("says in one sentence why it failed", async () => {
    await using fake = fakeBackup(backup3);
    const options = optionsFor(fake);
    const wrong = { ...options, secrets: { tokenSecret: "00000000-0000-0000-0000-000000000000" } };
    await expect(testProxmoxBackup(wrong)).rejects.toThrow(
      "Proxmox Backup Server does not accept the token pulse@pbs!monitor: its id or its secret is wrong, or it has expired.",
    );
    fake.override("/status/datastore-usage", () => new Response("no space left", { status: 400 }));
    await expect(testProxmoxBackup(options)).rejects.toThrow(
      "Proxmox Backup Server answers /status/datastore-usage with 400.",
    );
  });
});
