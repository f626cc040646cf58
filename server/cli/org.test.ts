import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runPulse } from "../../tests/support/server.ts";

/* With the server stopped; through a running one the same verbs are called by name. */

const folder = mkdtempSync(join(tmpdir(), "pulse-org-command-"));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
/** A data directory with one person, and the command line on it. */
async function furnished() {
  const dataDir = join(folder, String(made++));
  const pulse = async (words: string, multiTenant = true) => {
    const settings = { PULSE_MULTI_TENANT_ENABLED: String(multiTenant) };
    const { stdout: out, stderr: err, status } = await runPulse(dataDir, words.split(" "), settings);
    return { out, err, status };
  };
  expect((await pulse("user create alice@example.org")).status).toBe(0);
  return { dataDir, pulse };
}

test("the life of one, from the command line", async () => {
  const { dataDir, pulse } = await furnished();
  const said = async (words: string) => {
    const { out, err, status } = await pulse(words);
    expect([err, status]).toEqual(["", 0]);
    return out;
  };
  expect(await said("org create acme --owner alice@example.org --name Acme")).toBe("acme was made.\n");
  const { orgs } = JSON.parse(await said("org list --json"));
  const acme = orgs.find(({ slug }: { slug: string }) => slug === "acme");
  expect(acme).toMatchObject({ name: "Acme", state: "active", members: 1, owner: "alice@example.org" });
  expect(readdirSync(join(dataDir, "orgs")).sort()).toEqual(["default", acme.id]);

  expect(await said(`org rename ${acme.id} --name ACME --slug acme-2`)).toBe("acme-2 was renamed.\n");
  expect(await said("org suspend acme-2")).toBe("acme-2 is suspended.\n");
  expect(await said("org list")).toContain("acme-2   ACME  (suspended, 1 member, owner alice@example.org)");
  expect(await said("org resume acme-2")).toBe("acme-2 is active again.\n");
  expect(await said("org delete acme-2 --yes")).toBe("acme-2 is in the trash.\n");
  expect(readdirSync(join(dataDir, "orgs"))).toEqual(["default"]);
  expect(await said("org restore acme-2")).toBe("acme-2 is back.\n");
  expect(await said("org delete acme-2 --yes --json")).toMatch(/^{"deletedAt":\d+}\n$/);
  expect(await said("org purge acme-2 --yes")).toBe("acme-2 is gone.\n");
  expect(readdirSync(join(dataDir, "trash"))).toEqual([]);
}, 60_000);

test("what cannot be undone needs --yes, and says what it would do", async () => {
  const { pulse } = await furnished();
  await pulse("org create acme --owner alice@example.org");
  const deleting = await pulse("org delete acme");
  expect(deleting.status).toBe(2);
  expect(deleting.err).toStartWith("pulse: acme would be closed and moved to the trash");
  const purging = await pulse("org purge acme");
  expect(purging.status).toBe(2);
  expect(purging.err).toStartWith("pulse: acme would be deleted for good");
  expect((await pulse("org list")).out).toContain("acme     acme  (active");
}, 60_000);

test("refused is 1 with one line, badly called is 2", async () => {
  const { pulse } = await furnished();
  expect(await pulse("org suspend nowhere")).toEqual({
    out: "",
    err: 'pulse: There is no organization "nowhere".\n',
    status: 1,
  });
  expect((await pulse("org suspend default")).status).toBe(1);
  for (const words of [
    "org",
    "org fly acme",
    "org create acme",
    "org rename acme",
    "org suspend acme beta",
    "multi-tenant",
    "multi-tenant sideways",
  ]) {
    const { err, status } = await pulse(words);
    expect([words, status]).toEqual([words, 2]);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  }
}, 60_000);

test("switched off, one line and nothing else, however it is called", async () => {
  const { pulse } = await furnished();
  const off = { out: "", err: "pulse: This feature is not available.\n", status: 1 };
  for (const words of ["org", "org list", "org fly", "org delete default"])
    expect(await pulse(words, false)).toEqual(off);
  expect((await pulse("multi-tenant off")).out).toBe(
    "off: switched off by an operator; `pulse multi-tenant on` switches it on again\n",
  );
  expect(await pulse("org list")).toEqual(off);
}, 60_000);

test("the switch is kept, and the environment wins over it", async () => {
  const { pulse } = await furnished();
  expect((await pulse("multi-tenant status")).out).toBe("on\n");
  await pulse("multi-tenant off");
  expect(JSON.parse((await pulse("multi-tenant status --json")).out)).toEqual({
    environment: true,
    switch: "off",
    enabled: false,
  });
  const refused = await pulse("multi-tenant on", false);
  expect(refused.status).toBe(1);
  expect(refused.err).toContain("PULSE_MULTI_TENANT_ENABLED is false in the environment");
  expect((await pulse("multi-tenant on")).out).toBe("on\n");
}, 60_000);

test("help tells of it only when it is on", async () => {
  const { pulse } = await furnished();
  const off = (await pulse("help", false)).out;
  expect(off).not.toMatch(/pulse org|organi[sz]ation/i);
  expect(off).toContain("pulse multi-tenant status|on\n");
  const on = (await pulse("help")).out;
  expect(on).toContain("pulse org create SLUG --owner EMAIL [--name NAME]");
  expect(on).toContain("pulse multi-tenant status|on|off");
}, 60_000);
