import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Database } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import type { Report, ReportedResource } from "../contract/report.ts";
import { DomainError } from "../lib/domain-error.ts";
import { Log } from "../lib/log.ts";
import { Journal } from "../tenancy/journal/journal.ts";
import { journalFiles } from "../tenancy/journal/replay.ts";
import { type JournalRecord, readRecords } from "../tenancy/journal/segment.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { deliver, deliverAgain } from "./delivery.ts";
import { type OrgJournal, OrgRuntime, UNHEARD } from "./org-runtime.ts";
import { ingest } from "./pipeline.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-delivery-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NOW = 1_795_461_200_000;
const DAY = 86_400_000;
const FULL = new DomainError("storage_full", "The disk of the server is full.");

let made = 0;
interface Setting {
  journal?: OrgJournal;
  requireRoom?: () => void;
  sizeBytes?: number;
}

function setUp({ journal = UNHEARD.journal, requireRoom = () => {}, sizeBytes = 0 }: Setting = {}) {
  const db = openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));
  const published: string[] = [];
  const org = new OrgRuntime(
    DEFAULT_ORG,
    { use: () => db, sizeBytes: () => sizeBytes },
    {
      ...UNHEARD,
      journal,
      requireRoom,
      clock: () => NOW,
      log: new Log(() => {}),
      publish: (_, __, ___, json) => published.push(json),
    },
  );
  return { org, db, published };
}

/** A journal whose disk is the test's. */
function newDisk() {
  const written: JournalRecord[] = [];
  const waiting: PromiseWithResolvers<void>[] = [];
  const released: string[] = [];
  const journal: OrgJournal = {
    append(record) {
      const write = Promise.withResolvers<void>();
      waiting.push(write);
      return write.promise.then(() => void written.push(record));
    },
    async settled() {
      await Promise.all(waiting.map(({ promise }) => promise));
    },
    release: (orgId) => void released.push(orgId),
  };
  return { journal, written, waiting, released };
}

const host: ReportedResource = {
  kind: "host",
  key: "m",
  name: "m",
  status: "up",
  attributes: {},
  metrics: { load1: 1 },
};

function report(seq: number, more: Partial<Report> = {}): Report {
  const at = NOW - 60_000 + seq * 100;
  return { v: 1, boot: "boot-0001", seq, at, intervalMs: 10_000, resources: [host], ...more };
}

const bytesOf = (sent: unknown) => Buffer.from(typeof sent === "string" ? sent : JSON.stringify(sent));
const plain = (sent: unknown, more = {}) => ({
  source: "agent:a",
  body: bytesOf(sent),
  gzip: false,
  receivedAt: NOW,
  ...more,
});
const packed = (sent: unknown, more = {}) => ({
  ...plain(sent, more),
  body: gzipSync(bytesOf(sent)),
  gzip: true,
});
const batch = (...reports: Report[]) => ({ v: 1, reports });
const samples = (db: Database) =>
  (db.rows("select at from sample order by at") as { at: number }[]).map(({ at }) => at);

/** What has become of a promise so far. */
function follow(promise: Promise<unknown>): { state: string } {
  const followed = { state: "waiting" };
  promise.then(
    () => (followed.state = "acknowledged"),
    () => (followed.state = "refused"),
  );
  return followed;
}

async function turn(): Promise<void> {
  for (let step = 0; step < 20; step++) await Promise.resolve();
}

describe("a delivery that is taken", () => {
  test.each([
    ["one report", plain(report(1)), 1],
    ["one report, packed", packed(report(1)), 1],
    ["a batch", plain(batch(report(1), report(2), report(3))), 3],
    ["a batch, packed", packed(batch(...Array.from({ length: 100 }, (_, n) => report(n)))), 100],
  ])("%s is in the journal as it was sent, and later in the org's file", async (_, sent, stored) => {
    const files = join(folder, `journal-${made}`);
    const journal = new Journal({ folder: files, name: "s", onPressure: () => {} });
    const { org, db } = setUp({ journal });
    /* Its machine is known, so that nothing of it has to be in the org's file soon. */
    ingest(org, { source: "agent:a", report: report(0, { boot: "boot-0000", at: NOW - 120_000 }) });
    org.commit.flush();
    expect(await deliver(org, sent)).toMatchObject({ stored, duplicates: 0, expired: 0, intervalMs: 10_000 });
    expect(samples(db)).toHaveLength(1);
    const [record] = journalFiles(files).flatMap((path) => [...readRecords(readFileSync(path))]);
    expect(record).toMatchObject({ orgId: DEFAULT_ORG, source: "agent:a", gzip: sent.gzip, receivedAt: NOW });
    expect(Buffer.compare(record?.body as Buffer, sent.body)).toBe(0);
    org.close();
    expect(samples(db)).toHaveLength(1 + stored);
    await journal.close();
    expect(journalFiles(files)).toEqual([]);
  });

  test("counts what was there already and what is too old to be kept, and takes the rest", async () => {
    const { org, db } = setUp();
    await deliver(org, plain(batch(report(1), report(2))));
    const old = report(0, { boot: "boot-0000", at: NOW - 31 * DAY - 1 });
    const answer = await deliver(org, plain(batch(old, report(2), report(3), report(3))));
    expect(answer).toMatchObject({ stored: 1, duplicates: 2, expired: 1 });
    expect(await deliver(org, plain(old))).toMatchObject({ stored: 0, duplicates: 0, expired: 1 });
    org.close();
    expect(samples(db)).toEqual([1, 2, 3].map((seq) => report(seq).at));
  });

  test("has no text that cannot be seen", async () => {
    const { org } = setUp();
    const resource = { ...host, name: "ev\u202eil\u001b[2J", attributes: { os: "Deb\u200bian" } };
    await deliver(org, packed(report(1, { resources: [resource] })));
    expect([...org.inventory.all()]).toMatchObject([{ name: "evil[2J", attributes: { os: "Debian" } }]);
    org.close();
  });
});

describe("a delivery is acknowledged when it is on disk, and not before", () => {
  test("the first time", async () => {
    const { journal, written, waiting } = newDisk();
    const { org, published } = setUp({ journal });
    const delivered = deliver(org, plain(report(1)));
    const followed = follow(delivered);
    await turn();
    expect([followed.state, published.length]).toEqual(["waiting", 1]);
    waiting[0]?.resolve();
    await delivered;
    expect(written).toHaveLength(1);
    org.close();
  });

  test("also when it only repeats what is on its way there, and then it is not written twice", async () => {
    const { journal, written, waiting } = newDisk();
    const { org, db } = setUp({ journal });
    const first = deliver(org, plain(report(1)));
    const again = deliver(org, plain(report(1)));
    const followed = follow(again);
    await turn();
    expect(followed.state).toBe("waiting");
    waiting[0]?.resolve();
    expect(await Promise.all([first, again])).toMatchObject([{ stored: 1 }, { stored: 0, duplicates: 1 }]);
    expect(written).toHaveLength(1);
    org.close();
    expect(samples(db)).toHaveLength(1);
  });

  test("not when the journal could not take it, nor what repeats it meanwhile; nothing is lost", async () => {
    const { journal, waiting } = newDisk();
    const { org, db } = setUp({ journal });
    const outcomes = Promise.allSettled([deliver(org, plain(report(1))), deliver(org, plain(report(1)))]);
    await turn();
    waiting[0]?.reject(FULL);
    expect(await outcomes).toMatchObject([
      { status: "rejected", reason: { reason: "storage_full" } },
      { status: "rejected", reason: { reason: "storage_full" } },
    ]);
    waiting.length = 0;
    expect(await deliver(org, plain(report(1)))).toMatchObject({ stored: 0, duplicates: 1 });
    expect(samples(db)).toEqual([report(1).at]);
    org.close();
  });

  test("not while neither journal nor file can take it, however often it is sent again", async () => {
    const { journal, waiting, released } = newDisk();
    const { org, db } = setUp({ journal });
    db.execute(
      "create temp trigger broken before insert on main.sample begin select raise(abort, 'no room'); end",
    );
    const refused = deliver(org, plain(report(1)));
    waiting[0]?.reject(FULL);
    await expect(refused).rejects.toMatchObject({ reason: "storage_full" });
    const again = deliver(org, plain(report(1)));
    await expect(again).rejects.toThrow("no room");
    expect(released).toEqual([]);
    db.execute("drop trigger broken");
    expect(await deliver(org, plain(report(1)))).toMatchObject({ duplicates: 1 });
    expect([samples(db), released]).toEqual([[report(1).at], [DEFAULT_ORG]]);
    org.close();
  }, 10_000);

  test("and what is in the org's file is released in the journal", async () => {
    const { journal, waiting, released } = newDisk();
    const { org, db } = setUp({ journal });
    const delivered = deliver(org, plain(report(1)));
    waiting[0]?.resolve();
    await delivered;
    expect([samples(db).length, released.length]).toEqual([0, 0]);
    await org.commit.durable(5);
    expect([samples(db).length, released.length]).toEqual([1, 1]);
    org.close();
  });

  test("and links that were made before a crash lead to the same thing after it", async () => {
    const before = setUp();
    await deliver(before.org, plain(report(1)));
    const [known] = before.org.inventory.all();
    const after = setUp();
    deliverAgain(after.org, [plain(report(1))]);
    const [again] = after.org.inventory.all();
    expect(again?.id).toBe(known?.id as never);
    after.org.close();
    before.org.close();
  });
});

describe("refused whole, and nothing of it is kept, is a delivery", () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => report(n));
  const twice = report(2, { resources: [host, { ...host, name: "other" }] });
  const unseen = report(2, { resources: [host, { ...host, key: "m\u200b" }] });
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const whole = gzipSync(bytesOf(report(1)));
  const large = { ...host, attributes: { a: "x".repeat(16_000) } };
  const tooLarge = report(1, { resources: many(80).map((_, n) => ({ ...large, key: `k${n}` })) });
  const cases: [string, ReturnType<typeof plain>, object][] = [
    ["that unpacks to more than fits", { ...plain(""), body: bomb, gzip: true }, { reason: "too_large" }],
    [
      "that is not packed although it says so",
      plain(report(1), { gzip: true }),
      { reason: "invalid_request" },
    ],
    [
      "that is packed although it does not say so",
      { ...packed(report(1)), gzip: false },
      { reason: "invalid_request" },
    ],
    [
      "that was cut off",
      { ...packed(""), body: whole.subarray(0, whole.length - 9) },
      { reason: "invalid_request" },
    ],
    ["whose checksum is wrong", { ...packed(""), body: damaged(whole) }, { reason: "invalid_request" }],
    ["that is larger than what is sent at once", plain(tooLarge), { reason: "too_large" }],
    ["of nothing", plain(""), { reason: "invalid_request" }],
    ["that is no JSON", plain("{"), { reason: "invalid_request" }],
    ["that is nested too deeply", packed("[".repeat(1_000_000)), { reason: "invalid_request" }],
    ["of no reports", plain(batch()), { reason: "invalid_request", fields: { reports: expect.any(String) } }],
    ["of 101 reports", packed(batch(...many(101))), { fields: { reports: expect.any(String) } }],
    [
      "of reports of another version",
      plain({ v: 2, reports: [report(1)] }),
      { fields: { v: expect.any(String) } },
    ],
    [
      "one of whose reports has a key twice",
      plain(batch(report(1), twice)),
      { fields: { "reports.1.resources": "have a key twice" } },
    ],
    [
      "one of whose reports has keys that look the same",
      plain(batch(report(1), unseen)),
      { fields: { "reports.1.resources": "have a key twice" } },
    ],
    [
      "the last of whose reports is malformed",
      plain(batch(report(1), report(2, { seq: -1 }))),
      { fields: { "reports.1.seq": expect.any(String) } },
    ],
    [
      "the last of whose reports is from the future",
      plain(batch(report(1), report(2, { at: NOW + 300_001 }))),
      { reason: "invalid_request", fields: { "reports.1.at": expect.any(String) } },
    ],
    [
      "that is a report from the future",
      plain(report(1, { at: NOW + 300_001 })),
      { fields: { at: expect.any(String) } },
    ],
  ];
  test.each(cases)("%s", async (_, sent, expected) => {
    const { journal, waiting } = newDisk();
    const { org, db, published } = setUp({ journal });
    await expect(deliver(org, sent)).rejects.toMatchObject(expected);
    expect([org.inventory.size, org.hasUnwritten, published.length, waiting.length]).toEqual([
      0,
      false,
      0,
      0,
    ]);
    expect(org.cursors.find("agent:a")).toBeUndefined();
    org.close();
    expect(samples(db)).toEqual([]);
  });

  test("that comes when the org's file has the size it may have; smaller it is taken", async () => {
    const { org } = setUp({ sizeBytes: 1_000 });
    await expect(deliver(org, plain(report(1), { sizeLimit: 1_000 }))).rejects.toMatchObject({
      reason: "storage_full",
      retryAfterMs: expect.any(Number),
    });
    expect([org.inventory.size, org.hasUnwritten]).toEqual([0, false]);
    expect(await deliver(org, plain(report(1), { sizeLimit: 1_001 }))).toMatchObject({ stored: 1 });
    org.close();
  });

  test("that comes when the disk is nearly full", async () => {
    let isFull = true;
    const requireRoom = () => {
      if (isFull) throw FULL;
    };
    const { org } = setUp({ requireRoom });
    await expect(deliver(org, plain(report(1)))).rejects.toMatchObject({ reason: "storage_full" });
    expect([org.inventory.size, org.hasUnwritten]).toEqual([0, false]);
    isFull = false;
    expect(await deliver(org, plain(report(1)))).toMatchObject({ stored: 1 });
    org.close();
  });

  test("that brings something new when more is watched than may be; what is watched goes on", async () => {
    const { org } = setUp();
    const resources = [host, { ...host, key: "n" }];
    await deliver(org, plain(report(1, { resources })));
    const more = {
      ...plain(report(2, { resources: [...resources, { ...host, key: "o" }] })),
      resourceLimit: 1,
    };
    await expect(deliver(org, more)).rejects.toMatchObject({ reason: "limit_reached" });
    const same = plain(report(3, { resources }), { resourceLimit: 1 });
    expect(await deliver(org, same)).toMatchObject({ stored: 1 });
    expect(await deliver(org, { ...more, resourceLimit: 2 })).toMatchObject({ stored: 1 });
    org.close();
  });
});

describe("two machines with one token", () => {
  /** A reports, B reports, A goes on: from here on it is known that there are two. */
  async function two() {
    const setting = setUp();
    const sent: [string, number, number][] = [
      ["boot-of-a", 0, 10_000],
      ["boot-of-b", 0, 20_000],
      ["boot-of-a", 1, 30_000],
    ];
    for (const [boot, seq, ms] of sent)
      await deliver(setting.org, plain(report(seq, { boot, at: NOW - 60_000 + ms })));
    return setting;
  }
  const fromB = (seq: number) => report(seq, { boot: "boot-of-b", at: NOW - 20_000 + seq * 1_000 });
  const fromA = (seq: number) => report(seq, { boot: "boot-of-a", at: NOW - 20_000 + seq * 1_000 });

  test("the second is told so, and nothing of it is taken; the first goes on", async () => {
    const { org, db } = await two();
    for (const sent of [fromB(1), batch(fromB(1), fromB(2))])
      await expect(deliver(org, plain(sent))).rejects.toMatchObject({ reason: "conflict", httpStatus: 409 });
    expect(await deliver(org, plain(fromA(3)))).toMatchObject({ stored: 1 });
    org.close();
    expect(samples(db)).toHaveLength(4);
  });

  test("a repeat of what was taken before is still one", async () => {
    const { org } = await two();
    const again = report(0, { boot: "boot-of-b", at: NOW - 40_000 });
    expect(await deliver(org, plain(again))).toMatchObject({ stored: 0, duplicates: 1 });
    org.close();
  });
});

describe("what a journal held", () => {
  const record = (sent: unknown, source = "agent:a") => ({ ...packed(sent), source });

  test("is on disk when it was delivered again, in its order; what was there before is there once", () => {
    const { org, db } = setUp();
    deliverAgain(org, [record(report(1)), record(batch(report(2), report(3)))]);
    expect(samples(db)).toEqual([1, 2, 3].map((seq) => report(seq).at));
    deliverAgain(org, [record(report(1)), record(batch(report(2), report(3))), record(report(4))]);
    expect(samples(db)).toEqual([1, 2, 3, 4].map((seq) => report(seq).at));
    expect(org.cursors.find("agent:a")).toMatchObject({ boot: "boot-0001", seq: 4 });
    org.close();
  });

  test("is not judged by today's time: it was taken when it came", () => {
    const { org, db } = setUp();
    const long = NOW - 40 * DAY;
    deliverAgain(org, [{ ...record(report(1, { at: long })), receivedAt: long }]);
    expect(samples(db)).toEqual([long]);
    org.close();
  });

  test("and cannot be taken holds nothing else back, and is told", () => {
    const { org, db } = setUp();
    const odd = { ...record(""), body: Buffer.from("odd") };
    expect(() => deliverAgain(org, [record(report(1)), odd, record(report(2)), record({ v: 9 })])).toThrow();
    expect(samples(db)).toEqual([1, 2].map((seq) => report(seq).at));
    org.close();
  });

  test("of a second machine is passed over, and is no failure", () => {
    const { org, db } = setUp();
    const sent = [
      ["boot-of-a", 0, 10_000],
      ["boot-of-b", 0, 20_000],
      ["boot-of-a", 1, 30_000],
      ["boot-of-b", 1, 40_000],
      ["boot-of-a", 2, 50_000],
    ] as const;
    deliverAgain(
      org,
      sent.map(([boot, seq, ms]) => record(report(seq, { boot, at: NOW - 60_000 + ms }))),
    );
    expect(samples(db)).toHaveLength(4);
    org.close();
  });
});

/** One bit of what it unpacks to is another. */
function damaged(gzip: Buffer): Buffer<ArrayBuffer> {
  const copy = Buffer.from(gzip);
  copy[copy.length - 6] = (copy[copy.length - 6] as number) ^ 1;
  return copy;
}
