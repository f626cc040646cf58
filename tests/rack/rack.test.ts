/**
 * Everything a homelab runs, at once and for real: what Pulse promises of it while all is well, when a cable is pulled,
 * a container killed and a web server stopped, when Pulse itself is killed in the middle of that, and afterwards.
 * The tests are one story and in its order. `bun tests/rack/rack.ts` starts the same by hand.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openDatabase } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { Resource } from "../../server/contract/resource.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import { until } from "../support/until.ts";
import { AGENT_INTERVAL_MS } from "./agent-process.ts";
import type { PlannedCheck } from "./fifty-checks.ts";
import { type EnrolledAgent, Rack } from "./rack.ts";

const SETUP_MS = 90_000;

let rack: Rack;
beforeAll(async () => {
  rack = await Rack.start();
}, SETUP_MS);
afterAll(async () => {
  await rack?.stop();
}, SETUP_MS);

const agentSource = ({ id }: EnrolledAgent) => `agent:${id}`;

/** What the page shows of the machine an agent is on. */
function hostOf(agent: EnrolledAgent): Resource | undefined {
  return [...rack.page.resources.values()].find(
    ({ kind, sources }) => kind === "host" && sources.includes(agentSource(agent)),
  );
}

function agentAt(index: number): EnrolledAgent {
  return rack.agents[index] as EnrolledAgent;
}

/** Checks that are not as they should be, with how they are. */
function otherwise(expected: (plan: PlannedCheck) => Record<string, unknown>) {
  return rack.plan.flatMap((plan) => {
    const resource = rack.page.named(plan.input.name);
    const found: Record<string, unknown> = { ...resource?.attributes, status: resource?.status };
    const wanted = expected(plan);
    const differs = Object.entries(wanted).some(([name, value]) => found[name] !== value);
    return differs ? [{ name: plan.input.name, wanted, status: found.status, problem: found.problem }] : [];
  });
}

async function checksBecome(expected: Parameters<typeof otherwise>[0], withinMs = 40_000) {
  await until(() => otherwise(expected).length === 0, { withinMs, what: "all checks as expected" }).catch(
    () => {},
  );
  expect(otherwise(expected)).toEqual([]);
}

/** What is on disk of an agent: up to which report, which of those are not there, when each was made. */
function storedOf(agent: EnrolledAgent) {
  const source = agentSource(agent);
  const db = openDatabase(orgFile(rack.dataDir.path, DEFAULT_ORG), "readonly");
  const cursors = db.rows("select source, seq, missing from report_cursor") as {
    source: string;
    seq: number;
    missing: unknown;
  }[];
  const samples = db.rows("select source, at from sample order by at") as { source: string; at: number }[];
  db.close();
  const { seq, missing } = cursors.find((cursor) => cursor.source === source) ?? {};
  return { seq, missing, times: samples.filter((sample) => sample.source === source).map(({ at }) => at) };
}

describe("while all is well", () => {
  test("machines with the same machine id and host name are themselves, with figures", async () => {
    const [first, second] = await rack.page.sees("both machines with figures", () => {
      const hosts = rack.agents.map(hostOf);
      return (
        hosts.every((host) => host?.metrics.cpu_percent !== undefined) && (hosts as [Resource, Resource])
      );
    });
    expect(first.id).not.toBe(second.id);
    expect(first.name).toBe(second.name);
    for (const { status, metrics } of [first, second]) {
      expect(status).toBe("up");
      expect(metrics.memory_used_bytes).toBeGreaterThan(0);
      expect(metrics.network_receive_bytes_per_second).toBeGreaterThanOrEqual(0);
    }
    const { agents } = await rack.visitor.api.agents.list.query();
    const told = new Map(agents.map((agent) => [agent.id as string, agent]));
    for (const agent of rack.agents) {
      expect(told.get(agent.id)).toMatchObject({
        state: "reporting",
        address: agent.machine.address,
        intervalMs: AGENT_INTERVAL_MS,
      });
    }
  }, 40_000);

  test("containers are told of with what their state means", async () => {
    const expected: Record<string, [status: string, problem: RegExp | undefined]> = {
      web: ["up", undefined],
      finished: ["down", undefined],
      failed: ["down", /^Ended with exit code 3\.$/],
      hungry: ["down", /memory/],
    };
    const containers = await rack.page.sees(
      "every container as it is",
      (page) => {
        const all = [...page.resources.values()].filter(
          ({ kind, name }) => kind === "container" && name !== "looping",
        );
        const isRight = ({ name, status, attributes: { problem } }: Resource) => {
          const [wanted, words] = expected[name] ?? [];
          return status === wanted && (words ? words.test(String(problem)) : problem === undefined);
        };
        return all.length === 4 && all.every(isRight) && all;
      },
      45_000,
    );
    const parents = new Set(containers.map(({ parentId }) => parentId));
    expect([...parents]).toEqual([hostOf(agentAt(0))?.id]);
    expect(rack.page.named("web")?.metrics.memory_used_bytes).toBeGreaterThan(0);
    expect(rack.page.named("hungry")?.attributes.exit_code).toBe(137);
  }, 60_000);

  test("node_exporter is a machine, and the same as the agent's beside it", async () => {
    const host = await rack.page.sees("one machine of two sources", () => {
      const found = hostOf(agentAt(0));
      return found?.sources.includes(`source:${rack.exporter.id}`) && found;
    });
    const { merges } = await rack.visitor.api.resources.merges.query();
    expect(merges).toMatchObject([
      {
        resource: { id: host.id },
        how: "found",
        evidence: expect.stringMatching(/^both have the network card /),
      },
    ]);
    const { sources } = await rack.visitor.api.sources.list.query();
    const exporter = sources.find(({ id }) => id === rack.exporter.id);
    expect(exporter?.state.status).toBe("ok");
    /* The machine, its processors, filesystems, card. */
    expect(exporter?.resources).toBeGreaterThan(4);
    const hosts = [...rack.page.resources.values()].filter(({ kind }) => kind === "host");
    expect(hosts.length).toBe(2);
  }, 40_000);

  test("fifty checks say what is, and of a certificate when it ends", async () => {
    await checksBecome(({ status }) => ({ status }));
    for (const name of ["dying certificate", "page with a dying certificate"]) {
      expect(rack.page.named(name)?.attributes.problem).toBe("The certificate ends in 3 days.");
      expect(rack.page.named(name)?.metrics.certificate_days_left).toBe(3);
    }
    expect(rack.page.named("broken")?.attributes.problem).toBe("It answered 500, expected 200-299.");
    expect(rack.page.named("certificate of nobody")?.attributes.problem).toBe(
      "The certificate is self-signed.",
    );
  }, 60_000);

  test("a heartbeat that comes is up at once", async () => {
    const { sources } = await rack.visitor.api.sources.list.query();
    const url = sources.find(({ name }) => name === "backup")?.heartbeatUrl ?? "";
    const curl = Bun.spawn(["curl", "-fsS", "-m", "10", url]);
    expect(await new Response(curl.stdout).text()).toBe("ok\n");
    await rack.page.sees("the heartbeat", (page) => page.named("backup")?.status === "up", 5_000);
  }, 20_000);
});

function namedByIds(): string[] {
  return [...rack.page.resources.values()].map(({ id, kind, name }) => `${id} ${kind} ${name}`).sort();
}

/** From when to when the second machine was cut off. */
const cut = { from: 0, to: 0 };

describe("in trouble", () => {
  let known: string[] = [];
  beforeAll(async () => {
    known = namedByIds();
    cut.from = Date.now();
    await Promise.all([rack.machines[1].cutOff(), rack.nginx.stop(), rack.podman.call("kill", "web")]);
  });

  test("a container that dies is seen within two intervals", async () => {
    await rack.page.sees("the end of the container", (page) => page.named("web")?.status === "down");
    const { finished_at: finishedAt, problem } = rack.page.named("web")?.attributes ?? {};
    expect(problem).toMatch(/^Killed \(exit code 137\)/);
    expect(finishedAt).toBeGreaterThanOrEqual(cut.from - 1_000);
    const seen = rack.page.past.find(({ name, status }) => name === "web" && status === "down");
    /* These agents are in a hurry, and the engine may take its time: two of an agent's ordinary intervals. */
    expect((seen?.lastSeenAt ?? 0) - Number(finishedAt)).toBeLessThanOrEqual(20_000);
  }, 40_000);

  test("without its web server every check of it is down, after its retries, and no other is", async () => {
    const others = (plan: PlannedCheck) =>
      /ping machine 2|backup/.test(plan.input.name) ? {} : { status: plan.status };
    await checksBecome((plan) =>
      plan.needsWeb ? { status: "down", problem: "The connection was refused." } : others(plan),
    );
    const patient = rack.plan.filter(({ input, status }) => input.config.retries === 1 && status === "up");
    expect(patient.length).toBeGreaterThan(10);
    for (const { input } of patient) {
      const failed = rack.page.past.filter(
        ({ name, attemptsFailed }) => name === input.name && attemptsFailed,
      );
      expect(failed[0]).toMatchObject({
        status: "up",
        attemptsFailed: 1,
        problem: "The connection was refused.",
      });
      expect(failed.find(({ attemptsFailed }) => attemptsFailed === 2)).toMatchObject({ status: "down" });
    }
  }, 60_000);

  test("a container that dies again and again is in a loop", async () => {
    // Podman tells of an exit code between two runs only, which is short: until a look falls there, none is known.
    const problem = /^Restarts again and again( \(exit code 7\))?\.$/;
    const loop = await rack.page.sees("the loop", (page) => {
      const found = page.named("looping");
      return found !== undefined && problem.test(String(found.attributes.problem)) && found;
    });
    expect(loop.status).toBe("degraded");
    expect(loop.metrics.restart_count).toBeGreaterThanOrEqual(3);
  }, 40_000);

  test("a machine that is cut off is unknown, with its last picture, and its agent silent", async () => {
    const host = await rack.page.sees("the silence", () => {
      const found = hostOf(agentAt(1));
      return found?.status === "unknown" && found;
    });
    expect(host.metrics.memory_used_bytes).toBeGreaterThan(0);
    const { agents } = await rack.visitor.api.agents.list.query();
    const states = rack.agents.map(({ id }) => agents.find((agent) => agent.id === id)?.state);
    expect(states).toEqual(["reporting", "silent"]);
    await rack.page.sees(
      "that nothing comes back from it",
      (page) => page.named("ping machine 2")?.status === "down",
    );
    expect(hostOf(agentAt(0))?.status).toBe("up");
  }, 60_000);

  test("after a kill the server goes on by itself: pages come back, sources are asked, agents report", async () => {
    const pictures = rack.page.snapshots;
    await rack.server.kill();
    const killedAt = Date.now();
    await rack.startServer();
    await rack.page.sees("a new picture", (page) => page.snapshots > pictures);
    expect(namedByIds()).toEqual(expect.arrayContaining(known));
    const notAsked = async () => {
      const { sources } = await rack.visitor.api.sources.list.query();
      return sources.filter(({ state }) => (state.lastTriedAt ?? 0) <= killedAt).map(({ name }) => name);
    };
    await until(async () => (await notAsked()).length === 0, { withinMs: 20_000 }).catch(() => {});
    expect(await notAsked()).toEqual([]);
    await rack.page.sees("the first agent go on", () => {
      const host = hostOf(agentAt(0));
      return host !== undefined && host.lastSeenAt > killedAt && host.status === "up";
    });
    expect(hostOf(agentAt(1))?.status).not.toBe("up");
  }, 60_000);
});

describe("when all is well again", () => {
  beforeAll(async () => {
    cut.to = Date.now();
    await Promise.all([rack.machines[1].mend(), rack.nginx.start(), rack.podman.call("start", "web")]);
  });

  test("what came back is up", async () => {
    await checksBecome(({ input, status }) => ({ status: input.name === "backup" ? "up" : status }));
    await rack.page.sees("the machine that was cut off", () => hostOf(agentAt(1))?.status === "up");
    await rack.page.sees("the container", (page) => page.named("web")?.status === "up", 40_000);
  }, 90_000);

  test("a page that was open all the time shows what the server knows", async () => {
    const shown = () =>
      [...rack.page.resources.values()].map(({ id, name, status }) => `${id} ${name} ${status}`).sort();
    const known = async () => {
      const { resources } = await rack.visitor.api.resources.list.query({ limit: 500 });
      return resources.map(({ id, name, status }) => `${id} ${name} ${status}`).sort();
    };
    await until(async () => Bun.deepEquals(shown(), await known())).catch(() => {});
    expect(shown()).toEqual(await known());
  });

  test("every report an agent ever made is there, once, also those it kept meanwhile", async () => {
    const waiting = async () => {
      const { agents } = await rack.visitor.api.agents.list.query();
      return agents.some(({ spooledReports = 0, state }) => spooledReports > 0 || state !== "reporting");
    };
    await until(async () => !(await waiting()), { withinMs: 20_000, what: "everything is delivered" });
    for (const { process } of rack.agents) expect(await process.stop()).toBe(0);
    expect(await rack.server.stop()).toBe(0);
    for (const agent of rack.agents) {
      const { seq, missing, times } = storedOf(agent);
      /* They are numbered from 0, and neither agent was started twice. */
      expect({ seq, missing }).toEqual({ seq: times.length - 1, missing: null });
      const meanwhile = times.filter((at) => at > cut.from && at < cut.to);
      expect(meanwhile.length).toBeGreaterThan((cut.to - cut.from) / AGENT_INTERVAL_MS / 2);
    }
  }, 60_000);

  test("all of that was worth few words", () => {
    expect(rack.server.noise).toBe("");
    expect(rack.server.logs.filter(({ level }) => level === "error")).toEqual([]);
    for (const { process } of rack.agents) {
      expect(process.logs.filter(({ level }) => level === "error")).toEqual([]);
      expect(process.logs.length).toBeLessThan(15);
    }
  });
});
