/**
 * What it costs to decide about one call: `access/admission.admit`, by session and by token. In memory are 10,000
 * people who each have a session, a thousand of them members of `default`; and 10,000 orgs of five members each, one
 * of which is shown something by three others. In microseconds; and what all of that takes in memory.
 *
 *   bun bench/admission.ts
 */
import { admit, type Claims, endReasonFor, type Gatekeepers, type Need } from "../server/access/admission.ts";
import { Directory } from "../server/access/directory.ts";
import { Features } from "../server/access/features.ts";
import { OrgCookie } from "../server/access/org-cookie.ts";
import { Sessions } from "../server/access/sessions.ts";
import { visibleShares } from "../server/access/visible-shares.ts";
import type { DirectoryChange } from "../server/contract/directory.ts";
import {
  DEFAULT_ORG,
  OrgId,
  ResourceId,
  SessionId,
  ShareId,
  TokenId,
  UserId,
} from "../server/contract/ids.ts";
import type { Role } from "../server/contract/roles.ts";
import { systemClock } from "../server/lib/clock.ts";
import { mintId, randomBase32, sha256Hex } from "../server/lib/random-id.ts";
import { printTable, spread } from "./table.ts";

const PEOPLE = 10_000;
const MEMBERS = 1_000;
const ORGS = 10_000;
const MEMBERS_PER_ORG = 5;
const SHARES = 3;
const ROUNDS = 50;
const CALLS = 2_000;
const ANYWHERE = { address: "127.0.0.1", userAgent: "bench" };

const directory = new Directory();
const now = Date.now();

/** What the browsers of people hold, and the ids of those people. */
const raw: string[] = [];
const userIds: UserId[] = [];
/** Tokens, each bound to the org at the same place. */
const tokens: string[] = [];
const orgIds: OrgId[] = [];

function org(id: OrgId, slug: string): DirectoryChange {
  return {
    kind: "org",
    org: { id, slug, name: slug, state: "active", createdAt: now, limits: {} },
  };
}

function member(orgId: OrgId, userId: UserId, role: Role): DirectoryChange {
  return { kind: "member", member: { orgId, userId, role, since: now } };
}

function person(n: number): DirectoryChange[] {
  const id = UserId.parse(mintId("u"));
  const rawId = randomBase32(40);
  userIds.push(id);
  raw.push(rawId);
  const times = {
    createdAt: now,
    lastSeenAt: now,
    idleEndsAt: now + 14 * 86_400_000,
    endsAt: now + 90 * 86_400_000,
  };
  const session = {
    idHash: sha256Hex(rawId),
    id: SessionId.parse(mintId("s")),
    userId: id,
    ...times,
    ...ANYWHERE,
  };
  const known = { id, email: `p${n}@example.org`, name: "p", operator: false, disabled: false };
  const changes: DirectoryChange[] = [
    { kind: "person", person: known },
    { kind: "session", session },
  ];
  if (n < MEMBERS) changes.push(member(DEFAULT_ORG, id, "viewer"));
  return changes;
}

/** Its members are five people in a row, the first of them its owner, who made a token for it. */
function manyMembers(n: number): DirectoryChange[] {
  const id = OrgId.parse(mintId("o"));
  orgIds.push(id);
  const changes = [org(id, `org-${n}`)];
  for (let place = 0; place < MEMBERS_PER_ORG; place++) {
    changes.push(member(id, userIdAt(n * MEMBERS_PER_ORG + place), place === 0 ? "owner" : "viewer"));
  }
  const token = `pulse_${randomBase32(40)}`;
  tokens.push(token);
  const bound = { madeBy: userIdAt(n * MEMBERS_PER_ORG), scopes: ["read" as const], orgIds: [id] };
  changes.push({
    kind: "token",
    token: { id: TokenId.parse(mintId("t")), secretHash: sha256Hex(token), ...bound },
  });
  return changes;
}

function userIdAt(n: number): UserId {
  return userIds[n % PEOPLE] as UserId;
}

/** What comes is shown by the last orgs to the first. */
function share(n: number): DirectoryChange {
  const both = { sourceOrgId: orgIds[ORGS - 1 - n] as OrgId, targetOrgId: orgIds[0] as OrgId };
  const what = { resourceId: ResourceId.parse(mintId("r")), role: "viewer" as const, accepted: true };
  return { kind: "share", share: { id: ShareId.parse(mintId("h")), ...both, ...what } };
}

const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));

function memoryMb(): number {
  Bun.gc(true);
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

const license = { id: "l", holder: "bench", features: ["multi_tenant"], limits: {}, issuedAt: now };
const emptyMb = memoryMb();
directory.apply([org(DEFAULT_ORG, "default"), { kind: "license", license }]);
for (const changes of times(PEOPLE, person)) directory.apply(changes);
const peopleMb = memoryMb() - emptyMb;
const startedAt = performance.now();
for (const changes of times(ORGS, manyMembers)) directory.apply(changes);
const orgsMs = performance.now() - startedAt;
const orgsMb = memoryMb() - emptyMb - peopleMb;
directory.apply(times(SHARES, share));

const orgCookie = new OrgCookie();
orgCookie.use(Buffer.from(randomBase32(32)));
const gate: Gatekeepers = {
  directory,
  features: new Features({ multiTenantAllowed: true, directory, clock: systemClock }),
  sessions: new Sessions({ directory, instance: {} as never, clock: systemClock, onFailure: () => {} }),
  orgCookie,
  clock: systemClock,
};

const claims = (rawSession: string | undefined, more: Partial<Claims> = {}): Claims => ({
  headerOrgs: [],
  rawOrgCookie: undefined,
  host: "pulse.example.org",
  rawSession,
  bearer: undefined,
  address: ANYWHERE.address,
  onThisMachine: true,
  secure: false,
  ...more,
});
const viewer: Need = { who: "viewer", surface: "always" };
const unheard = { recognised: () => {}, requested: () => {} };
const ask = (asked: Claims, need = viewer) => admit(gate, asked, need, "query", unheard);

/** The claims of the owner of each org, made before they are measured. */
const owned = (more: (n: number) => Partial<Claims>) =>
  times(CALLS, (n) => claims(raw[(n * MEMBERS_PER_ORG) % PEOPLE], more(n)));
const byHeader = owned((n) => ({ headerOrgs: [orgIds[n] as string] }));
const bySlug = owned((n) => ({ headerOrgs: [`org-${n}`] }));
const foreign = owned((n) => ({ headerOrgs: [orgIds[n + CALLS / 2] as string] }));
const unknown = owned(() => ({ headerOrgs: [mintId("o")] }));
const byToken = times(CALLS, (n) => claims(undefined, { bearer: tokens[n] }));
const madeUp = times(CALLS, () => claims(undefined, { bearer: `pulse_${randomBase32(40)}` }));
const byCookie = times(CALLS, (n) => {
  const rawSession = raw[(n * MEMBERS_PER_ORG) % PEOPLE] ?? "";
  const cookie = orgCookie.make(orgIds[n] as OrgId, sha256Hex(rawSession), false);
  return claims(rawSession, { rawOrgCookie: /=([^;]*)/.exec(cookie)?.[1] });
});

/** Microseconds per call, once a round. */
async function measure(call: (n: number) => unknown, answer?: string): Promise<string> {
  const figures: number[] = [];
  for (let round = -5; round < ROUNDS; round++) {
    const from = performance.now();
    for (let n = 0; n < CALLS; n++) {
      const made = call(n);
      if (made instanceof Promise) await made.catch(() => {});
    }
    if (round >= 0) figures.push(((performance.now() - from) * 1_000) / CALLS);
  }
  await requireAnswer(call(0), answer);
  return spread(figures, 2);
}

/** What is measured is what the row says it is: let in, or refused for that reason. */
async function requireAnswer(made: unknown, reason: string | undefined): Promise<void> {
  const came = await Promise.resolve(made).then(
    () => undefined,
    (error: { reason?: string }) => error.reason ?? String(error),
  );
  if (came !== reason) throw new Error(`expected ${reason ?? "to be let in"}, not ${came ?? "to be let in"}`);
}

const at = (asked: Claims[]) => (n: number) => ask(asked[n] as Claims);
const admitted = await ask(claims(raw[0]));
const inOrg = await ask(byHeader[0] as Claims);
const [target, plain] = [orgIds[0] as OrgId, orgIds[1] as OrgId];
printTable(
  `Deciding about one call, µs: median (10-90 %) of ${ROUNDS} rounds of ${CALLS} calls; ${PEOPLE} people, ${ORGS} orgs`,
  ["decision", "µs"],
  [
    ["a member is let in", await measure((n) => ask(claims(raw[n % MEMBERS])))],
    [
      "somebody signed in is no member",
      await measure((n) => ask(claims(raw[MEMBERS + (n % 5_000)])), "access_denied"),
    ],
    ["nobody is signed in", await measure(() => ask(claims(undefined)), "authentication_required")],
    ["the session is made up", await measure(() => ask(claims("a".repeat(40))), "session_expired")],
    ["for anybody", await measure(() => ask(claims(undefined), { who: "public", surface: "always" }))],
    ["one of the orgs, by id", await measure(at(byHeader))],
    ["by short name", await measure(at(bySlug))],
    ["by the cookie", await measure(at(byCookie))],
    ["by a token", await measure(at(byToken))],
    ["an org of others", await measure(at(foreign), "access_denied")],
    ["an org that is none", await measure(at(unknown), "access_denied")],
    ["the token is made up", await measure(at(madeUp), "token_invalid")],
    ["a stream is asked again", await measure(() => endReasonFor(gate, admitted, "viewer"))],
    ["of one of the orgs", await measure(() => endReasonFor(gate, inOrg, "viewer"))],
    ["what others show to an org: nothing", await measure(() => visibleShares(gate, plain, "viewer"))],
    [`${SHARES} shares`, await measure(() => visibleShares(gate, target, "viewer"))],
  ],
);
printTable(
  "The directory: memory, and the time to take it all in",
  ["", "MB", "ms"],
  [
    [`${PEOPLE} people with a session, ${MEMBERS} in default`, peopleMb.toFixed(1), "-"],
    [`${ORGS} orgs of ${MEMBERS_PER_ORG} members and a token`, orgsMb.toFixed(1), orgsMs.toFixed(0)],
  ],
);
process.exit(0);
