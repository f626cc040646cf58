/**
 * Every byte that leaves each caller's calls is searched for what belongs to others: answers, headers, streams, logs,
 * `/metrics`. And the search is proven to see: whoever owns a canary finds it.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { getAgentConfig, postEnrol, postReport, reporterOf } from "../support/agents.ts";
import { isMutation } from "../support/calls.ts";
import { machine } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import type { Canary } from "./canaries.ts";
import { type Row, refsOf, rows } from "./matrix.ts";
import { ORGS, type OrgTag, PRINCIPALS, type PrincipalName, READS } from "./principals.ts";
import { Scanner } from "./scan.ts";
import { Stream } from "./sse.ts";
import { headersFor, MODES, startWorld, textOf, type World } from "./world.ts";

const PATIENCE_MS = 120_000;
const house = await startWorld();
afterAll(() => house.stop());

/** What somebody may see of an org they do not belong to, and why. */
const TOLD: {
  who: readonly PrincipalName[];
  org: Canary["org"] | "any";
  places: RegExp;
  nth?: number;
  why: string;
}[] = [
  {
    who: ["shareViewer", "dualMember"],
    org: "acme",
    places: /^(resource\.name|resource\.attributes|attribute\.name|sample_layout\.columns|sample\.packed)$/,
    nth: 2,
    why: "the machine that acme shows to gamma, and its part",
  },
  {
    who: ["dualMember"],
    org: "acme",
    places: /^(resource\.name|resource\.attributes|attribute\.name|sample_layout\.columns)$/,
    why: "editors of gamma and above see the other shared machine too; a viewer of acme anyway",
  },
  {
    who: ["shareViewer"],
    org: "acme",
    places: /^org\.(slug|name)$/,
    why: "whose machine it is that is shown",
  },
  {
    who: ["dualMember"],
    org: "beta",
    places: /^(org\.(slug|name)|resource\.name)$/,
    why: "who administers gamma sees what beta offers before accepting it",
  },
  {
    who: ["admin", "owner", "ownerLong", "tokAdmin"],
    org: "gamma",
    places: /^org\.(slug|name)$/,
    why: "who acme shares with stands in its list of shares and in its audit",
  },
  {
    who: ["viewer", "editor", "dualMember", "tokRead", "tokWrite", "tokOwnerDemoted"],
    org: "gamma",
    places: /^org\.(slug|name)$/,
    why: "the same, for members of acme: accepted shares are told to all of them",
  },
  {
    who: ["foreignOwner", "tokForeign"],
    org: "gamma",
    places: /^org\.(slug|name)$/,
    why: "whom beta offers something",
  },
  {
    who: ["suspendedMember"],
    org: "delta",
    places: /^org\.(slug|name|primary_domain)$/,
    why: "members of a suspended org are told which of theirs it is",
  },
  {
    who: ["pendingInvite"],
    org: "acme",
    places: /^(org\.(slug|name)|user\.name)$/,
    why: "an invitation says where to and by whom",
  },
  {
    who: ["operator"],
    org: "any",
    places: /^(org\.(slug|name)|user\.(name|email))$/,
    why: "who operates the instance knows its orgs and people by name, and nothing of what is in an org",
  },
  {
    who: ["operator"],
    org: "any",
    places: /^org\.primary_domain$/,
    why: "the audit of what became of whole orgs",
  },
  {
    who: [
      "viewer",
      "editor",
      "admin",
      "owner",
      "ownerLong",
      "tokRead",
      "tokWrite",
      "tokAdmin",
      "tokOwnerDemoted",
    ],
    org: "gamma",
    places: /^user\.(name|email)$/,
    nth: 1,
    why: "the owner of gamma is a member of acme",
  },
  {
    who: ["admin", "owner", "ownerLong", "tokAdmin"],
    org: "beta",
    places: /^user\.email$/,
    why: "who was invited to acme has an account in beta: acme knows the address it invited",
  },
  {
    who: ["agent"],
    org: "acme",
    places: /^source\.(name|config)$/,
    nth: 2,
    why: "an agent is told what it is to check",
  },
  {
    who: ["agentForeign"],
    org: "beta",
    places: /^source\.(name|config)$/,
    nth: 2,
    why: "an agent is told what it is to check",
  },
];

/** What somebody does not see of an org they read, and why. */
const WITHHELD: { who: readonly PrincipalName[]; org: OrgTag; places: RegExp; why: string }[] = [
  {
    who: ["viewer", "dualMember", "tokRead", "tokOwnerDemoted"],
    org: "acme",
    places: /^source\.heartbeat$/,
    why: "whoever knows it can say that all is well: for those who may change something",
  },
  {
    who: ["viewer", "editor", "dualMember", "tokRead", "tokWrite", "tokOwnerDemoted"],
    org: "acme",
    places: /^enrolment\.name$/,
    why: "what any machine may enrol with is for admins",
  },
  {
    who: ["viewer", "editor", "dualMember", "tokRead", "tokWrite", "tokOwnerDemoted"],
    org: "acme",
    places: /^(channel\.config|delivery\.|route_settings\.)/,
    why: "where messages go is for admins; why an alert was not told names channels and routes to everybody",
  },
];

/** About themselves: in their own name, e-mail and browser. */
function isOwn(world: World, who: PrincipalName, canary: Canary, own: ReadonlySet<string>): boolean {
  return own.has(canary.text) || world.people[who]?.email === canary.text;
}

function mayHave(world: World, who: PrincipalName, canary: Canary, own: ReadonlySet<string>): boolean {
  if (canary.secret || canary.inside) return false;
  if (isWithheld(who, canary)) return false;
  if (READS[who].some((org) => org === canary.org)) return true;
  if (isOwn(world, who, canary, own)) return true;
  const ofItsPlace = world.canaries.filter(({ org, place }) => org === canary.org && place === canary.place);
  const nth = ofItsPlace.indexOf(canary);
  return TOLD.some(
    (told) =>
      told.who.includes(who) &&
      (told.org === "any" || told.org === canary.org) &&
      told.places.test(canary.place) &&
      (told.nth === undefined || nth < told.nth),
  );
}

function isWithheld(who: PrincipalName, { org, place }: Canary): boolean {
  return WITHHELD.some(
    (withheld) => withheld.who.includes(who) && withheld.org === org && withheld.places.test(place),
  );
}

describe("I06, S02: nobody receives a byte of what is not theirs", () => {
  const seenByOwner = new Set<Canary>();
  for (const who of PRINCIPALS) {
    test(
      who,
      async () => {
        const scanner = new Scanner(house.canaries);
        const own = await ownWords(house, who);
        const leaks = new Set<string>();
        const read = new Set<Canary["org"]>();
        for await (const { what, text } of everythingFor(house, who)) {
          for (const canary of scanner.in(text)) {
            if (READS[who].some((org) => org === canary.org)) seenByOwner.add(canary);
            if (canary.place === "resource.name") read.add(canary.org);
            if (!mayHave(house, who, canary, own))
              leaks.add(`${canary.org} ${canary.place}${canary.secret ? " (secret)" : ""} in ${what}`);
          }
        }
        expect([...leaks]).toEqual([]);
        expect(READS[who].filter((org) => !read.has(org))).toEqual([]);
      },
      PATIENCE_MS,
    );
  }

  test("P03: the search is not blind: every canary is seen by its own people, but those of the list", () => {
    const unseen = house.canaries.filter(
      (canary) => !canary.secret && !canary.inside && canary.org !== "instance" && canary.org !== "delta",
    );
    const missing = unseen
      .filter((canary) => !seenByOwner.has(canary))
      .map(({ org, place }) => `${org} ${place}`);
    expect([...new Set(missing)].sort()).toEqual(Object.keys(UNSEEN).sort());
  });

  test("the log names nothing of any org: no name, no value, no secret", () => {
    const scanner = new Scanner(house.canaries);
    const text = house.server.logs.map((line) => JSON.stringify(line)).join("\n");
    expect(text).toContain("denied");
    /* The requested org is logged as it was requested: a runbook begins there. */
    const found = [...scanner.in(text)].filter(({ place }) => place !== "org.slug");
    expect(found.map(({ org, place }) => `${org} ${place}`)).toEqual([]);
  });

  test("/metrics name no org, no person, no machine", async () => {
    const text = await (await fetch(`${house.server.url}/metrics`)).text();
    expect([...new Scanner(house.canaries).in(text)].map(({ place }) => place)).toEqual([]);
    const ids = [
      ...ORGS.map((org) => house.orgs[org].id),
      ...PRINCIPALS.flatMap((who) => house.people[who]?.id ?? []),
    ];
    for (const id of ids) expect(text).not.toContain(id);
    expect(text).toContain("pulse_access_denied_total{");
  });
});

/** Non-secret canaries that their own people are shown by no call. */
const UNSEEN: Record<string, string> = {
  "acme session.user_agent": "each person sees their own sessions only, and only their own are searched here",
  "beta session.user_agent": "the same",
};

test("the search sees through what a canary may be wrapped in", () => {
  const canary: Canary = { org: "acme", place: "a.b", text: "CNRY~acme~a~b~abcdefgh" };
  const scanner = new Scanner([canary]);
  const around = (text: string) => [`x${text}y`, `xy${text}z`, `xyz${text}`];
  const wrapped = [
    ...around(canary.text),
    ...around(canary.text).map((text) => Buffer.from(text).toString("base64")),
    ...around(canary.text).map((text) => Buffer.from(text).toString("base64url")),
    ...around(canary.text).map((text) => Buffer.from(text).toString("hex")),
    JSON.stringify({ held: JSON.stringify({ name: canary.text }) }),
    `/?q=${encodeURIComponent(canary.text)}`,
  ];
  for (const text of wrapped) expect([text, scanner.in(text).size]).toEqual([text, 1]);
  expect(scanner.in("CNRY~acme~a~b~abcdefgi").size).toBe(0);
});

for (const mode of MODES.filter((one) => one !== "on")) {
  test(
    `G03, K05, mode ${mode}: nothing of any org leaves, whoever asks`,
    async () => {
      await using other = await startWorld(mode);
      const scanner = new Scanner(other.canaries.filter(({ org }) => org !== "instance"));
      for (const who of PRINCIPALS) {
        const own = await ownWords(other, who);
        const leaks = new Set<string>();
        for await (const { what, text } of everythingFor(other, who, ["acme"]))
          for (const canary of scanner.in(text))
            if (!isOwn(other, who, canary, own) && !isOfPeople(who, canary))
              leaks.add(`${canary.org} ${canary.place} in ${what}`);
        expect([who, [...leaks]]).toEqual([who, []]);
      }
    },
    PATIENCE_MS,
  );
}

/** Accounts are of the instance: who operates it goes on knowing them. */
function isOfPeople(who: PrincipalName, { place }: Canary): boolean {
  return who === "operator" && /^(user|org)\./.test(place);
}

/** What stands in one's own account. */
async function ownWords(world: World, who: PrincipalName): Promise<Set<string>> {
  const answers = await Promise.all(
    ["session.me", "session.list"].map((path) => world.call(who, path, { carrier: "none" })),
  );
  const scanner = new Scanner(world.canaries.filter(({ place }) => /^(user|session)\./.test(place)));
  return new Set(answers.flatMap(({ body }) => [...scanner.in(body)].map(({ text }) => text)));
}

/** So that equal answers are equal, and searched once. */
const SAME_REQUEST = { "x-request-id": "the-same-for-all" };

/** Every call there is, as one caller, with their own ids, with foreign ones and with none. */
async function* everythingFor(
  world: World,
  who: PrincipalName,
  orgs: readonly OrgTag[] = ORGS,
): AsyncGenerator<{ what: string; text: string }> {
  for (const [path, row] of rows) {
    if (path === "live.events") continue;
    if (row.effects === "writes" && (row.cells[who] === "in" || READS[who].length > 0)) continue;
    for (const input of inputsOf(world, path, row, who)) {
      for (const org of orgs) {
        const answer = await world.call(who, path, { input, org, headers: SAME_REQUEST });
        const head = [...answer.headers].map((pair) => pair.join(": ")).join("\n");
        yield { what: `${path} of ${org} ${JSON.stringify(input)}`, text: `${head}\n\n${answer.body}` };
      }
      const answer = await world.call(who, path, { input, carrier: "none", headers: SAME_REQUEST });
      yield { what: `${path} with nothing asked for`, text: answer.body };
    }
  }
  for (const org of orgs) {
    const stream = await Stream.open(world.server.url, headersFor(world, who, { org }));
    if (!(stream instanceof Stream)) {
      yield { what: `live.events of ${org}`, text: stream.body };
      continue;
    }
    await until(() => stream.text.includes("snapshot"));
    await Promise.all(ORGS.map((one) => world.report(one, Math.random()).catch(() => undefined)));
    await until(() => stream.text.includes('"type":"resources"'), { withinMs: 1_000 }).catch(() => undefined);
    stream.close();
    yield { what: `live.events of ${org}`, text: stream.text };
  }
  for (const path of ["/", "/healthz", "/readyz", "/api/nothing", `/o/${world.orgs.acme.slug}`]) {
    const response = await fetch(world.server.url + path, { headers: headersFor(world, who) });
    yield { what: path, text: await response.text() };
  }
  yield* everythingForMachines(world, who);
}

/** Where machines come in, with whatever the caller has. */
async function* everythingForMachines(
  world: World,
  who: PrincipalName,
): AsyncGenerator<{ what: string; text: string }> {
  for (const carrier of ["none", "slug"] as const) {
    const headers = { ...headersFor(world, who, { carrier }), ...SAME_REQUEST };
    const report = reporterOf()([]);
    const answers = {
      report: await postReport(
        world.server,
        undefined,
        { ...report, resources: [machine("m", 1)] },
        { headers },
      ),
      "a report of nothing": await postReport(world.server, undefined, {}, { headers }),
      enrol: await postEnrol(world.server, undefined, {}, headers),
      config: await getAgentConfig(world.server, undefined, headers),
    };
    for (const [what, { headers, body }] of Object.entries(answers))
      yield { what, text: `${[...headers].map((pair) => pair.join(": ")).join("\n")}\n\n${body}` };
  }
  for (const org of ORGS) {
    const path = `/api/heartbeat/${world.heartbeats[org].replace(/.$/, "_")}`;
    const response = await fetch(world.server.url + path, { headers: headersFor(world, who) });
    yield { what: `a heartbeat of ${org}`, text: await response.text() };
  }
}

test("S02: what acme's people say about a machine they show stays among them, also as it is said", async () => {
  await using world = await startWorld();
  const words = world.canaries.filter(({ org, place }) => org === "acme" && place.startsWith("own_facts."));
  const scanner = new Scanner(words);
  const open = async (who: PrincipalName, org: OrgTag) => {
    const stream = await Stream.open(world.server.url, headersFor(world, who, { org }));
    if (!(stream instanceof Stream)) throw new Error(stream.body);
    await until(() => stream.text.includes("snapshot"));
    return stream;
  };
  const [theirs, own] = [await open("shareViewer", "gamma"), await open("viewer", "acme")];
  const { host } = world.orgs.acme;
  const said = ["notes", "tags", "link"].map((name) => textOf(world.canaries, "acme", `own_facts.${name}`));
  const [notes, tag, link] = said;
  await world.call("editor", "resources.update", { input: { id: host, notes: "", tags: [], link: null } });
  await world.call("editor", "resources.update", { input: { id: host, notes, tags: [tag], link } });
  await world.report("acme", 77);
  for (const stream of [theirs, own]) await until(() => stream.text.includes('"cpu_percent":77'));
  expect(said.filter((text) => !own.text.includes(text))).toEqual([]);
  expect([...scanner.in(theirs.text)].map(({ place }) => place)).toEqual([]);
  for (const stream of [theirs, own]) stream.close();
});

/** Ids of their own are left out where somebody would change something: whoever comes after them is to find it. */
function inputsOf(world: World, path: string, row: Row, who: PrincipalName): unknown[] {
  const inputs = [row.input?.(world)];
  for (const [at, kind] of refsOf(row)) {
    if (kind === "email" || at.includes(".")) continue;
    for (const org of ["acme", "beta"] as const) {
      if (isMutation(path) && (READS[who].includes(org) || isOffered(path, who))) continue;
      const id = kind === "org" ? world.orgs[org].id : world.ids[org][kind];
      if (row.effects === "writes" || /^(suspend|purge)/.test(at)) continue;
      if (kind === "org") continue;
      inputs.push({
        ...(inputs[0] as object),
        [at]: kind === "invitation" && at === "code" ? codeFor(world, org) : id,
      });
    }
    if (kind === "resource" && at === "resourceId" && inputs[0]) {
      /* An answer repeats the names it was asked for: each machine is asked for its own. */
      for (const org of ["acme", "beta"] as const) {
        const names = world.canaries.filter(
          (canary) => canary.org === org && canary.place === "sample_layout.columns",
        );
        const { host, part, other } = world.orgs[org];
        for (const [nth, resourceId] of [host, part, other].entries())
          inputs.push({
            ...(inputs[0] as object),
            resourceId,
            ...("metrics" in (inputs[0] as object) && { metrics: [names[nth]?.text] }),
          });
      }
    }
  }
  return inputs;
}

/** To gamma, by acme and by beta. */
function isOffered(path: string, who: PrincipalName): boolean {
  return /^shares\.(accept|decline)$/.test(path) && READS[who].includes("gamma");
}

function codeFor(world: World, org: "acme" | "beta"): string {
  return textOf(world.canaries, org, "invitation").replace(/.$/, "2");
}
