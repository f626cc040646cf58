import { Database } from "bun:sqlite";
import { afterAll, expect, test } from "bun:test";
import { type TemporaryDataDir, temporaryDataDir } from "../../tests/support/data-dir.ts";
import { FilledHistory, START } from "../../tests/support/filled-history.ts";
import { runPulse, startServer } from "../../tests/support/server.ts";
import { until } from "../../tests/support/until.ts";
import type { HistoryRetention } from "../contract/history.ts";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { DAY } from "../history/chunk-table.ts";
import { instanceFile, orgFile } from "../tenancy/paths.ts";
import { bytesWords, daysOf, daysWords, sizeOf } from "./amounts.ts";
import { UsageError } from "./command.ts";

const folders: TemporaryDataDir[] = [];
afterAll(() => {
  for (const folder of folders) folder.remove();
});

const ON = { PULSE_MULTI_TENANT_ENABLED: "true" };

/** A stopped server with one person, and the command line on it. */
async function furnished(env: Record<string, string> = {}) {
  const folder = temporaryDataDir();
  folders.push(folder);
  const dataDir = folder.path;
  const said = (words: string, settings = env) => runPulse(dataDir, words.split(" "), settings);
  expect((await said("user create alice@example.org")).status).toBe(0);
  return { dataDir, said };
}

/** Three days of a machine, long ago. */
function fill(dataDir: string, orgId = DEFAULT_ORG): void {
  using past = new FilledHistory(orgFile(dataDir, orgId), 3);
  past.live(START, 3);
}

test("times and amounts are read as people write them", () => {
  expect(["90d", "12w", "2y"].map((text) => daysOf(text, "--x"))).toEqual([90, 84, 730]);
  const sizes = ["500MB", "2GiB", "1.5gb", "0B"].map((text) => sizeOf(text, "--x"));
  expect(sizes).toEqual([5e8, 2 ** 31, 1.5e9, 0]);
  for (const text of ["", "90", "d", "-1d", "1.5d", "90 d", "1m", "9999999d"])
    expect(() => daysOf(text, "--x")).toThrow(UsageError);
  for (const text of ["", "2", "GB", "-1GB", "2GX", "1e9B", "2.GB"])
    expect(() => sizeOf(text, "--x")).toThrow(UsageError);
  const days = [1, 30, 365, 400, 730].map(daysWords);
  expect(days).toEqual(["1 day", "30 days", "1 year", "400 days", "2 years"]);
  const bytes = [0, 999, 1_000, 123_456_789, 2 ** 50].map(bytesWords);
  expect(bytes).toEqual(["0 B", "999 B", "0.98 KiB", "118 MiB", "1024 TiB"]);
});

test("with the server stopped: what is kept is shown and changed, and what goes for good needs --yes", async () => {
  const { dataDir, said } = await furnished();
  expect((await said("history")).stdout).toContain("not known yet");
  fill(dataDir);
  const { stdout, status } = await said("history");
  expect(status).toBe(0);
  expect(stdout).toMatch(/^samples +2 years +2026-03-01 +[\d.]+ KiB/m);
  expect(stdout).not.toMatch(/organi[sz]ation/i);

  const asked = await said("history keep --samples 90d");
  expect([asked.status, asked.stdout]).toEqual([2, ""]);
  expect(asked.stderr).toMatch(
    /^pulse: this deletes 3 days of samples \([\d.]+ KiB\), for good; say --yes\n$/,
  );
  expect((await said("history --json")).json<HistoryRetention>().keepDays.samples).toBe(730);

  expect((await said("history keep --samples 90d --max-bytes 1GB --yes")).status).toBe(0);
  const kept = (await said("history --json")).json<HistoryRetention>();
  expect(kept).toMatchObject({ keepDays: { samples: 90, fiveMinutes: 730 }, maxBytes: 1e9 });
  expect((await said("history keep --max-bytes none")).stdout).not.toContain("--max-bytes");
}, 180_000);

test("through a running server, which lets go of the rest at once and writes down who wanted it", async () => {
  const { dataDir, said } = await furnished();
  fill(dataDir);
  await using server = await startServer({ dataDir });
  expect((await said("history keep --samples 30d")).status).toBe(2);
  const done = await said("history keep --samples 30d --yes --json");
  expect(done.json<HistoryRetention>().keepDays.samples).toBe(30);
  await until(async () => (await said("history --json")).json<HistoryRetention>().deletes.length === 0, {
    withinMs: 20_000,
    what: "the end of old samples",
  });
  const { tiers } = (await said("history --json")).json<HistoryRetention>();
  expect(tiers[0]?.oldestAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(Date.now() - 30 * DAY);
  expect(tiers[1]?.oldestAt).toBe(START);
  expect(await server.stop()).toBe(0);
  using instance = new Database(instanceFile(dataDir), { readonly: true });
  const deed = instance
    .query("select action, actor_kind, org_id, details from audit order by seq desc")
    .get();
  expect(deed).toEqual({
    action: "history.retention_set",
    actor_kind: "command",
    org_id: "default",
    details: JSON.stringify({ from: { samplesDays: 730 }, to: { samplesDays: 30 } }),
  });
}, 180_000);

test("what is wrong is refused with one line, and nothing is changed", async () => {
  const { said } = await furnished();
  const refusals: [words: string, status: number, line: RegExp][] = [
    ["history keep", 2, /say what to keep for how long/],
    ["history keep more", 2, /usage: pulse history/],
    ["history --samples 3d", 2, /usage: pulse history/],
    ["history keep --samples ninety", 2, /--samples takes a time like 90d/],
    ["history keep --max-bytes much", 2, /--max-bytes takes an amount like 500MB/],
    ["history keep --hours 30d", 1, /Keep steps of an hour at least as long as steps of 5 minutes: 730 days/],
    ["history keep --days 40y", 1, /days must be at most 10950 days \(30 years\)/],
    ["history keep --samples 0d", 1, /samples must be at least a day/],
    ["history keep --max-bytes 1MB", 1, /maxBytes must be at least 16777216 bytes/],
    ["history keep --max-bytes 1TB", 1, /At most \d+ bytes are allowed here/],
    ["history --org default", 1, /This feature is not available/],
  ];
  for (const [words, expected, line] of refusals) {
    const { status, stdout, stderr } = await said(words);
    expect([words, status, stdout]).toEqual([words, expected, ""]);
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  }
  const { keepDays, standardDays } = (await said("history --json")).json<HistoryRetention>();
  expect(keepDays).toEqual(standardDays);
}, 180_000);

test("an org is named by --org, which is spoken of where there may be several; it and no other is changed", async () => {
  const { dataDir, said } = await furnished(ON);
  await said("license init");
  expect((await said("org create acme --owner alice@example.org")).status).toBe(0);
  const { orgs } = (await said("org list --json")).json<{ orgs: { id: string; slug: string }[] }>();
  const acme = OrgId.parse(orgs.find(({ slug }) => slug === "acme")?.id);
  fill(dataDir, acme);
  expect((await said("history --org acme")).stdout).toContain("2026-03-01");
  expect((await said("history")).stdout).not.toContain("2026-03-01");
  expect((await said(`history keep --samples 60d --yes --org ${acme}`)).status).toBe(0);
  const kept = async (words: string) => (await said(`history --json${words}`)).json<HistoryRetention>();
  expect((await kept(" --org acme")).keepDays.samples).toBe(60);
  expect((await kept("")).keepDays.samples).toBe(730);
  expect((await said("history --org beta")).stderr).toBe('pulse: There is no organization "beta".\n');
  await said("org suspend acme");
  const suspended = await said("history --org acme");
  expect([suspended.status, suspended.stderr]).toEqual([1, "pulse: It is suspended: resume it first.\n"]);
  expect((await said("help")).stdout).toContain("pulse history [--org ORG]");
  expect((await said("help", {})).stdout).toMatch(/^ {2}pulse history$/m);
}, 180_000);
