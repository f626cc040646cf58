/**
 * 200,000 calls of chance: every procedure, every caller, inputs that are almost right, foreign ids, junk. Nothing
 * breaks (no 5xx), nothing of another org comes back, nothing of the language itself is changed. The seed is printed;
 * `PULSE_TEST_SEED` repeats it.
 */
import { expect, test } from "bun:test";
import { createFetch } from "../../server/http/server.ts";
import { isMutation } from "../support/calls.ts";
import { Seeded } from "../support/seeded.ts";
import { type ProcedurePath, rows } from "./matrix.ts";
import { PRINCIPALS, type PrincipalName, READS } from "./principals.ts";
import { Scanner } from "./scan.ts";
import { headersFor, startWorld, type World } from "./world.ts";

const CALLS = 200_000;
const PER_BATCH = 10;
const AT_ONCE = 8;
const PATIENCE_MS = 240_000;

/**
 * What those who may would end the house with for everybody after them, what costs a tenth of a second of argon2 each
 * time, and what waits for somebody else's answer. Who may not calls it all the same.
 */
const LEFT_OUT = new Set<ProcedurePath>([
  "live.events",
  "session.signOut",
  "session.setup",
  "session.signIn",
  "session.changePassword",
  "members.join",
  "session.revoke",
  "members.leave",
  "members.remove",
  "tokens.revoke",
  "shares.remove",
  "shares.decline",
  "agents.revoke",
  "sources.remove",
  "sources.test",
  "notifications.removeChannel",
  "notifications.test",
  "resources.forget",
  "orgs.create",
  "orgs.update",
  "orgs.delete",
  "orgs.transferOwnership",
  "orgs.suspend",
  "orgs.resume",
  "orgs.purge",
  "orgs.setLimits",
  "system.createPerson",
  "system.resetPassword",
  "system.disablePerson",
  "system.licenseInit",
  "system.licenseRemove",
  "system.switchOffMultiTenant",
]);

const JUNK: unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53 + 2,
  "",
  "__proto__",
  "constructor",
  "\u0000",
  "\ud800",
  "'; drop table resource; --",
  "%00",
  "../../etc/passwd",
  "a".repeat(5_000),
  [],
  [[[[]]]],
  {},
  { __proto__: { polluted: true } },
  { constructor: { prototype: { polluted: true } } },
];
const KEYS = [
  "id",
  "userId",
  "resourceId",
  "code",
  "org",
  "orgs",
  "__proto__",
  "cursor",
  "limit",
  "orgId",
  "role",
];

test(
  `${CALLS.toLocaleString("en")} calls of chance`,
  async () => {
    await using world = await startWorld();
    const chance = new Seeded();
    console.log(`random.test.ts: seed ${chance.seed}`);
    const answer = createFetch(world.server.http);
    const ids = idsOf(world);
    const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype];
    const before = prototypes.map((one) => Object.getOwnPropertyNames(one).sort().join());
    const scanners = new Map(PRINCIPALS.map((who) => [who, new Scanner(foreignTo(world, who))]));
    const broken = new Set<string>();
    const statuses = new Map<number, number>();
    let done = 0;

    const worker = async () => {
      while (done < CALLS) {
        done += PER_BATCH;
        const who = chance.pick(PRINCIPALS);
        const kind = chance.chance(0.5) ? "GET" : "POST";
        const { request, what } = requestOf(world, chance, ids, who, kind);
        const response = await answer(request, "127.0.0.1");
        const text = await response.text();
        if (response.status >= 500 && response.status !== 501) broken.add(`${response.status}: ${what}`);
        for (const [, status] of text.matchAll(/"httpStatus":(\d+)/g)) {
          statuses.set(Number(status), (statuses.get(Number(status)) ?? 0) + 1);
          if (Number(status) >= 500 && status !== "501") broken.add(`${status}: ${what}`);
        }
        if (!/cnry/i.test(text)) continue;
        for (const canary of scanners.get(who)?.in(text) ?? [])
          if (!what.includes(canary.text)) broken.add(`${who} got ${canary.org} ${canary.place}: ${what}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));

    expect([...broken].slice(0, 5)).toEqual([]);
    expect(prototypes.map((one) => Object.getOwnPropertyNames(one).sort().join())).toEqual(before);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    /* Chance came as far as every kind of answer. */
    for (const status of [400, 401, 403, 404]) expect([status, statuses.has(status)]).toEqual([status, true]);
    expect((await world.call("viewer", "resources.list")).status).toBe(200);
  },
  PATIENCE_MS,
);

/** What is in others' files: nothing that could have become known by a name, a share or an invitation. */
function foreignTo(world: World, who: PrincipalName) {
  return world.canaries.filter(({ org, place, secret, text }) => {
    if (secret) return !JSON.stringify(world.headers[who]).includes(text);
    if (!/^(resource|report_cursor|sample_layout|attribute)/.test(place)) return false;
    if (READS[who].some((one) => one === org)) return false;
    return !MAY_COME_TO_SEE[who]?.includes(org);
  });
}

/** What chance may bring about by right: an offer accepted, an invitation taken, an org resumed by its operator. */
const MAY_COME_TO_SEE: { [who in PrincipalName]?: string[] } = {
  shareViewer: ["acme", "beta"],
  dualMember: ["acme", "beta"],
  pendingInvite: ["acme"],
  suspendedMember: ["delta"],
};

function idsOf({ ids, orgs, people }: World): string[] {
  return [
    ...Object.values(ids).flatMap((some) => Object.values(some)),
    ...Object.values(orgs).flatMap(({ id, slug, host, part, other }) => [id, slug, host, part, other]),
    ...Object.values(people).flatMap(({ id, email }) => [id, email]),
  ];
}

function requestOf(
  world: World,
  chance: Seeded,
  ids: string[],
  who: PrincipalName,
  kind: "GET" | "POST",
): { request: Request; what: string } {
  const some = Array.from({ length: PER_BATCH }, () => callOf(world, chance, ids, who, kind));
  const paths = some.map(({ path }) => path).join(",");
  const inputs = JSON.stringify(Object.fromEntries(some.map(({ input }, at) => [at, input])));
  const url = `${world.server.url}/api/trpc/${paths}?batch=1`;
  const long = kind === "GET" && encodeURIComponent(inputs).length > 6_000;
  const sent = long ? "{}" : inputs;
  const request = new Request(kind === "GET" ? `${url}&input=${encodeURIComponent(sent)}` : url, {
    method: kind,
    headers: {
      host: new URL(world.server.url).host,
      ...headersFor(world, who, { carrier: chance.pick(["slug", "id"]) }),
      ...(kind === "POST" && { "content-type": "application/json" }),
      ...(chance.chance(0.05) && { "idempotency-key": `key-${chance.below(100)}-of-chance` }),
    },
    ...(kind === "POST" && { body: sent }),
  });
  return { request, what: `${who} ${kind} ${paths} ${sent}` };
}

function callOf(
  world: World,
  chance: Seeded,
  ids: string[],
  who: PrincipalName,
  kind: "GET" | "POST",
): { path: ProcedurePath; input: unknown } {
  for (;;) {
    const [path, row] = chance.pick(rows);
    if (isMutation(path) !== (kind === "POST")) continue;
    if (LEFT_OUT.has(path) && row.cells[who] === "in") continue;
    if (path === "live.events") continue;
    const base = row.input?.(world);
    return { path, input: chance.chance(0.2) ? base : mutated(chance, ids, base) };
  }
}

function mutated(chance: Seeded, ids: string[], base: unknown): unknown {
  if (chance.chance(0.1)) return chance.pick(JUNK);
  const input: Record<string, unknown> = { ...(base as object | undefined) };
  const keys = Object.keys(input);
  for (let changes = 1 + chance.below(3); changes > 0; changes--) {
    const key = chance.chance(0.7) && keys.length > 0 ? chance.pick(keys) : chance.pick(KEYS);
    const value = chance.chance(0.6) ? chance.pick(ids) : chance.pick(JUNK);
    if (chance.chance(0.1)) delete input[key];
    else Object.defineProperty(input, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return input;
}
