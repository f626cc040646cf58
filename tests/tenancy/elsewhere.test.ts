/**
 * I: isolation in everything that is not a request for an org's own page. I10, switching orgs in a browser, is in
 * tests/browser. What has no test because what it is about does not exist yet is listed in power.test.ts.
 */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join as joinPath } from "node:path";
import { eq } from "drizzle-orm";
import { openDatabase } from "../../db/driver.ts";
import { idempotency } from "../../db/instance/system.ts";
import type { AuditList } from "../../server/contract/audit.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { Resource, ResourceList } from "../../server/contract/resource.ts";
import type { NewToken } from "../../server/contract/tokens.ts";
import { sha256Hex } from "../../server/lib/random-id.ts";
import { instanceFile, orgDir, orgFile } from "../../server/tenancy/paths.ts";
import { type Answer, call, type Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { startInProcess } from "../support/in-process.ts";
import { openRawStream } from "../support/live.ts";
import { runPulse, startServer } from "../support/server.ts";
import { until } from "../support/until.ts";
import {
  ask,
  buildHouse,
  buildHouseInProcess,
  byToken,
  DAY_MS,
  ENV_ON,
  emailOf,
  idOf,
  join,
  marked,
  moved,
  must,
  newOrgFor,
  newToken,
  offer,
  orgHeader,
  PATIENCE,
  refused,
  reported,
  said,
} from "./house.ts";

setDefaultTimeout(60_000);

const house = await buildHouseInProcess();
const { server, olga, alice, bob, acme, beta } = house;
const { dataDir } = server;
afterAll(() => server.stop());

const CANARY = "canary-of-beta-5d0e";
const hashOf = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
/** The org's file and its log together: what is in either is in the org. */
const contentOf = (dir: string) =>
  Object.fromEntries(
    readdirSync(dir)
      .sort()
      .filter((name) => !name.endsWith("-shm"))
      .map((name) => [name, hashOf(joinPath(dir, name))]),
  );

test("I01 the same machine reporting into acme and beta: two resources, each invisible to the other", async () => {
  const own = await Promise.all([newOrgFor(alice, olga, "i01-a"), newOrgFor(bob, olga, "i01-b")]);
  const twin = { ...marked("same-name", "x"), attributes: { machine_id: "f00d" } };
  const [inA] = await reported(house, alice, own[0], [{ ...twin, metrics: { cpu_percent: 11 } }]);
  const [inB] = await reported(house, bob, own[1], [{ ...twin, metrics: { cpu_percent: 22 } }]);
  expect(inA?.id).not.toBe(inB?.id as never);
  for (const [who, org, mine, theirs] of [
    [alice, own[0], inA, inB],
    [bob, own[1], inB, inA],
  ] as const) {
    const { resources } = await must<ResourceList>(ask(who, org, "resources.list"));
    expect(resources).toEqual([mine as Resource]);
    await refused(ask(who, org, "resources.get", { id: theirs?.id }), 404, "not_found");
    await refused(ask(who, org, "history.latest", { resourceId: theirs?.id }), 404, "not_found");
  }
});

test("I02 a token of acme that reports, with header beta: 403, nothing written in beta", async () => {
  await reported(house, bob, beta, [marked("beta-nas", CANARY)]);
  for (const scopes of [["report"], ["report", "admin"]] as const) {
    const token = await newToken(alice, acme, { scopes: [...scopes] });
    const before = contentOf(orgDir(dataDir, beta.id));
    for (const path of [
      "resources.list",
      "shares.create",
      "members.leave",
      "live.events",
      "orgs.get",
      "audit.list",
    ])
      expect([path, ...said(await byToken(server, token, path, { org: beta, input: {} }))]).toEqual([
        path,
        403,
        "access_denied",
      ]);
    const report = await fetch(`${server.url}/api/agent/report`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token.token}`,
        "content-type": "application/json",
        ...orgHeader(beta),
      },
      body: "{}",
    });
    expect(report.ok).toBe(false);
    expect(contentOf(orgDir(dataDir, beta.id))).toEqual(before);
  }
});

describe("I03 every id of beta asked in acme: the same 404 as an unknown id", () => {
  const unknown = (prefix: string) => `${prefix}${"a".repeat(19)}`;

  test("resources, history, tokens, members, invitations, shares", async () => {
    const org = await newOrgFor(bob, olga, "i03");
    const other = await newOrgFor(alice, olga, "i03-other");
    const [resource] = await reported(house, bob, org, [marked("of-beta", CANARY)]);
    const token = await newToken(bob, org);
    const { invitation } = await must<{ invitation: { id: string } }>(
      ask(bob, org, "members.invite", { email: "invited@x.example", role: "viewer" }),
    );
    const share = await offer({ from: org, by: bob, to: beta, resourceId: resource!.id });
    const userId = await idOf(bob);
    const range = { metrics: ["cpu_percent"], from: 0, to: 1_000 };
    const asked: [path: string, inputOf: (id: string) => object, theirs: string, prefix: string][] = [
      ["resources.get", (id) => ({ id }), resource!.id, "r"],
      ["history.range", (id) => ({ ...range, resourceId: id }), resource!.id, "r"],
      ["history.latest", (id) => ({ resourceId: id }), resource!.id, "r"],
      ["history.top", (id) => ({ metric: "cpu_percent", from: 0, to: 1_000, within: id }), resource!.id, "r"],
      [
        "shares.create",
        (id) => ({ targetOrg: other.slug, resourceId: id, role: "viewer" }),
        resource!.id,
        "r",
      ],
      ["shares.accept", (id) => ({ id }), share.id, "h"],
      ["shares.decline", (id) => ({ id }), share.id, "h"],
      ["shares.remove", (id) => ({ id }), share.id, "h"],
      ["tokens.revoke", (id) => ({ id }), token.id, "t"],
      ["members.revokeInvitation", (id) => ({ id }), invitation.id, "i"],
      ["members.setRole", (id) => ({ userId: id, role: "viewer" }), userId, "u"],
      ["members.remove", (id) => ({ userId: id }), userId, "u"],
    ];
    for (const [path, inputOf, theirs, prefix] of asked) {
      const headers = { ...orgHeader(acme), "x-request-id": "the-same-for-all" };
      const foreign = await alice.call(path, { input: inputOf(theirs), headers });
      const none = await alice.call(path, { input: inputOf(unknown(prefix)), headers });
      expect([path, ...said(foreign), foreign.body]).toEqual([path, 404, "not_found", none.body]);
    }
    /* And all of it is still there. */
    await must(byToken(server, token, "resources.list"));
    await must(ask(bob, org, "members.revokeInvitation", { id: invitation.id }));
    await must(ask(bob, beta, "shares.decline", { id: share.id }));
  });

  test("the audit: by no filter comes an entry of another org", async () => {
    await must(ask(bob, beta, "orgs.update", { name: `Beta ${CANARY}` }));
    const theirs = await must<AuditList>(ask(bob, beta, "audit.list"));
    expect(JSON.stringify(theirs)).toContain(CANARY);
    const bobId = await idOf(bob);
    for (const input of [
      undefined,
      { actor: bobId },
      { subject: beta.id },
      { subject: bobId },
      { action: "org" },
      { cursor: 1_000_000 },
    ]) {
      const { body } = await ask(alice, acme, "audit.list", input);
      expect([input, body.includes(CANARY), body.includes(beta.id), body.includes(bobId)]).toEqual([
        input,
        false,
        false,
        false,
      ]);
    }
    await must(ask(bob, beta, "orgs.update", { name: "beta Ltd" }));
  });

  test("a cursor of beta's list in acme shows acme's and nothing else", async () => {
    const theirs = await reported(house, bob, beta, [marked("b1", CANARY), marked("b2", CANARY)]);
    const mine = await reported(house, alice, acme, [marked("a1", "x"), marked("a2", "x")]);
    for (const { id: cursor } of theirs) {
      const { resources } = await must<ResourceList>(ask(alice, acme, "resources.list", { cursor }));
      expect(resources).toEqual(mine.filter(({ id }) => id > cursor));
    }
  });
});

test("I04 acme's work goes on with beta's file unreadable, and a trace of opened files shows only acme's", async () => {
  const temporary = temporaryDataDir();
  try {
    const own = await buildHouseInProcess({ dataDir: temporary.path });
    await reported(own, own.alice, own.acme, [marked("nas", "x", 1)]);
    await reported(own, own.bob, own.beta, [marked("nas", CANARY, 1)]);
    await own.server.stop();
    writeFileSync(orgFile(temporary.path, own.beta.id), randomBytes(50_000));
    const broken = contentOf(orgDir(temporary.path, own.beta.id));

    /* What runs by itself in an org: taking reports, writing them together, judging silence and alerts, telling pages. */
    await using again = await startInProcess({
      dataDir: temporary.path,
      multiTenant: true,
      trustedProxies: ["127.0.0.1"],
    });
    const back = moved(own, again);
    using stream = await openRawStream(again, { cookie: back.alice.cookie, headers: orgHeader(own.acme) });
    for (let cpu = 2; cpu < 50; cpu++)
      await again.ingest([marked("nas", "x", cpu)], own.acme.id, { boot: "another-start" });
    const failing = { ...marked("sda", "x"), kind: "disk", status: "degraded" } as const;
    await again.ingest([failing], own.acme.id, { boot: "another-start" });
    await until(() => stream.events.some(({ type }) => type === "alert.fired"), PATIENCE);
    await until(() => JSON.stringify(stream.events).includes('"cpu_percent":49'), PATIENCE);
    await refused(ask(back.bob, own.beta, "resources.list"), 503, "org_unavailable");
    await again.stop();
    expect(contentOf(orgDir(temporary.path, own.beta.id))).toEqual(broken);

    const trace = joinPath(dirname(temporary.path), "trace");
    const under = ["strace", "-D", "-f", "--seccomp-bpf", "-e", "trace=openat,open,openat2", "-o", trace];
    await using traced = await startServer({ dataDir: temporary.path, env: ENV_ON, under });
    const third = moved(own, traced);
    for (const path of [
      "resources.list",
      "orgs.get",
      "orgs.plan",
      "members.list",
      "shares.list",
      "shares.incoming",
      "audit.list",
      "alerts.active",
      "alerts.incidents",
    ])
      await must(ask(third.alice, own.acme, path));
    await traced.stop();
    const opened = await until(() => {
      const text = readFileSync(trace, "utf8");
      return text.includes(orgFile(temporary.path, own.acme.id)) && text;
    });
    expect(opened.split("\n").filter((line) => line.includes(own.beta.id))).toEqual([]);
  } finally {
    temporary.remove();
  }
});

test("I06 logs, metrics and error texts that acme or an operator sees contain no canary of beta", async () => {
  const own = await buildHouseInProcess();
  await using _server = own.server;
  const secretName = `name-${CANARY}`;
  const [machine] = await reported(own, own.bob, own.beta, [marked(secretName, CANARY, 4_242.5)]);
  const token = await newToken(own.bob, own.beta, { scopes: ["admin"] });
  await must(ask(own.bob, own.beta, "orgs.update", { name: `Beta ${CANARY}` }));
  const code = await ask<{ invitation: { link: string } }>(own.bob, own.beta, "members.invite", {
    email: `${CANARY}@x.example`,
    role: "viewer",
  });
  const secrets = [
    CANARY,
    "4242.5",
    token.token,
    code.data.invitation.link.split("=")[1] as string,
    machine!.id,
  ];

  /* Both do everything wrong that can be done wrong. */
  const paths = [
    "resources.list",
    "resources.get",
    "history.range",
    "members.list",
    "members.setRole",
    "shares.create",
    "shares.accept",
    "tokens.create",
    "orgs.update",
    "live.events",
    "audit.list",
    "members.accept",
  ];
  let seen = "";
  for (const path of paths) {
    for (const input of [
      undefined,
      {},
      { id: machine!.id },
      { resourceId: machine!.id, targetOrg: "beta", role: "viewer" },
      { userId: "x" },
    ]) {
      for (const org of [own.acme, own.beta]) {
        if (path === "orgs.update" && org.id === own.beta.id) continue;
        const answer = await ask(own.alice, org, path, path === "live.events" ? { x: 1 } : input);
        /* The id was said by the one who asks. */
        seen += answer.body.replaceAll(machine!.id, "");
        await ask(own.bob, org, path, path === "live.events" ? { x: 1 } : input);
      }
    }
  }
  for (const secret of secrets) expect([secret, seen.includes(secret)]).toEqual([secret, false]);

  const logs = JSON.stringify(own.server.logs);
  expect(own.server.logs.length).toBeGreaterThan(50);
  for (const secret of secrets) expect([secret, logs.includes(secret)]).toEqual([secret, false]);
  const metrics = await (await fetch(`${own.server.url}/metrics`)).text();
  for (const text of [...secrets, own.acme.id, own.beta.id, "acme", "beta", "alice", "bob"])
    expect([text, metrics.includes(text)]).toEqual([text, false]);
});

describe("I07 an idempotency key", () => {
  const create = (who: Visitor, org: Org, key: string, name = "same") =>
    who.call<NewToken>("tokens.create", {
      input: { name, scopes: ["read"] },
      headers: { ...orgHeader(org), "idempotency-key": key },
    });
  const age = (key: string, createdAt: number) => {
    const db = openDatabase(instanceFile(dataDir), "existing");
    db.orm
      .update(idempotency)
      .set({ createdAt })
      .where(eq(idempotency.keyHash, sha256Hex(key)))
      .run();
    db.close();
  };
  const countOf = async (who: Visitor, org: Org) =>
    (await must<{ tokens: object[] }>(ask(who, org, "tokens.list"))).tokens.length;

  test("used in acme is unknown in beta, also for a member of both", async () => {
    const [one, other] = [await newOrgFor(alice, olga, "i07-a"), await newOrgFor(alice, olga, "i07-b")];
    const first = await must(create(alice, one, "a-key-of-mine"));
    const second = await must(create(alice, other, "a-key-of-mine"));
    expect(second.id).not.toBe(first.id);
    expect(await must(create(alice, one, "a-key-of-mine"))).toEqual(first);
    expect([await countOf(alice, one), await countOf(alice, other)]).toEqual([1, 1]);
    /* Nor does it belong to another person of the same org. */
    const admin = await join(server, { by: alice, org: one, email: "i07@x.example", role: "admin" });
    const third = await must(create(admin, one, "a-key-of-mine"));
    expect(third.id).not.toBe(first.id);
  });

  test("with another body: 409 `idempotency_mismatch`", async () => {
    const org = await newOrgFor(alice, olga, "i07-c");
    await must(create(alice, org, "another-key"));
    await refused(create(alice, org, "another-key", "other"), 409, "idempotency_mismatch");
    const invite = alice.call("members.invite", {
      input: { email: "x@x.example", role: "viewer" },
      headers: { ...orgHeader(org), "idempotency-key": "another-key" },
    });
    await refused(invite, 409, "idempotency_mismatch");
    expect(await countOf(alice, org)).toBe(1);
    for (const key of ["short", "x".repeat(201), "with a space"])
      expect([key, ...said(await create(alice, org, key))]).toEqual([key, 400, "invalid_request"]);
  });

  test("gets the same answer for 24 h, whatever was sent at once, and a new one after that", async () => {
    const org = await newOrgFor(alice, olga, "i07-d");
    const key = "the-key-of-a-day";
    const answers = await Promise.all(Array.from({ length: 20 }, () => create(alice, org, key)));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    const first = (answers[0] as Answer<NewToken>).data;
    age(key, Date.now() - DAY_MS + 60_000);
    expect(await must(create(alice, org, key))).toEqual(first);
    age(key, Date.now() - DAY_MS - 1_000);
    expect((await must(create(alice, org, key))).id).not.toBe(first.id);
    expect(await countOf(alice, org)).toBe(2);
  });

  test("gets nothing for somebody who is no admin any more", async () => {
    const org = await newOrgFor(alice, olga, "i07-e");
    const admin = await join(server, { by: alice, org, email: "i07-e@x.example", role: "admin" });
    await must(create(admin, org, "a-key-from-before"));
    await must(ask(alice, org, "members.setRole", { userId: await idOf(admin), role: "viewer" }));
    await refused(create(admin, org, "a-key-from-before"), 403, "role_required");
    await must(ask(alice, org, "members.remove", { userId: await idOf(admin) }));
    await refused(create(admin, org, "a-key-from-before"), 403, "access_denied");
  });
});

test("I08 acme's answers to a fixed script of 500 calls are equal whether beta is idle or busy", async () => {
  const own = await buildHouseInProcess();
  await using _server = own.server;
  const [machine] = await reported(own, own.alice, own.acme, [
    marked("nas", "x", 5),
    marked("nas-2", "x", 6),
  ]);
  const [theirs] = await reported(own, own.bob, own.beta, [marked("nas", CANARY, 7)]);
  const id = machine!.id;
  const range = {
    resourceId: id,
    metrics: ["cpu_percent"],
    from: Date.now() - 600_000,
    to: Date.now() + 600_000,
  };
  const script: [path: string, input?: object, org?: Org][] = [
    ["resources.list"],
    ["resources.list", { limit: 1 }],
    ["resources.get", { id }],
    ["resources.get", { id: theirs!.id }],
    ["resources.get", { id: "junk" }],
    ["history.range", range],
    ["history.range", { ...range, resourceId: theirs!.id }],
    ["history.latest", { resourceId: id }],
    ["orgs.get"],
    ["orgs.list"],
    ["members.list"],
    ["shares.list"],
    ["shares.incoming"],
    ["tokens.list"],
    ["session.me"],
    ["resources.list", undefined, own.beta],
    ["orgs.get", undefined, own.beta],
    ["orgs.update", { name: "acme Ltd" }],
    ["orgs.update", { slug: "beta" }],
    ["members.invite", { email: "alice@acme.example", role: "viewer" }],
  ];
  const play = async () => {
    const answers: string[] = [];
    for (let index = 0; index < 500; index++) {
      const [path, input, org = own.acme] = script[index % script.length] as (typeof script)[number];
      const answer = await own.alice.call(path, {
        ...(input !== undefined && { input }),
        headers: { ...orgHeader(org), "x-request-id": `call-${index}-of-500` },
      });
      answers.push(`${path} ${answer.status} ${answer.body}`);
    }
    return answers;
  };
  const idle = await play();
  let busy = true;
  let done = 0;
  const noise = Array.from({ length: 4 }, async (_, worker) => {
    for (let round = 0; busy; round++) {
      await own.server.ingest([marked("nas", CANARY, round)], own.beta.id, { source: `busy-${worker}` });
      await ask(own.bob, own.beta, "orgs.update", { name: `Busy ${worker} ${round}` });
      await ask(own.bob, own.beta, "members.invite", {
        email: `n${worker}-${round % 5}@x.example`,
        role: "viewer",
      });
      await ask(own.bob, own.acme, "resources.list");
      done++;
    }
  });
  const during = await play().finally(() => {
    busy = false;
  });
  await Promise.all(noise);
  expect(done).toBeGreaterThan(10);
  expect(during).toEqual(idle);
});

describe("I09 an org file that cannot be used: 503 `org_unavailable`; every other org unaffected; nothing deleted or made anew", () => {
  const breakages: Record<string, (file: string) => void> = {
    "full of junk": (file) => writeFileSync(file, randomBytes(60_000)),
    "cut off": (file) => writeFileSync(file, readFileSync(file).subarray(0, 5_000)),
    empty: (file) => writeFileSync(file, ""),
    "a database of something else": (file) => {
      writeFileSync(file, "");
      const db = openDatabase(file, "existing");
      db.execute("create table other (x); pragma user_version = 9");
      db.close();
    },
    missing: (file) => renameSync(file, `${file}.elsewhere`),
    "missing with its folder": (file) => renameSync(dirname(file), `${dirname(file)}.elsewhere`),
  };

  test("in every way a file can be unusable", async () => {
    const temporary = temporaryDataDir();
    try {
      const own = await buildHouse({ dataDir: temporary.path });
      const names = Object.keys(breakages);
      const orgs = await Promise.all(
        names.map((_, index) => newOrgFor(own.alice, own.olga, `broken-${index}`)),
      );
      for (const org of orgs) await must(ask(own.alice, org, "resources.list"));
      await own.server.stop();
      const left = (org: Org) => {
        const dir = orgDir(temporary.path, org.id);
        return existsSync(dir) ? contentOf(dir) : undefined;
      };
      const before = orgs.map((org, index) => {
        breakages[names[index] as string]?.(orgFile(temporary.path, org.id));
        return left(org);
      });

      await using again = await startServer({ dataDir: temporary.path, env: ENV_ON });
      const { alice, bob, olga, acme, beta } = moved(own, again);
      for (let round = 0; round < 3; round++) {
        for (const [index, org] of orgs.entries()) {
          const answer = await ask(alice, org, "resources.list");
          expect([names[index], ...said(answer)]).toEqual([names[index], 503, "org_unavailable"]);
          expect(answer.body).not.toMatch(/sqlite|\.db|\/tmp|no such|malformed/i);
        }
        for (const [who, org] of [
          [alice, acme],
          [bob, beta],
          [olga, { id: DEFAULT_ORG }],
        ] as const)
          await must(ask(who, org, "resources.list"));
      }
      expect((await fetch(`${again.url}/readyz`)).status).toBe(200);
      /* Those who are no members learn nothing of it. */
      for (const org of orgs) await refused(ask(bob, org, "resources.list"), 403, "access_denied");
      expect((await must<{ orgs: Org[] }>(alice.call("orgs.list"))).orgs).toHaveLength(orgs.length + 1);
      await again.stop();
      expect(orgs.map(left)).toEqual(before);
      const doctor = await runPulse(temporary.path, ["doctor"], ENV_ON);
      expect(doctor.status).toBe(1);
      for (const org of orgs) expect(doctor.stdout).toMatch(new RegExp(`BAD .*${org.id}`));
    } finally {
      temporary.remove();
    }
  });

  test("a file that breaks while it is open", async () => {
    const own = await buildHouseInProcess();
    await using _server = own.server;
    await reported(own, own.alice, own.acme, [marked("nas", "x")]);
    const file = orgFile(own.server.dataDir, own.acme.id);
    /* Closed and opened again by somebody who is allowed to, as after a rest. */
    await must(own.olga.call("orgs.suspend", { input: { org: own.acme.id } }));
    const whole = readFileSync(file);
    writeFileSync(file, randomBytes(30_000));
    await must(own.olga.call("orgs.resume", { input: { org: own.acme.id } }));
    await refused(ask(own.alice, own.acme, "resources.list"), 503, "org_unavailable");
    await must(ask(own.bob, own.beta, "resources.list"));
    expect(await emailOf(own.alice)).toBe("alice@acme.example");
    /* Put back, it is as if nothing had been. */
    await must(own.olga.call("orgs.suspend", { input: { org: own.acme.id } }));
    writeFileSync(file, whole);
    await must(own.olga.call("orgs.resume", { input: { org: own.acme.id } }));
    expect((await must<ResourceList>(ask(own.alice, own.acme, "resources.list"))).resources).toHaveLength(1);
    expect((await call(own.server, "resources.list", { headers: orgHeader(own.acme) })).status).toBe(401);
  });
});
