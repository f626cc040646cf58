/**
 * Somebody looks at a machine: the server and an agent, each a program of its own. What the agent does each second,
 * when it stops, and that nobody takes the way back for silence.
 */
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { HistoryRange } from "../../server/contract/history.ts";
import type { Resource, ResourceList } from "../../server/contract/resource.ts";
import type { Watch } from "../../server/contract/watching.ts";
import { type ChildServer, newFolder, startServer } from "../faults/child-server.ts";
import { PULSE } from "../support/program.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);
const PATIENT = { withinMs: 30_000 };
/** Of the agent; the longest a change of pace may take to arrive is this and a moment. */
const INTERVAL_MS = 6_000;

async function post<Data>(server: ChildServer, path: string, input: unknown): Promise<Data> {
  const response = await server.post(path, input);
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return ((await response.json()) as { result: { data: Data } }).result.data;
}

/** Everything the stream says of a machine, until it is stopped: when it was seen, and every status it had. */
function follow(server: ChildServer, id: string) {
  const seenAt: number[] = [];
  const statuses = new Set<string>();
  const stream = server.live();
  const reading = (async () => {
    for await (const { data } of stream) {
      const all = [data["resources"], data["changed"]].flatMap((list) => (list ?? []) as Partial<Resource>[]);
      for (const resource of all) {
        if (resource.id !== id) continue;
        if (resource.status) statuses.add(resource.status);
        if (resource.lastSeenAt !== undefined) seenAt.push(resource.lastSeenAt);
      }
    }
  })();
  return {
    seenAt,
    statuses,
    /** Between the newest reports, the newest last. */
    gaps: (count: number) =>
      seenAt
        .slice(1)
        .map((at, index) => at - (seenAt[index] as number))
        .slice(-count),
    async stop() {
      await stream.return(undefined);
      await reading.catch(() => {});
    },
  };
}

/** One may be late: this machine has other things to do. */
function isFast(gaps: readonly number[]): boolean {
  return gaps.filter((gap) => gap >= 2_000).length <= 1;
}

test("an agent reports each second while somebody looks, and at its own interval before and after", async () => {
  using folder = newFolder("watching");
  await using server = await startServer(join(folder.path, "data"), {
    environment: { PULSE_LOCAL_AGENT: "false" },
  });
  await server.setUp();
  const { token } = await post<Enrolled>(server, "agents.enroll", { name: "cellar" });
  const words = [
    "agent",
    "--server",
    server.url,
    "--token",
    token,
    "--state-dir",
    join(folder.path, "agent"),
  ];
  const agent = Bun.spawn([...PULSE, ...words, "--interval", `${INTERVAL_MS / 1_000}s`], {
    env: { PATH: process.env.PATH ?? "", PULSE_LOG_FORMAT: "json" },
    stdout: "ignore",
    stderr: "inherit",
  });
  try {
    const hosts = async () =>
      (await server.query<ResourceList>("resources.list", { kind: "host" })).resources;
    await until(async () => (await hosts())[0]?.metrics["cpu_percent"] !== undefined, PATIENT);
    const { id } = (await hosts())[0] as Resource;
    const machine = follow(server, id);
    /* An agent's first reports come close to each other. */
    await until(() => machine.gaps(1).some((gap) => gap > INTERVAL_MS / 2), PATIENT);

    const look = (tab: string) => post<Watch>(server, "resources.watch", { id, tab });
    const beganAt = Date.now();
    expect(await look("one")).toEqual({
      intervalMs: 1_000,
      usualMs: INTERVAL_MS,
      until: expect.any(Number),
    });
    await look("two");
    await until(() => machine.gaps(5).every((gap) => gap < 2_000), PATIENT);
    const firstFast = machine.seenAt.find(
      (at, index) => index > 0 && at > beganAt && at - (machine.seenAt[index - 1] as number) < 2_000,
    );
    expect((firstFast ?? 0) - beganAt).toBeLessThan(INTERVAL_MS * 1.5 + 2_000);

    const { series } = await server.query<HistoryRange>("history.range", {
      resourceId: id,
      metrics: ["cpu_percent"],
      from: Date.now() - 20_000,
      to: Date.now(),
      maxPoints: 20,
    });
    expect(series[0]?.step).toBe(1_000);
    expect(series[0]?.avg.slice(-5, -2).every((value) => value !== null)).toBe(true);

    await post(server, "resources.unwatch", { id, tab: "one" });
    const still = machine.seenAt.length;
    await until(() => machine.seenAt.length >= still + 4, PATIENT);
    expect(isFast(machine.gaps(4))).toBe(true);

    await post(server, "resources.unwatch", { id, tab: "two" });
    await until(() => machine.gaps(2).every((gap) => gap > INTERVAL_MS / 2), PATIENT);
    expect(Math.abs((machine.gaps(1)[0] ?? 0) - INTERVAL_MS)).toBeLessThan(2_500);
    /* Silence is judged every ten seconds: the way back has been judged by now. */
    await until(() => Date.now() - (machine.seenAt[still] ?? 0) > 25_000, { withinMs: 40_000 });
    expect([...machine.statuses]).toEqual(["up"]);
    expect(
      (await server.query<ResourceList>("resources.list", {})).resources.map(({ status }) => status),
    ).not.toContain("unknown");
    await machine.stop();
  } finally {
    agent.kill("SIGTERM");
    expect(await agent.exited).toBe(0);
  }
});

test("the server's own machine is looked at each second at once, and until nobody says so any more", async () => {
  using folder = newFolder("watching-local");
  await using server = await startServer(join(folder.path, "data"));
  await server.setUp();
  const hosts = async () => (await server.query<ResourceList>("resources.list", { kind: "host" })).resources;
  await until(async () => (await hosts()).length === 1, PATIENT);
  const { id } = (await hosts())[0] as Resource;
  const machine = follow(server, id);
  const beganAt = Date.now();
  expect((await post<Watch>(server, "resources.watch", { id })).intervalMs).toBe(1_000);
  await until(() => machine.seenAt.filter((at) => at > beganAt).length >= 5, PATIENT);
  expect(isFast(machine.gaps(4))).toBe(true);
  expect((machine.seenAt.find((at) => at > beganAt) ?? 0) - beganAt).toBeLessThan(4_000);
  await post(server, "resources.unwatch", { id });
  await until(() => machine.gaps(1).every((gap) => gap > 5_000), PATIENT);
  expect([...machine.statuses]).toEqual(["up"]);
  await machine.stop();
});
