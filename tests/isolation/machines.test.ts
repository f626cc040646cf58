/**
 * Where machines come in: everything anybody could send as a credential, at each address, in every mode. What is
 * answered is what the tables say, what is refused changes nothing anywhere, and what is taken is its own org's.
 */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Reason } from "../../server/contract/errors.ts";
import type { Resource } from "../../server/contract/resource.ts";
import { type DoorAnswer, getAgentConfig, postEnrol, postReport, reporterOf } from "../support/agents.ts";
import { machine } from "../support/in-process.ts";
import { openSocket, parseAnswer } from "../support/raw-socket.ts";
import { until } from "../support/until.ts";
import { digests } from "./digest.ts";
import {
  isToken,
  MACHINE_NAMES,
  MACHINES,
  type MachineName,
  ORGS,
  type OrgTag,
  PRINCIPALS,
  type PrincipalName,
  TOKENS,
} from "./principals.ts";
import { Stream } from "./sse.ts";
import { headersFor, MODES, type Mode, ORG_HEADER, startWorld, type World } from "./world.ts";

setDefaultTimeout(60_000);
const house = await startWorld();
afterAll(() => house.stop());

type Who = PrincipalName | MachineName;
const EVERYBODY: Who[] = [...new Set<Who>([...PRINCIPALS, ...MACHINE_NAMES])];
type Cell = "ok" | Reason;

/** Machines, by what each is let in with nothing else said. */
const REPORTING: Record<MachineName, Cell> = {
  agent: "ok",
  agentForeign: "ok",
  agentOfGamma: "ok",
  agentSuspended: "org_suspended",
  agentWaiting: "ok",
  agentOver: "token_invalid",
  agentRevoked: "token_invalid",
  enrolment: "token_invalid",
  enrolmentForeign: "token_invalid",
  enrolmentOfGamma: "token_invalid",
  enrolmentSuspended: "token_invalid",
  enrolmentOver: "token_invalid",
  enrolmentRevoked: "token_invalid",
};

const ENROLLING: Record<MachineName, Cell> = {
  agent: "token_invalid",
  agentForeign: "token_invalid",
  agentOfGamma: "token_invalid",
  agentSuspended: "token_invalid",
  agentWaiting: "token_invalid",
  agentOver: "token_invalid",
  agentRevoked: "token_invalid",
  enrolment: "ok",
  enrolmentForeign: "ok",
  enrolmentOfGamma: "ok",
  enrolmentSuspended: "org_suspended",
  enrolmentOver: "token_invalid",
  enrolmentRevoked: "token_invalid",
};

/** API tokens: for reports the scope counts, and no other covers it; they enrol nothing. */
const SCRIPTS: Partial<Record<PrincipalName, Cell>> = {
  tokRead: "scope_missing",
  tokWrite: "scope_missing",
  tokAdmin: "scope_missing",
  tokReport: "ok",
  tokForeign: "scope_missing",
  tokReportForeign: "ok",
  tokExpired: "token_invalid",
  tokRevoked: "token_invalid",
  tokOwnerDemoted: "scope_missing",
};

interface Door {
  /** With nothing said about an org. */
  cell(who: Who): Cell;
  /** Whether what it comes with is known here, valid or not. */
  knows(who: Who): boolean;
  knock(world: World, who: Who, headers: Record<string, string>): Promise<DoorAnswer<unknown>>;
}

const nobody: Cell = "authentication_required";

const DOORS: Record<string, Door> = {
  "POST /api/agent/report": {
    cell: (who) => (isMachineName(who) ? REPORTING[who] : (SCRIPTS[who] ?? nobody)),
    knows: (who) => !isGone(who) && !who.startsWith("enrolment"),
    knock: (world, who, headers) =>
      postReport(world.server, undefined, reporterOf()([machine(`of-${who}`, 1)]), {
        headers: { ...credentialOf(world, who), ...headers },
      }),
  },
  "GET /api/agent/config": {
    cell(who) {
      const cell = isMachineName(who) ? REPORTING[who] : (SCRIPTS[who] ?? nobody);
      return isToken(who as PrincipalName) && cell === "ok" ? "not_found" : cell;
    },
    knows: (who) => !isGone(who) && !who.startsWith("enrolment"),
    knock: (world, who, headers) =>
      getAgentConfig(world.server, undefined, { ...credentialOf(world, who), ...headers }),
  },
  "POST /api/agent/enroll": {
    cell: (who) =>
      isMachineName(who) ? ENROLLING[who] : isToken(who as PrincipalName) ? "token_invalid" : nobody,
    knows: (who) => !isGone(who) && who.startsWith("enrolment"),
    knock: (world, who, headers) =>
      postEnrol(world.server, undefined, undefined, { ...credentialOf(world, who), ...headers }),
  },
};

/** Nothing is left of it, not even what it was bound to. */
function isGone(who: Who): boolean {
  return who.endsWith("Revoked") || who === "agentOver" || who === "enrolmentOver";
}

function isMachineName(who: Who): who is MachineName {
  return Object.hasOwn(MACHINES, who);
}

/** What it is bound to, whether it still counts or not; undefined: a person, or nobody. */
function boundTo(who: Who): OrgTag | undefined {
  if (isMachineName(who)) return MACHINES[who];
  if (!isToken(who)) return undefined;
  return TOKENS[who].maker === "foreignOwner" ? "beta" : "acme";
}

function credentialOf(world: World, who: Who): Record<string, string> {
  if (isMachineName(who)) return { authorization: `Bearer ${world.machines[who].token}` };
  return world.headers[who];
}

const GATE: Record<Exclude<Mode, "on">, Reason> = {
  off: "feature_disabled",
  killed: "feature_disabled",
  unlicensed: "license_required",
};

/** `asked`: the org that is named besides. */
function wanted(door: Door, who: Who, mode: Mode, asked: OrgTag | undefined): Cell {
  const bound = door.knows(who) ? boundTo(who) : undefined;
  if (mode !== "on" && (bound || asked)) return GATE[mode];
  const cell = door.cell(who);
  const is401 = cell === "authentication_required" || cell === "token_invalid";
  return asked && bound !== asked && !is401 ? "org_mismatch" : cell;
}

/** How an org is named. */
const NAMED: [how: string, org: OrgTag | undefined, headers: (world: World) => Record<string, string>][] = [
  ["nothing", undefined, () => ({})],
  ["acme by its short name", "acme", ({ orgs }) => ({ [ORG_HEADER]: orgs.acme.slug })],
  ["beta by its id", "beta", ({ orgs }) => ({ [ORG_HEADER]: orgs.beta.id })],
  ["acme by its domain", "acme", ({ orgs }) => ({ host: orgs.acme.domain })],
];

describe("each credential gets what the tables say, at each door", () => {
  for (const mode of MODES) {
    test(`mode ${mode}, and heartbeats`, async () => {
      await using world = await startWorld(mode);
      const before = digests(world);
      const wrong: string[] = [];
      const taken = new Set<OrgTag>();
      for (const [path, door] of Object.entries(DOORS)) {
        for (const [how, org, headers] of mode === "on" ? NAMED : NAMED.slice(0, 2)) {
          for (const who of EVERYBODY) {
            const want = wanted(door, who, mode, org);
            const { status, error, body } = await door.knock(world, who, headers(world));
            const got = status === 200 ? "ok" : (error?.reason ?? `${status} ${body}`);
            if (got !== want) wrong.push(`${path} ${who}, naming ${how}: ${got}, not ${want}`);
            const bound = boundTo(who);
            if (got === "ok" && bound) taken.add(bound);
          }
        }
      }
      expect(wrong).toEqual([]);
      expect([...taken].sort()).toEqual(mode === "on" ? ["acme", "beta", "gamma"] : []);
      const after = digests(world);
      expect(ORGS.filter((org) => !taken.has(org) && after[org] !== before[org])).toEqual([]);
      if (mode !== "on") expect(after).toEqual(before);
      await judgeHeartbeats(world);
    });
  }

  test("in no form of an org's name: 400, whatever the credential", async () => {
    for (const door of Object.values(DOORS))
      for (const who of ["anon", "agent", "agentRevoked", "tokReport", "enrolment"] as const)
        for (const org of ["Acme", "", "../acme", house.orgs.acme.slug.toUpperCase()]) {
          const { status, error } = await door.knock(house, who, { [ORG_HEADER]: org });
          expect([who, org, status, error?.reason]).toEqual([who, org, 400, "invalid_org"]);
        }
  });

  test("a contradicted token says the same of an org that is there and of one that never was", async () => {
    for (const door of Object.values(DOORS))
      for (const who of ["agentForeign", "tokReportForeign", "enrolmentForeign"] as const) {
        const bodies = new Set<string>();
        for (const org of [house.orgs.acme.slug, house.orgs.acme.id, house.orgs.delta.slug, "never-there"]) {
          const headers = { [ORG_HEADER]: org, "x-request-id": "the-same-for-all" };
          bodies.add((await door.knock(house, who, headers)).body);
        }
        expect([who, bodies.size]).toEqual([who, 1]);
      }
  });
});

test("what is refused changes no value in any file, at no door", async () => {
  await using world = await startWorld();
  const before = digests(world);
  for (const door of Object.values(DOORS))
    for (const [, org, headers] of NAMED)
      for (const who of EVERYBODY)
        if (wanted(door, who, "on", org) !== "ok") await door.knock(world, who, headers(world));
  expect(digests(world)).toEqual(before);
});

test("I01, I02: a report is its token's org's, whatever the header, the host and the cookie say", async () => {
  await using world = await startWorld();
  const namesIn = async (who: PrincipalName, org: OrgTag) =>
    (await world.call<{ resources: Resource[] }>(who, "resources.list", { org })).data.resources.map(
      ({ name }) => name,
    );
  for (const [name, who] of [
    ["of-an-agent", "agentForeign"],
    ["of-a-script", "tokReportForeign"],
  ] as const) {
    const send = (headers: Record<string, string>) =>
      postReport(world.server, undefined, reporterOf()([machine(name, 1)]), {
        headers: { ...credentialOf(world, who), ...headers },
      });
    const contradictions: Record<string, string>[] = [
      { [ORG_HEADER]: world.orgs.acme.slug },
      { [ORG_HEADER]: world.orgs.acme.id },
      { [ORG_HEADER]: `${world.orgs.beta.slug}, ${world.orgs.acme.slug}` },
      { host: world.orgs.acme.domain },
    ];
    for (const headers of contradictions)
      expect([name, headers, (await send(headers)).error?.reason]).toEqual([name, headers, "org_mismatch"]);
    expect(await namesIn("foreignOwner", "beta")).not.toContain(name);
    /* A browser's memory is none of a machine's business. */
    const cookie = `${world.headers.owner.cookie}; pulse_org=${world.orgCookies.owner}`;
    expect((await send({ cookie })).status).toBe(200);
    expect(await namesIn("foreignOwner", "beta")).toContain(name);
    expect(await namesIn("owner", "acme")).not.toContain(name);
  }
});

test("time alone ends what was never used, and leaves alone what has begun", async () => {
  let ahead = 0;
  await using world = await startWorld("on", () => Date.now() + ahead);
  const report = (who: MachineName) =>
    postReport(world.server, world.machines[who].token, reporterOf()([machine(who, 1)]));
  const enrol = () => postEnrol(world.server, world.machines.enrolment.token);
  const { status, data } = await enrol();
  expect(status).toBe(200);
  const DAY_MS = 86_400_000;
  ahead = DAY_MS + 60_000;
  expect((await enrol()).error?.reason).toBe("token_invalid");
  ahead = 7 * DAY_MS + 60_000;
  expect((await report("agentWaiting")).error?.reason).toBe("token_invalid");
  expect((await report("agent")).status).toBe(200);
  const enrolled = await postReport(world.server, data.token, reporterOf()([machine("enrolled", 1)]));
  expect(enrolled.status).toBe(200);
});

test("a token that is bound to two orgs reports to neither, named or not", async () => {
  await using world = await startWorld();
  const userId = world.people.dualMember?.id;
  await world.call("owner", "members.setRole", { input: { userId, role: "admin" } });
  const { data } = await world.call<{ token: string }>("dualMember", "tokens.create", {
    input: { name: "both", scopes: ["report"], orgs: [world.orgs.acme.slug, world.orgs.gamma.slug] },
  });
  expect(data.token).toStartWith("pulse_");
  const before = digests(world);
  const named: Record<string, string>[] = [
    {},
    { [ORG_HEADER]: world.orgs.acme.slug },
    { [ORG_HEADER]: world.orgs.gamma.id },
  ];
  for (const headers of named) {
    const report = reporterOf()([machine("both", 1)]);
    const { status, error } = await postReport(world.server, data.token, report, { headers });
    expect([headers, status, error?.reason]).toEqual([headers, 401, "token_invalid"]);
  }
  expect(digests(world)).toEqual(before);
});

describe("what ends a token ends what is on its way with it", () => {
  /** The head and half a body; the rest when `between` is done. */
  async function sendInHalves(world: World, token: string, between: () => Promise<unknown>) {
    const body = JSON.stringify(reporterOf()([machine("in-halves", 1)]));
    const socket = openSocket(world.server);
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    socket.write(
      `POST /api/agent/report HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
    );
    socket.write(body.slice(0, 40));
    /* It has been let in once nothing more is needed but the body: other calls are answered meanwhile. */
    await world.call("viewer", "resources.list");
    await between();
    socket.write(body.slice(40));
    await until(() => text.includes("}}") || text.includes('"ok"'));
    socket.destroy();
    return parseAnswer(text);
  }

  const list = (world: World) => world.call<{ resources: Resource[] }>("viewer", "resources.list");

  for (const [what, reason, end] of [
    [
      "the agent is revoked",
      "token_invalid",
      (world: World) => world.call("admin", "agents.revoke", { input: { id: world.machines.agent.id } }),
    ],
    [
      "its org is suspended",
      "org_suspended",
      (world: World) =>
        world.call("operator", "orgs.suspend", { carrier: "none", input: { org: world.orgs.acme.id } }),
    ],
    ["its org is deleted", "access_denied", (world: World) => world.call("owner", "orgs.delete")],
    [
      "the kill switch is thrown",
      "feature_disabled",
      ({ server }: World) =>
        server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on: false }),
    ],
  ] as const) {
    test(what, async () => {
      await using world = await startWorld();
      const answer = await sendInHalves(world, world.machines.agent.token, () => end(world));
      expect(JSON.parse(answer.body).error.data.reason).toBe(reason);
      if (what === "the agent is revoked")
        expect((await list(world)).data.resources.map(({ name }) => name)).not.toContain("in-halves");
    });
  }
});

test("L01: that a machine has enrolled is told in its org, and no byte of it elsewhere", async () => {
  await using world = await startWorld();
  const open = async (who: PrincipalName, org: OrgTag) => {
    const stream = await Stream.open(world.server.url, headersFor(world, who, { org }));
    if (!(stream instanceof Stream)) throw new Error(stream.body);
    await until(() => stream.text.includes("snapshot"));
    return stream;
  };
  const own = await open("viewer", "acme");
  const others = [await open("shareViewer", "gamma"), await open("foreignOwner", "beta")];
  const name = "a machine that enrols";
  const { data } = await postEnrol(world.server, world.machines.enrolment.token, { v: 1, name });
  await postReport(world.server, world.machines.agentWaiting.token, reporterOf()([machine("first", 1)]));
  const waiting = world.machines.agentWaiting.id;
  await until(() => own.text.includes(waiting));
  expect(own.text).toContain(`"agent":{"id":"${data.agentId}","name":"${name}"}`);
  for (const org of ["gamma", "beta"] as const) await world.report(org, 55);
  for (const stream of others) {
    await until(() => stream.text.includes('"cpu_percent":55'));
    for (const word of [name, data.agentId, waiting]) expect(stream.text).not.toContain(word);
  }
  for (const stream of [own, ...others]) stream.close();
});

async function beat(world: World, key: string, method = "GET"): Promise<{ status: number; body: string }> {
  const headers = { "x-request-id": "the-same-for-all" };
  const response = await fetch(`${world.server.url}/api/heartbeat/${key}`, { method, headers });
  return { status: response.status, body: await response.text() };
}

/** Heard where the org runs, and unknown in the same bytes everywhere else. */
async function judgeHeartbeats(world: World): Promise<void> {
  const unknown = await beat(world, "A".repeat(70));
  expect(unknown.status).toBe(404);
  for (const org of ORGS)
    for (const method of ["GET", "POST"]) {
      const answer = await beat(world, world.heartbeats[org], method);
      if (world.mode === "on" && org !== "delta") expect([org, answer.body]).toEqual([org, "ok\n"]);
      else expect([org, answer]).toEqual([org, unknown]);
    }
}

describe("a heartbeat", () => {
  test("no part of an address is of use: changed in any place it is none", async () => {
    const key = house.heartbeats.acme;
    for (let at = 0; at < key.length; at++) {
      /* The last character may hold bits that say nothing. */
      const other = key[at] === "A" ? "z" : "A";
      const changed = key.slice(0, at) + other + key.slice(at + 1);
      if (Buffer.from(changed, "base64url").equals(Buffer.from(key, "base64url"))) continue;
      expect([at, (await beat(house, changed)).status]).toEqual([at, 404]);
    }
    for (const junk of ["a", "__proto__", "...", `${key}AAAA`, key.slice(0, -4), house.heartbeats.beta + key])
      expect([junk, (await beat(house, junk)).status]).toEqual([junk, 404]);
  });

  test("one of acme is heard by acme and by nobody else, and not when it was removed", async () => {
    await using world = await startWorld();
    const before = digests(world);
    await beat(world, world.heartbeats.acme);
    await until(() => digests(world).acme !== before.acme);
    const after = digests(world);
    expect([after.beta, after.gamma, after.instance]).toEqual([before.beta, before.gamma, before.instance]);
    const { data } = await world.call<{ sources: { id: string; type: string }[] }>("admin", "sources.list");
    const { id } = data.sources.find(({ type }) => type === "heartbeat") ?? {};
    expect((await world.call("admin", "sources.remove", { input: { id } })).status).toBe(200);
    expect(await beat(world, world.heartbeats.acme)).toEqual(await beat(world, "A".repeat(70)));
  });
});
