import { describe, expect, test } from "bun:test";
import { chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { until } from "../../tests/support/until.ts";
import { Report, type ReportedResource } from "../contract/report.ts";
import { capturedAnswer } from "./containers/captured-answer.ts";
import {
  dockerWith,
  FakeEngine,
  idOf,
  inspection,
  listEntry,
  podmanWith,
  pong,
} from "./containers/fake-engine.ts";
import { createContainerCollector } from "./containers.ts";
import { fakeMachine } from "./host/fake-machine.ts";

const LIST = "/containers/json";
const inspect = (id: string) => `/containers/${id}/json`;
const START = Date.parse("2026-09-21T15:13:20Z");
const WEB = idOf("a1");

/** A collector of one engine whose time is the test's, on a machine whose kernel shows nothing. */
function watch(engine: FakeEngine, others: string[] = []) {
  const time = { now: START };
  const collector = createContainerCollector({
    sockets: [engine.socket, ...others],
    root: `${tmpdir()}/no-such-machine`,
    now: () => time.now,
    waitMs: 5_000,
  });
  return { collector, time };
}

function checked(resources: ReportedResource[]): ReportedResource[] {
  return Report.parse({ v: 1, boot: "12345678", seq: 0, at: 0, intervalMs: 10_000, resources }).resources;
}

describe("Docker 28", () => {
  const list = capturedAnswer("docker-28-list") as Record<string, unknown>[];
  const [web, db] = list.map(({ Id, ImageID }) => ({ id: String(Id), image: String(ImageID) }));
  const stats = capturedAnswer("docker-28-stats-cgroup2") as Record<string, Record<string, unknown>>;
  const answers = (cpuNanoseconds: number, read: string) => ({
    [LIST]: list,
    [inspect(web?.id ?? "")]: capturedAnswer("docker-28-inspect-web"),
    [inspect(db?.id ?? "")]: inspection({ ExitCode: 0, FinishedAt: "2026-09-18T15:00:00Z" }),
    [`/images/${web?.image}/json`]: capturedAnswer("docker-28-image"),
    [`/containers/${web?.id}/stats`]: {
      ...stats,
      read,
      cpu_stats: { ...stats.cpu_stats, cpu_usage: { total_usage: cpuNanoseconds } },
    },
  });

  test("is told whole: running and finished, image, ports, project, use", async () => {
    using engine = new FakeEngine(dockerWith(answers(1e9, "2026-09-21T15:13:20Z")));
    const { collector, time } = watch(engine);
    await collector.collect();
    time.now += 10_000;
    engine.answers = dockerWith(answers(11e9, "2026-09-21T15:13:30Z"));
    const [running, finished] = checked(await collector.collect());
    expect(running).toEqual({
      kind: "container",
      key: "container/docker/media-web-1",
      parent: "host",
      name: "media-web-1",
      status: "up",
      attributes: {
        engine: "docker",
        container_id: "a1b2c3d4a1b2",
        state: "running",
        started_at: Date.parse("2026-09-21T13:13:20.5Z"),
        health: "healthy",
        restart_policy: "unless-stopped",
        image: "ghcr.io/example/web:2.1",
        image_version: "2.1.4",
        image_digest: expect.stringMatching(/^sha256:5e6f7a8b/),
        cpu_limit: 1.5,
        compose_project: "media",
        compose_service: "web",
        ports: ["0.0.0.0:8096->8096/tcp", "[::]:8096->8096/tcp"],
        created_at: 1_789_000_000_000,
      },
      metrics: expect.objectContaining({
        cpu_percent: 25,
        cpu_limit_percent: 66.67,
        memory_used_bytes: 146_800_640,
        memory_limit_bytes: 536_870_912,
        memory_used_percent: 27.34,
        network_receive_bytes_per_second: 0,
        disk_write_bytes_per_second: 0,
        process_count: 23,
        restart_count: 0,
      }),
    });
    expect(finished).toMatchObject({
      name: "media-db-1",
      status: "down",
      attributes: { ended: "finished", finished: true, exit_code: 0 },
    });
    expect(finished?.attributes.problem).toBeUndefined();
    expect(collector.hostAttributes()).toEqual({ container_engines: ["Docker 28.1.1"] });
  });

  test("is asked for a list and for figures, for one container only after something happened to it", async () => {
    using engine = new FakeEngine(dockerWith(answers(1e9, "2026-09-21T15:13:20Z")));
    const { collector, time } = watch(engine);
    await collector.collect();
    expect(engine.asked.filter((path) => path === inspect(web?.id ?? "")).length).toBe(1);
    engine.asked.length = 0;
    for (let round = 0; round < 5; round++) {
      time.now += 10_000;
      await collector.collect();
    }
    const once = ["/containers/json?all=1", `/containers/${web?.id}/stats?stream=false&one-shot=1`];
    expect(engine.asked).toEqual(Array(5).fill(once).flat());
  });
});

describe("something happened", () => {
  const changing = (entry: Record<string, unknown>, state: Record<string, unknown>, restartCount = 0) =>
    dockerWith({ [LIST]: [listEntry(entry)], [inspect(WEB)]: inspection(state, restartCount) });

  test("a restart that lies between two lists shows in the age of the state", async () => {
    using engine = new FakeEngine(changing({}, { StartedAt: "2026-09-21T13:13:20Z" }));
    const { collector, time } = watch(engine);
    await collector.collect();
    time.now += 10_000;
    engine.answers = changing({ Status: "Up 3 seconds" }, { StartedAt: "2026-09-21T15:13:27Z" }, 1);
    const [resource] = await collector.collect();
    expect(resource?.metrics.restart_count).toBe(1);
    expect(resource?.attributes.started_at).toBe(Date.parse("2026-09-21T15:13:27Z"));
  });

  test("a loop is degraded and says why, whether it is seen running or waiting, and changes nothing else", async () => {
    using engine = new FakeEngine(changing({}, { StartedAt: "2026-09-21T13:13:20Z" }));
    const { collector, time } = watch(engine);
    await collector.collect();
    const told: ReportedResource[] = [];
    for (let round = 1; round <= 4; round++) {
      time.now += 10_000;
      const moment = new Date(time.now - 1_000).toISOString();
      engine.answers =
        round % 2 === 0
          ? changing({ Status: "Up 1 second" }, { StartedAt: moment, ExitCode: 0 }, round * 3)
          : changing(
              { State: "restarting", Status: "Restarting (1) 1 second ago" },
              { StartedAt: moment, FinishedAt: moment, ExitCode: 1 },
              round * 3,
            );
      told.push(...(await collector.collect()));
    }
    expect(told.map(({ status }) => status)).toEqual(Array(4).fill("degraded"));
    expect(told[0]?.attributes.problem).toBe("Restarts again and again (exit code 1).");
    expect(told.map(({ attributes }) => attributes)).toEqual(Array(4).fill(told[0]?.attributes));
    expect(told.at(-1)?.metrics.restart_count).toBe(12);
  });

  test("a container that is running again by the time it is inspected is told with how it ended", async () => {
    const waiting = { State: "restarting", Status: "Restarting (5) 1 second ago" };
    using engine = new FakeEngine(changing(waiting, { ExitCode: 0 }, 1));
    const [resource] = await watch(engine).collector.collect();
    expect(resource?.attributes.problem).toBe("Ended (exit code 5) and is started again.");
  });

  test("a container that is made anew under its name goes on under its key", async () => {
    using engine = new FakeEngine(changing({}, {}));
    const { collector } = watch(engine);
    const [before] = await collector.collect();
    const again = idOf("b2");
    engine.answers = dockerWith({ [LIST]: [listEntry({ Id: again })], [inspect(again)]: inspection() });
    const [after] = await collector.collect();
    expect(after?.key).toBe(before?.key ?? "");
    expect(after?.attributes.container_id).not.toBe(before?.attributes.container_id);
  });

  test("a container that cannot be inspected is told as the list has it, and tried again", async () => {
    const entry = { State: "exited", Status: "Exited (3) 2 hours ago" };
    using engine = new FakeEngine(dockerWith({ [LIST]: [listEntry(entry)] }));
    const { collector } = watch(engine);
    const [resource] = await collector.collect();
    expect(resource).toMatchObject({ status: "down", attributes: { exit_code: 3 } });
    engine.answers = changing(entry, { ExitCode: 3, OOMKilled: true });
    const [later] = await collector.collect();
    expect(later?.attributes.ended).toBe("out_of_memory");
  });
});

test("Podman is asked for a list when something has ended, and every half minute otherwise", async () => {
  const group = `/sys/fs/cgroup/machine.slice/libpod-${WEB}.scope`;
  using machine = fakeMachine({
    "/sys/fs/cgroup/cgroup.controllers": "cpu\n",
    "/proc/42/cgroup": `0::/machine.slice/libpod-${WEB}.scope\n`,
    [`${group}/cpu.stat`]: "usage_usec 1\n",
  });
  const entry = { Id: WEB, Names: ["web"], State: "running", StartedAt: 1 };
  using engine = new FakeEngine(podmanWith({ [LIST]: [entry], [inspect(WEB)]: inspection({ Pid: 42 }) }));
  const time = { now: START };
  const options = { sockets: [engine.socket], root: machine.root, waitMs: 5_000, now: () => time.now };
  const collector = createContainerCollector(options);
  const lists = async () => {
    engine.asked.length = 0;
    expect(await collector.collect()).toMatchObject([{ key: "container/podman/web", status: "up" }]);
    time.now += 10_000;
    return engine.asked.filter((path) => path === "/v5.0.0/libpod/containers/json?all=true").length;
  };
  const asked: number[] = [];
  for (let round = 0; round < 7; round++) asked.push(await lists());
  expect(asked).toEqual([1, 0, 0, 1, 0, 0, 1]);
  machine.remove(group);
  expect([await lists(), await lists()]).toEqual([0, 1]);
});

test("two engines may hold containers of one name", async () => {
  using one = new FakeEngine(dockerWith({ [LIST]: [listEntry()] }));
  using other = new FakeEngine(dockerWith({ [LIST]: [listEntry()] }));
  const { collector } = watch(one, [other.socket]);
  const keys = (await collector.collect()).map(({ key }) => key);
  expect(keys).toEqual(["container/docker/web", "container/docker-2/web"]);
});

test("without an engine there is nothing, and nothing is wrong", async () => {
  const collector = createContainerCollector({ sockets: ["/no/such/docker.sock"] });
  expect(await collector.collect()).toEqual([]);
  expect(collector.hostAttributes()).toEqual({});
});

describe("an engine that is ill", () => {
  const never = () => new Promise<Response>(() => {});

  test("and hangs from the start delays one report, and no other engine's containers", async () => {
    using ill = new FakeEngine(never);
    using well = new FakeEngine(dockerWith({ [LIST]: [listEntry()] }));
    const collector = createContainerCollector({ sockets: [ill.socket, well.socket], waitMs: 300 });
    expect((await collector.collect()).length).toBe(1);
    const startMs = performance.now();
    for (let round = 0; round < 20; round++) expect((await collector.collect()).length).toBe(1);
    /* It would be six seconds if each round waited for it. */
    expect(performance.now() - startMs).toBeLessThan(4_000);
  });

  test("and is waited for no longer when the collector is closed", async () => {
    using ill = new FakeEngine(never);
    const collector = createContainerCollector({ sockets: [ill.socket], waitMs: 20_000 });
    const collected = collector.collect();
    await until(() => ill.asked.length > 0);
    collector.close?.();
    expect(await collected).toEqual([]);
  });

  test("and stops answering leaves its last picture, of unknown status once that is old", async () => {
    using engine = new FakeEngine(dockerWith({ [LIST]: [listEntry()], [inspect(WEB)]: inspection() }));
    const time = { now: START };
    const collector = createContainerCollector({
      sockets: [engine.socket],
      waitMs: 100,
      now: () => time.now,
    });
    expect(await collector.collect()).toMatchObject([{ status: "up" }]);
    engine.answers = never;
    time.now += 10_000;
    expect(await collector.collect()).toMatchObject([{ status: "up" }]);
    time.now += 60_000;
    const [resource] = await collector.collect();
    expect(resource).toMatchObject({ key: "container/docker/web", status: "unknown", metrics: {} });
    expect(resource?.attributes.problem).toBeString();
  });

  test("and is stopped makes its containers unknown at once, until it is back", async () => {
    using engine = new FakeEngine(dockerWith({ [LIST]: [listEntry()], [inspect(WEB)]: inspection() }));
    const { collector } = watch(engine);
    await collector.collect();
    engine.stop();
    const [gone] = await collector.collect();
    expect(gone).toMatchObject({ status: "unknown", attributes: { problem: "Docker is not running." } });
    expect(collector.hostAttributes().container_engine_problem).toBe("Docker is not running.");
    engine.start();
    const back = await until(async () => (await collector.collect()).find(({ status }) => status === "up"));
    expect(back.attributes.problem).toBeUndefined();
    expect(collector.hostAttributes()).not.toHaveProperty("container_engine_problem");
  });

  test.each([
    ["ten megabytes", () => new Response(`[${" ".repeat(10_000_000)}]`), /more than can be read/],
    ["no JSON", () => new Response("[{"), /cannot be read/],
    ["an object", () => Response.json({ message: "no" }), /cannot be read/],
    ["an error", () => new Response("{}", { status: 500 }), /cannot be read/],
  ])("and answers %s is told of on the host", async (_, answer, problem) => {
    using engine = new FakeEngine((path) => (path === "/_ping" ? pong() : answer()));
    const { collector } = watch(engine);
    expect(await collector.collect()).toEqual([]);
    expect(collector.hostAttributes().container_engine_problem).toMatch(problem);
  });

  test("and holds two thousand containers is told of a thousand, the first made", async () => {
    const list = Array.from({ length: 2_000 }, (_, index) =>
      listEntry({
        Id: idOf(`${index}f`),
        Names: [`/c${index}`],
        Created: 1_789_002_000 - index,
        State: "created",
      }),
    );
    using engine = new FakeEngine(dockerWith({ [LIST]: list }));
    const { collector } = watch(engine);
    const resources = checked(await collector.collect());
    expect(resources.length).toBe(1_000);
    expect(resources.some(({ name }) => name === "c1999")).toBe(true);
    expect(engine.asked.length).toBeLessThan(300);
    expect(collector.hostAttributes().container_engine_problem).toMatch(/more than 1000 containers/);
  });

  test("and gives names and ids of its own is neither believed nor obeyed", async () => {
    const names = [
      "/\u001b[31mred",
      "/a\nb",
      "/../../etc",
      "/web/../x",
      "",
      "/",
      "/é",
      `/${"x".repeat(5_000)}`,
    ];
    const list = [
      ...names.map((name, index) => listEntry({ Id: idOf(`c${index}`), Names: [name], State: "created" })),
      listEntry({ Id: "../../version", Names: ["/traversal"] }),
      listEntry({ Id: idOf("d1"), ImageID: "sha256:../../../info", Names: ["/image"], State: "created" }),
      listEntry({ Id: idOf("d2"), Names: ["/same"], State: "created" }),
      listEntry({ Id: idOf("d3"), Names: ["/same"], State: "created" }),
    ];
    using engine = new FakeEngine(dockerWith({ [LIST]: list }));
    const { collector } = watch(engine);
    const resources = checked(await collector.collect());
    const shown = resources.map(({ name }) => name);
    expect(shown).toEqual([...names.map((_, index) => idOf(`c${index}`).slice(0, 12)), "image", "same"]);
    expect(new Set(resources.map(({ key }) => key)).size).toBe(resources.length);
    for (const path of engine.asked)
      expect(path).toMatch(/^\/(_ping|containers\/(json|[0-9a-f]{64}\/json)(\?|$))/);
  });
});

test("a socket that this user may not use is told of with what to do about it", async () => {
  using engine = new FakeEngine(dockerWith({ [LIST]: [] }));
  // Root may use everything: another user has to try.
  const isRoot = process.getuid?.() === 0;
  chmodSync(engine.socket, isRoot ? 0o600 : 0);
  const folder = dirname(engine.socket);
  chmodSync(folder, 0o755);
  // That user may not be able to read this checkout either.
  const built = await Bun.build({
    entrypoints: [join(import.meta.dir, "containers.ts")],
    target: "bun",
    outdir: folder,
    naming: "collector.js",
  });
  expect(built.success).toBe(true);
  const program = `
    const { createContainerCollector } = await import(${JSON.stringify(join(folder, "collector.js"))});
    const collector = createContainerCollector({ sockets: [${JSON.stringify(engine.socket)}] });
    await collector.collect();
    console.log(JSON.stringify(collector.hostAttributes()));
    process.exit(0);`;
  const other = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const child = Bun.spawn([...other, process.execPath, "-e", program], {
    cwd: "/",
    stdout: "pipe",
    stderr: "inherit",
  });
  const told = JSON.parse(await new Response(child.stdout).text());
  expect(told.container_engine_problem).toBe(
    `Pulse may not use ${engine.socket}: add its user to the group docker, or run it as root.`,
  );
});
