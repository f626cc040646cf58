/** G: the feature gate and the licence, in all four modes. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHmac, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AnyProcedure } from "@trpc/server";
import type { Need } from "../../server/access/admission.ts";
import { appRouter } from "../../server/api/router.ts";
import type { FeatureList } from "../../server/contract/features.ts";
import type { LicenseInfo, LicensePayload } from "../../server/contract/license.ts";
import type { Org, OrgPlan } from "../../server/contract/orgs.ts";
import { makeLicenseKeys, signLicense } from "../../server/licensing/license-token.ts";
import { type Answer, call, type Target, type Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { runPulse, startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import {
  ask,
  buildHome,
  buildHouse,
  byToken,
  DAY_MS,
  ENV_OFF,
  ENV_ON,
  licenceThatEnded,
  moved,
  must,
  newToken,
  newVisitor,
  orgHeader,
  putLicence,
  refused,
  said,
} from "./house.ts";

setDefaultTimeout(60_000);

/** Off from the start, and nothing ever known of any org. */
const { server: off, olga: offOwner } = await buildHome();
/** On and licensed. What changes the licence or the switch uses a house of its own. */
const on = await buildHouse();
afterAll(() => Promise.all([off.stop(), on.server.stop()]));

const procedures = Object.entries(appRouter._def.procedures as unknown as Record<string, AnyProcedure>).map(
  ([path, { _def }]) => ({ path, type: _def.type, surface: (_def.meta as Need).surface }),
);
const surfaced = procedures.filter(({ surface }) => surface === "multi_tenant").map(({ path }) => path);

/** Everybody who could ask, by what they send. */
function askers(known?: Visitor): Record<string, Record<string, string>> {
  return {
    nobody: {},
    ...(known && { "somebody signed in": { cookie: known.cookie ?? "" } }),
    "a forged session": { cookie: `pulse_session=${"a".repeat(40)}` },
    "a made-up token": { authorization: "Bearer pulse_x" },
  };
}

test("G01 nothing requested, flag off: 200 in `default`", async () => {
  expect(said(await offOwner.call("resources.list"))).toEqual([200, undefined]);
  const named = await offOwner.call("resources.list", { headers: orgHeader("default") });
  expect(named.body).toBe((await offOwner.call("resources.list")).body);
});

test("G02 `default` requested, flag on: 200", async () => {
  expect(said(await ask(on.olga, "default", "resources.list"))).toEqual([200, undefined]);
});

describe("G03 acme requested, flag off: 501, also for an anonymous caller, also when there is no acme", () => {
  const everyBody = async (server: TestServer, known: Visitor, orgs: string[]) => {
    const bodies = new Set<string>();
    for (const headers of Object.values(askers(known))) {
      for (const org of orgs) {
        const answer = await call(server, "resources.list", {
          headers: { ...headers, ...orgHeader(org), "x-request-id": "the-same-for-all" },
        });
        expect([org, ...said(answer)]).toEqual([org, 501, "feature_disabled"]);
        bodies.add(answer.body);
      }
    }
    return bodies;
  };

  test("off from the start", async () => {
    const bodies = await everyBody(off, offOwner, ["acme", "o222222222222222222a"]);
    expect(bodies.size).toBe(1);
  });

  test("switched off while running, where there is an acme", async () => {
    const house = await buildHouse();
    await using server = house.server;
    await must(house.olga.call("system.switchOffMultiTenant"));
    const bodies = await everyBody(server, house.alice, [house.acme.id, "acme", "never-was"]);
    expect(bodies.size).toBe(1);
  });
});

test("G04 acme requested, flag on, no licence: 402, whoever asks; `default` goes on", async () => {
  const house = await buildHouse();
  await using server = house.server;
  await must(house.olga.call("system.licenseRemove"));
  for (const headers of Object.values(askers(house.alice))) {
    for (const org of [house.acme.id, "acme", "never-was"]) {
      const answer = await call(server, "resources.list", { headers: { ...headers, ...orgHeader(org) } });
      expect([org, ...said(answer)]).toEqual([org, 402, "license_required"]);
    }
  }
  for (const path of surfaced) {
    const answer = await house.olga.call(path, { input: {} });
    expect([path, ...said(answer)]).toEqual([path, 402, "license_required"]);
  }
  expect(said(await house.olga.call("resources.list"))).toEqual([200, undefined]);
});

test("G05 acme requested by a member, flag on, licensed: 200", async () => {
  expect(said(await ask(on.alice, on.acme, "resources.list"))).toEqual([200, undefined]);
  const { org } = await must<{ org: Org }>(ask(on.alice, on.acme, "orgs.get"));
  expect(org).toMatchObject({ id: on.acme.id, slug: "acme", role: "owner", state: "active" });
});

describe("G06 every procedure of the multi-tenant surface, flag off: 501 with the same body, whoever asks", () => {
  const sweep = async (server: TestServer, known: Visitor) => {
    expect(surfaced.length).toBeGreaterThan(25);
    const inputs = [undefined, {}, { id: 1 }, { org: "acme" }];
    for (const path of surfaced) {
      const bodies = new Set<string>();
      for (const headers of Object.values(askers(known))) {
        for (const input of inputs) {
          const answer = await call(server, path, {
            input,
            headers: { ...headers, "x-request-id": "the-same-for-all" },
          });
          expect([path, ...said(answer)]).toEqual([path, 501, "feature_disabled"]);
          bodies.add(answer.body);
        }
      }
      expect([path, bodies.size]).toEqual([path, 1]);
    }
  };

  test("off from the start", () => sweep(off, offOwner));

  test("switched off while running", async () => {
    const house = await buildHouse();
    await using server = house.server;
    await must(house.olga.call("system.switchOffMultiTenant"));
    await sweep(server, house.olga);
  });
});

describe("G07 every other procedure in `default`, flag off: unchanged", () => {
  /** What differs on purpose: what tells that there is more, who belongs where, and since when what runs. */
  const DIFFERENT = new Set([
    "features.list",
    "session.me",
    "system.status",
    "session.list",
    "audit.list",
    "system.audit",
  ]);
  const reads = procedures.filter(
    ({ surface, path, type }) => surface === "always" && type === "query" && !DIFFERENT.has(path),
  );
  /** An answer up to ids, times and addresses. */
  const shape = ({ status, error, data }: Answer) => [
    status,
    error?.reason,
    JSON.stringify(data)?.replaceAll(/"[a-z][a-z2-7]{19}"|\d{13}/g, "…"),
  ];

  test("what is read answers as with the flag on", async () => {
    const plain = await buildHome({ env: ENV_ON });
    await using _server = plain.server;
    expect(reads.length).toBeGreaterThan(6);
    for (const { path } of reads) {
      const [without, withIt] = await Promise.all([offOwner.call(path), plain.olga.call(path)]);
      expect([path, ...shape(without)]).toEqual([path, ...shape(withIt)]);
    }
    expect(Object.keys(await must<object>(offOwner.call("session.me"))).sort()).toEqual([
      "operator",
      "role",
      "user",
    ]);
  });

  test("what is written works", async () => {
    const { id, token } = await newToken(offOwner, "default", { scopes: ["read"] });
    expect(said(await byToken(off, { token }, "resources.list"))).toEqual([200, undefined]);
    const { tokens } = await must<{ tokens: object[] }>(offOwner.call("tokens.list"));
    expect(tokens.map((info) => Object.keys(info))).toEqual([expect.not.arrayContaining(["orgs"])]);
    await must(offOwner.call("tokens.revoke", { input: { id } }));
  });
});

describe("G08 a licence that has ended", () => {
  test("6 days ago works as grace; 8 days ago is 402 with nothing deleted; a new one brings all back", async () => {
    const temporary = temporaryDataDir();
    const { path: dataDir } = temporary;
    try {
      const house = await buildHouse({ dataDir });
      const token = await newToken(house.alice, house.acme);
      const before = await must<{ orgs: Org[] }>(house.alice.call("orgs.list"));
      const license = licenceThatEnded(dataDir, Date.now() - 6 * DAY_MS);
      const info = await must<LicenseInfo>(house.olga.call("system.licenseInstall", { input: { license } }));
      expect(info.status).toBe("grace");
      const plan = await must<OrgPlan>(ask(house.alice, house.acme, "orgs.plan"));
      expect(plan.license.status).toBe("grace");
      await must(ask(house.alice, house.acme, "resources.list"));
      await must(ask(house.alice, house.acme, "orgs.update", { name: "Acme in grace" }));

      const over = licenceThatEnded(dataDir, Date.now() - 8 * DAY_MS);
      const late = house.olga.call("system.licenseInstall", { input: { license: over } });
      await refused(late, 400, "invalid_request");
      await house.server.stop();
      putLicence(dataDir, over);

      await using server = await startServer({ dataDir, env: ENV_ON });
      const { olga, alice, acme } = moved(house, server);
      expect((await must<LicenseInfo>(olga.call("system.license"))).status).toBe("expired");
      await refused(ask(alice, acme, "resources.list"), 402, "license_required");
      await refused(alice.call("orgs.list"), 402, "license_required");
      await refused(byToken(server, token, "resources.list"), 402, "license_required");
      await must(olga.call("resources.list"));
      expect((await must<FeatureList>(olga.call("features.list"))).features.multi_tenant).toBe(false);

      await must(olga.call("system.licenseInit"));
      const after = await must<{ orgs: Org[] }>(alice.call("orgs.list"));
      expect(after.orgs).toEqual(before.orgs.map((org) => ({ ...org, name: "Acme in grace" })));
      await must(byToken(server, token, "resources.list"));
    } finally {
      temporary.remove();
    }
  });

  test("at the end of its grace counts no longer by time alone, without anybody doing anything", async () => {
    const house = await buildHouse();
    await using server = house.server;
    const license = licenceThatEnded(server.dataDir, Date.now() - 7 * DAY_MS + 2_000);
    await must(house.olga.call("system.licenseInstall", { input: { license } }));
    await must(ask(house.alice, house.acme, "resources.list"));
    await until(async () => (await ask(house.alice, house.acme, "resources.list")).status === 402);
    await must(house.olga.call("resources.list"));
  });

  test("issued and installed by command, a licence tells until when it counts", async () => {
    const house = await buildHouse();
    await using server = house.server;
    const day = new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10);
    const pulse = (...words: string[]) => runPulse(server.dataDir, ["license", ...words], ENV_ON);
    const issued = await pulse("issue", "--holder", "olga", "--expires", day);
    const installed = await pulse("install", issued.stdout.trim(), "--json");
    expect(installed.json()).toMatchObject({ status: "valid", license: { holder: "olga" } });
    const { license } = await must<OrgPlan>(ask(house.alice, house.acme, "orgs.plan"));
    expect(license).toMatchObject({ status: "valid", expiresAt: Date.parse(day) });
  });
});

test("G09 20 forged licences: each refused with a reason for the operator, never a crash", async () => {
  const house = await buildHouse();
  await using server = house.server;
  const { olga } = house;
  const privateKey = readFileSync(join(server.dataDir, "keys/license.key"), "utf8");
  const publicKey = readFileSync(join(server.dataDir, "keys/license.pub"), "utf8");
  const installed = await must<LicenseInfo>(olga.call("system.license"));
  const payload: LicensePayload = { ...(installed.license as LicensePayload), id: "forged" };
  const good = signLicense(payload, privateKey);
  const [payloadPart = "", signaturePart = ""] = good.split(".");
  const base64url = (text: string | Uint8Array) => Buffer.from(text).toString("base64url");
  const signed = (text: string) =>
    `${base64url(text)}.${base64url(sign(null, Buffer.from(text), privateKey))}`;
  const saying = (changes: object) => signed(JSON.stringify({ ...payload, ...changes }));
  const jwt = (header: object, seal: (text: string) => string) => {
    const text = `${base64url(JSON.stringify(header))}.${payloadPart}`;
    return `${text}.${seal(text)}`;
  };
  const forgeries: Record<string, string> = {
    "alg none": jwt({ alg: "none" }, () => ""),
    "HS256 with the public key": jwt({ alg: "HS256" }, (text) =>
      createHmac("sha256", publicKey).update(text).digest("base64url"),
    ),
    "EdDSA, really signed": jwt({ alg: "EdDSA" }, (text) =>
      base64url(sign(null, Buffer.from(text), privateKey)),
    ),
    "a kid that is a path": jwt({ alg: "EdDSA", kid: "../keys/license.pub" }, () => signaturePart),
    "an HMAC for a signature": `${payloadPart}.${createHmac("sha512", publicKey).update(payloadPart).digest("base64url")}`,
    "another key": signLicense(payload, makeLicenseKeys().privateKey),
    "an altered payload": `${base64url(JSON.stringify({ ...payload, limits: { orgs: 9 } }))}.${signaturePart}`,
    "a payload with a space": `${base64url(`${JSON.stringify(payload)} `)}.${signaturePart}`,
    "a cut signature": good.slice(0, -4),
    "a longer signature": `${good}AAAA`,
    "no signature": `${payloadPart}.`,
    "a signature of zeros": `${payloadPart}.${base64url(new Uint8Array(64))}`,
    "swapped parts": `${signaturePart}.${payloadPart}`,
    "another instance": saying({ instance: "nanother" }),
    "a future issue date": saying({ issuedAt: Date.now() + DAY_MS }),
    "an end before its beginning": saying({ issuedAt: 2, expiresAt: 1 }),
    "an end long ago": saying({ issuedAt: 1, expiresAt: 2 }),
    "a field nobody knows": saying({ alg: "none" }),
    "the same name twice": signed(JSON.stringify(payload).replace('"id":', '"id":"l","id":')),
    "no JSON": signed("a licence"),
    "deep nesting": signed("[".repeat(3_000)),
    "a NUL": `${payloadPart}\0.${signaturePart}`,
    oversized: saying({ holder: "x".repeat(9_000) }),
  };
  expect(Object.keys(forgeries).length).toBeGreaterThanOrEqual(20);
  for (const [name, license] of Object.entries(forgeries)) {
    const answer = await olga.call("system.licenseInstall", { input: { license } });
    const why = Object.values(answer.error?.fields ?? {})[0] ?? "";
    expect([name, ...said(answer), why.length > 10]).toEqual([name, 400, "invalid_request", true]);
  }
  expect(await must<LicenseInfo>(olga.call("system.license"))).toEqual(installed);
  await must(ask(house.alice, house.acme, "resources.list"));
  expect(server.logs.filter(({ level }) => level === "error")).toEqual([]);
  /* And what they were made from would have been taken. */
  await must(olga.call("system.licenseInstall", { input: { license: good } }));
});

describe("G10 `features.list` carries `multi_tenant`", () => {
  const features = async (server: Target) =>
    (await must<FeatureList>(newVisitor(server).call("features.list"))).features;

  test("when the flag is on, true with a licence and false without; no such key when it is off", async () => {
    const house = await buildHouse();
    await using server = house.server;
    expect(await features(off)).toEqual({ setup: false });
    expect(await features(server)).toEqual({ setup: false, multi_tenant: true });
    await must(house.olga.call("system.licenseRemove"));
    expect(await features(server)).toEqual({ setup: false, multi_tenant: false });
    await must(house.olga.call("system.licenseInit"));
    await must(house.olga.call("system.switchOffMultiTenant"));
    expect(await features(server)).toEqual({ setup: false });
    const status = await runPulse(server.dataDir, ["multi-tenant", "on", "--json"], ENV_ON);
    expect(status.json()).toMatchObject({ enabled: true });
    expect(await features(server)).toEqual({ setup: false, multi_tenant: true });
  });

  test("a command on a server whose environment says no cannot switch it on", async () => {
    const answer = await runPulse(off.dataDir, ["multi-tenant", "on"], ENV_OFF);
    expect([answer.status, answer.stdout]).toEqual([1, ""]);
    expect(await features(off)).toEqual({ setup: false });
  });
});
