import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LicenseInfo } from "../contract/license.ts";
import { dayOf, licenseLines, licenseText, licenseUsage, shownInfo, wholeNumber } from "./license.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-license-"));
afterAll(() => rmSync(folder, { recursive: true }));

const FOREIGN_WORDS = /\borg|organi[sz]ation|tenant/i;
const END = Date.UTC(2027, 0, 31);

function info(changes: Partial<LicenseInfo> = {}): LicenseInfo {
  return {
    status: "valid",
    license: {
      id: "l1",
      holder: "Ada",
      features: ["multi_tenant"],
      limits: { orgs: 1, membersPerOrg: 20 },
      issuedAt: Date.UTC(2026, 0, 31),
      expiresAt: END,
    },
    graceEndsAt: END + 7 * 86_400_000,
    authority: "own",
    instanceId: "nhere",
    ...changes,
  };
}

describe("says in plain words", () => {
  test("everything about the licence", () => {
    expect(licenseLines(info(), true)).toEqual([
      "licence    valid until 2027-01-31",
      "holder     Ada",
      "id         l1",
      "issued     2026-01-31",
      "limits     1 organization, 20 members in each",
      "authority  this instance itself",
      "instance   nhere",
    ]);
  });
  test.each([
    ["grace", "ended on 2027-01-31; still counts until 2027-02-07"],
    ["expired", "ended on 2027-01-31 and no longer counts; nothing was deleted"],
  ] as const)("what %s means", (status, words) => {
    expect(licenseLines(info({ status }), true)[0]).toBe(`licence    ${words}`);
  });
  test("that there is none, and why", () => {
    const none = { status: "none", authority: "none", instanceId: "nhere" } as const;
    expect(licenseLines(none, true)).toEqual([
      "licence    none is installed",
      'authority  none yet; "pulse license init" makes this instance its own',
      "instance   nhere",
    ]);
    expect(licenseLines({ ...none, problem: "It is torn." }, true).slice(0, 2)).toEqual([
      "licence    the one that is installed does not count",
      "problem    It is torn.",
    ]);
  });
  test("even an end that no calendar has", () => {
    const license = { ...info().license, expiresAt: Number.MAX_SAFE_INTEGER } as LicenseInfo["license"];
    expect(licenseLines({ ...info(), license } as LicenseInfo, true)[0]).toContain("beyond any calendar");
  });
});

describe("with multi-tenancy off", () => {
  test("nothing it prints names what that would bring", () => {
    expect(licenseUsage(false).join("\n")).not.toMatch(FOREIGN_WORDS);
    for (const authority of ["own", "pinned", "none"] as const) {
      expect(licenseLines(info({ authority }), false).join("\n")).not.toMatch(FOREIGN_WORDS);
    }
  });
  test("scripts are not told either", () => {
    expect(JSON.stringify(shownInfo(info(), false))).not.toMatch(/org/i);
    expect(shownInfo(info(), true)).toEqual(info());
  });
  test("and on, the limits are there", () => {
    expect(licenseUsage(true).join("\n")).toContain("--orgs N");
  });
});

describe("options", () => {
  test("days are days, and print as they were written", () => {
    expect(dayOf("2027-01-31")).toBe(END);
    for (const text of ["2027-02-30", "2027-1-1", "31.01.2027", "tomorrow", "", "2027-01-31T00:00:00Z"]) {
      expect(() => dayOf(text)).toThrow("YYYY-MM-DD");
    }
  });
  test("numbers are whole numbers", () => {
    expect(wholeNumber("orgs", "0", 0, "orgs")).toEqual({ orgs: 0 });
    expect(wholeNumber("orgs", undefined, 0, "orgs")).toEqual({});
    for (const text of ["-1", "1.5", "", "1e3", "9999999", "many"]) {
      expect(() => wholeNumber("orgs", text, 0, "orgs")).toThrow("--orgs");
    }
    expect(() => wholeNumber("members", "0", 1, "membersPerOrg")).toThrow("--members");
  });
});

describe("the licence to install", () => {
  const token = `${"a".repeat(120)}.${"b".repeat(86)}`;
  test("is in the file that is named, or the word itself", async () => {
    const path = join(folder, "mine.license");
    writeFileSync(path, `${token}\n`);
    expect(await licenseText(path)).toBe(`${token}\n`);
    expect(await licenseText(token)).toBe(token);
  });
  test("is not a file that is missing, large or a folder", async () => {
    await expect(licenseText("mine.license")).rejects.toThrow("no file mine.license");
    await expect(licenseText(join(folder, "x".repeat(200)))).rejects.toThrow("no file");
    const path = join(folder, "large");
    writeFileSync(path, "x".repeat(20_000));
    await expect(licenseText(path)).rejects.toThrow("is not a licence");
    await expect(licenseText(folder)).rejects.toThrow();
  });
});
