/**
 * I08: a script of 500 calls as acme's people, with beta idle and again with beta as busy as it can be. What acme is
 * answered is the same. Tables of who may do what do not find shared counters, caches and queues; this does.
 */
import { expect, test } from "bun:test";
import { postEnrol, postReport, reporterOf } from "../support/agents.ts";
import { machine } from "../support/in-process.ts";
import { Seeded } from "../support/seeded.ts";
import { until } from "../support/until.ts";
import type { PrincipalName } from "./principals.ts";
import { openStreams } from "./sse.ts";
import { startWorld, type World } from "./world.ts";

const CALLS = 500;
const SEED = 20_261_124;
const PATIENCE_MS = 120_000;

type Step = (world: World, chance: Seeded) => Promise<string>;

const asked =
  (who: PrincipalName, path: string, input?: (world: World, chance: Seeded) => unknown): Step =>
  async (world, chance) => {
    const { status, headers, body } = await world.call(who, path, { input: input?.(world, chance) });
    return `${who} ${path} ${status} ${headers.get("retry-after")} ${normal(body)}`;
  };

const STEPS: Step[] = [
  asked("viewer", "resources.list"),
  asked("shareViewer", "resources.list"),
  asked("editor", "resources.get", ({ orgs }) => ({ id: orgs.acme.host })),
  asked("viewer", "resources.get", ({ orgs }) => ({ id: orgs.beta.host })),
  asked("tokRead", "history.latest", ({ orgs }) => ({ resourceId: orgs.acme.host })),
  asked("admin", "history.setRetention", (_, chance) => ({ keepDays: { samples: 1 + chance.below(700) } })),
  asked("viewer", "history.top", () => ({ metric: "load1", from: 0, to: 60_000 })),
  asked("viewer", "members.list"),
  asked("viewer", "agents.list"),
  asked("editor", "sources.list"),
  asked("viewer", "resources.merges"),
  asked("editor", "resources.update", ({ orgs }, chance) => ({
    id: orgs.acme.other,
    notes: `noted ${chance.below(9)}`,
  })),
  asked("admin", "agents.enroll", (_, chance) => ({ name: `machine ${chance.below(9)}` })),
  asked("admin", "members.invitations"),
  asked("admin", "members.invite", (_, chance) => ({
    email: `somebody-${chance.below(20)}@example.org`,
    role: "viewer",
  })),
  asked("admin", "members.setRole", ({ ids }, chance) => ({
    userId: ids.acme.member,
    role: chance.pick(["viewer", "editor"]),
  })),
  asked("owner", "tokens.create", (_, chance) => ({
    name: `token ${chance.below(1_000)}`,
    scopes: ["read"],
  })),
  asked("owner", "tokens.list"),
  asked("admin", "shares.create", ({ orgs }, chance) => ({
    targetOrg: orgs.gamma.slug,
    resourceId: orgs.acme.part,
    role: chance.pick(["viewer", "editor"]),
  })),
  asked("viewer", "shares.list"),
  asked("admin", "audit.list", () => ({ limit: 20 })),
  asked("viewer", "orgs.get"),
  asked("viewer", "orgs.plan"),
  asked("admin", "orgs.update", (_, chance) => ({ name: `Acme ${chance.below(100)}` })),
  asked("owner", "session.me"),
  asked("anon", "features.list"),
  asked("foreignOwner", "resources.list"),
  async (world, chance) => {
    await world.report("acme", chance.below(100));
    return "reported";
  },
];

/** Ids that are minted, secrets, times and places in the order of all that happens; lists by what is in them. */
function normal(body: string): string {
  const plain = body
    .replaceAll(/"requestId":"[^"]*"/g, '"requestId":"_"')
    .replaceAll(/\b[a-z][a-z2-7]{19}\b/g, "<id>")
    .replaceAll(/pulse_[a-z_]*[a-z2-7]{32,40}/g, "<secret>")
    .replaceAll(/127\.0\.0\.1:\d+/g, "<here>")
    .replaceAll(/\d{13}/g, "0")
    .replaceAll(/"(seq|nextCursor)":\d+/g, '"$1":0');
  return JSON.stringify(sorted(JSON.parse(plain)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, sorted(held)]));
}

async function runScript(world: World): Promise<string[]> {
  const chance = new Seeded(SEED);
  const answers: string[] = [];
  for (let at = 0; at < CALLS; at++) answers.push(await chance.pick(STEPS)(world, chance));
  return answers;
}

/** Beta's people, tokens, machines and streams, as fast as they are answered. */
async function keepBusy(world: World, busy: { on: boolean }): Promise<number> {
  const chance = new Seeded(SEED + 1);
  const reportOfBeta = reporterOf();
  const streams = await openStreams(world, "foreignOwner", 20, { org: "beta" });
  let done = 0;
  const worker = async () => {
    while (busy.on) {
      const input = { email: `other-${chance.below(50)}@example.org`, role: "viewer" };
      const calls = [
        () => world.report("beta", chance.below(100)),
        () => world.call("foreignOwner", "resources.list", { org: "beta" }),
        () => world.call("foreignOwner", "members.invite", { org: "beta", input }),
        () =>
          world.call("foreignOwner", "orgs.update", {
            org: "beta",
            input: { name: `Beta ${chance.below(9)}` },
          }),
        () => world.call("tokForeign", "resources.list", { org: "beta" }),
        () =>
          postReport(
            world.server,
            world.machines.agentForeign.token,
            reportOfBeta([machine(`m-${chance.below(50)}`, 1)]),
          ),
        () => postEnrol(world.server, world.machines.enrolmentForeign.token),
        () => postReport(world.server, world.machines.agentForeign.token, "{"),
        () => world.call("foreignOwner", "members.remove", { org: "beta", input: { userId: "no" } }),
        () =>
          world.call("foreignOwner", "resources.get", { org: "acme", input: { id: world.orgs.acme.host } }),
      ];
      await chance
        .pick(calls)()
        .catch(() => undefined);
      done++;
    }
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  for (const stream of streams) stream.close();
  return done;
}

test(
  "I08: acme's answers are equal whether beta is idle or busy",
  async () => {
    await using quiet = await startWorld();
    const alone = await runScript(quiet);
    await using loud = await startWorld();
    const busy = { on: true };
    const others = keepBusy(loud, busy);
    const together = await runScript(loud);
    busy.on = false;
    expect(await others).toBeGreaterThan(CALLS);
    const differing = alone.flatMap((answer, at) => (answer === together[at] ? [] : [at]));
    expect(differing.map((at) => [alone[at], together[at]])).toEqual([]);
  },
  PATIENCE_MS,
);

test("I08: places in acme's audit say nothing about how much happens in beta", async () => {
  await using world = await startWorld();
  const act = (at: number) => world.call("admin", "orgs.update", { input: { name: `Acme ${at}` } });
  const newest = async () => {
    const { data } = await world.call<{ entries: { seq: number }[] }>("admin", "audit.list", {
      input: { limit: 2 },
    });
    return data.entries.map(({ seq }) => seq);
  };
  await act(1);
  for (let at = 0; at < 7; at++)
    await world.call("foreignOwner", "orgs.update", { org: "beta", input: { name: `Beta ${at}` } });
  await act(2);
  const [second = 0, first = 0] = await newest();
  expect(second - first).toBe(1);
});

test("L06, I05: streams of beta that nobody reads delay nobody in acme", async () => {
  await using world = await startWorld();
  const stop = new AbortController();
  /* Opened and not read. */
  await Promise.all(
    Array.from({ length: 40 }, () =>
      fetch(`${world.server.url}/api/trpc/live.events`, {
        headers: { ...world.headers.foreignOwner, "x-pulse-org-id": world.orgs.beta.slug },
        signal: stop.signal,
      }),
    ),
  );
  const [acme] = await openStreams(world, "viewer", 1);
  await Promise.all(Array.from({ length: 200 }, (_, at) => world.report("beta", at)));
  const startedAt = performance.now();
  await world.report("acme", 99);
  await until(() => acme?.text.includes('"cpu_percent":99') === true);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  acme?.close();
  stop.abort();
});
