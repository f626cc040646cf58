/** The agent and the server as they are, each a program of its own: what both sides of the protocol must agree on. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { AgentList, Enrolled } from "../../server/contract/agents.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import { newFolder, startServer } from "../faults/child-server.ts";
import { PULSE } from "../support/program.ts";
import { until } from "../support/until.ts";

const PATIENT = { withinMs: 20_000 };

function startAgent(url: string, token: string, stateDir: string, ...more: string[]) {
  const words = ["agent", "--server", url, "--token", token, "--state-dir", stateDir, ...more];
  return Bun.spawn([...PULSE, ...words], {
    env: { PATH: process.env.PATH ?? "", PULSE_LOG_FORMAT: "json" },
    stdout: "ignore",
    stderr: "inherit",
  });
}

test("two machines enrol with one token, report, run a check, and a stopped server costs them nothing", async () => {
  using folder = newFolder("agent-real");
  const dataDir = join(folder.path, "data");
  const environment = { PULSE_LOCAL_AGENT: "false" };
  const first = await startServer(dataDir, { environment });
  await first.setUp();
  const enrolled = (await (await first.post("agents.enroll", { universal: true })).json()) as {
    result: { data: Enrolled };
  };
  const { token, command } = enrolled.result.data;
  expect(command).toBe(`curl -fsSL ${first.url}/install.sh | sudo sh -s -- --token ${token}`);
  expect(await (await fetch(`${first.url}/install.sh`)).text()).toContain(`SERVER='${first.url}'`);

  const agents = ["cellar", "attic"].map((name) =>
    startAgent(
      first.url,
      token,
      join(folder.path, name),
      "--name",
      name,
      "--interval",
      "1s",
      "--allow",
      "127.0.0.0/8",
    ),
  );
  try {
    const hosts = async (server = first) => {
      const { resources } = await server.query<ResourceList>("resources.list", { kind: "host" });
      return resources;
    };
    await until(async () => (await hosts()).length === 2, PATIENT);
    expect((await hosts()).map(({ name }) => name).sort()).toEqual(["attic", "cellar"]);
    const { agents: known } = await first.query<AgentList>("agents.list");
    expect(known.map(({ version }) => version)).toEqual(["0.1.0", "0.1.0"]);

    const port = Number(new URL(first.url).port);
    const from = known.find(({ name }) => name === "cellar")?.id;
    const check = {
      type: "tcp",
      name: "itself",
      config: { host: "127.0.0.1", port },
      intervalMs: 10_000,
      from,
    };
    expect((await first.post("sources.create", check)).status).toBe(200);
    await until(async () => {
      const { resources } = await first.query<ResourceList>("resources.list", { kind: "check" });
      return resources.some(({ name, status }) => name === "itself" && status === "up");
    }, PATIENT);

    await first.kill();
    await using second = await startServer(dataDir, {
      environment: { ...environment, PULSE_PORT: String(port) },
    });
    await second.signIn();
    const before = Date.now();
    await until(async () => (await hosts(second)).every(({ lastSeenAt }) => lastSeenAt > before), PATIENT);
    expect((await hosts(second)).map(({ name }) => name).sort()).toEqual(["attic", "cellar"]);
    for (const agent of agents) agent.kill("SIGTERM");
    expect(await Promise.all(agents.map(({ exited }) => exited))).toEqual([0, 0]);
    expect([...new Bun.Glob("*/spool-*/*").scanSync({ cwd: folder.path })]).toEqual([]);
    await second.stop();
  } finally {
    for (const agent of agents) agent.kill("SIGKILL");
    await first.kill();
  }
}, 90_000);
