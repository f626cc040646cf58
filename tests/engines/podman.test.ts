/**
 * The collector of containers against a real Podman with a container of every kind: what runs, what ended and how,
 * what is ill, what dies again and again.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { type ContainerCollector, createContainerCollector } from "../../server/collectors/containers.ts";
import { Report, type ReportedResource } from "../../server/contract/report.ts";
import { Podman } from "../support/podman.ts";
import { until } from "../support/until.ts";

const SETUP_MS = 60_000;
/** A collection waits for a slow engine here, so that a busy machine does not decide a test, and always asks it. */
const PATIENT = { waitMs: 20_000, podmanListEveryMs: 0 };

let podman: Podman;
let collector: ContainerCollector;

beforeAll(async () => {
  podman = await Podman.start();
  collector = createContainerCollector({ sockets: [podman.socket], ...PATIENT });
  const compose = ["com.docker.compose.project=media", "com.docker.compose.service=web"];
  await Promise.all([
    podman.run("busy", ["--memory", "32m"], "while :; do :; done"),
    podman.run("finished", [], "exit 0"),
    podman.run("failed", [], "exit 3"),
    podman.run(
      "starved",
      ["--memory", "16m", "--memory-swap", "16m"],
      "dd if=/dev/zero of=/dev/null bs=64M count=3",
    ),
    podman.run("stopped", ["--stop-signal", "KILL"]),
    podman.run("paused"),
    podman.run("sick", ["--health-cmd", "false", "--health-interval", "disable", "--health-retries", "1"]),
    podman.run("well", ["--health-cmd", "true", "--health-interval", "disable"]),
    podman.run("published", ["-p", "127.0.0.1:18765:80/tcp"]),
    podman.create(
      "made",
      compose.flatMap((label) => ["--label", label]),
    ),
  ]);
  await podman.call("pause", "paused");
  await podman.call("kill", "stopped");
  await podman.call("healthcheck", "run", "well");
  // It fails, and says so with its exit status.
  await podman.call("healthcheck", "run", "sick").catch(() => {});
}, SETUP_MS);

afterAll(async () => {
  await podman.stop();
}, SETUP_MS);

async function collect(from = collector): Promise<Map<string, ReportedResource>> {
  const resources = await from.collect();
  Report.parse({ v: 1, boot: "12345678", seq: 0, at: 0, intervalMs: 10_000, resources });
  return new Map(resources.map((resource) => [resource.name, resource]));
}

test("every container is told of with what its state means", async () => {
  const told = await until(async () => {
    const resources = await collect();
    const ended = ["finished", "failed", "starved", "stopped"].map((name) => resources.get(name));
    return ended.every((resource) => resource?.attributes.ended !== undefined) && resources;
  });
  expect(collector.hostAttributes()).toEqual({ container_engines: [expect.stringMatching(/^Podman \d/)] });
  expect([...told.keys()].sort()).toEqual(
    [
      "busy",
      "failed",
      "finished",
      "made",
      "paused",
      "published",
      "sick",
      "starved",
      "stopped",
      "well",
    ].sort(),
  );
  const expected: Record<string, [status: string, attributes: Record<string, unknown>]> = {
    busy: ["up", { state: "running" }],
    well: ["up", { health: "healthy" }],
    sick: ["degraded", { health: "unhealthy", problem: "Its health check fails." }],
    paused: ["degraded", { problem: "Paused." }],
    finished: ["down", { ended: "finished", finished: true, exit_code: 0 }],
    failed: ["down", { ended: "failed", problem: "Ended with exit code 3." }],
    stopped: ["down", { ended: "killed", exit_code: 137 }],
    made: ["unknown", { compose_project: "media", compose_service: "web" }],
    published: ["up", { ports: ["127.0.0.1:18765->80/tcp"] }],
  };
  for (const [name, [status, attributes]] of Object.entries(expected)) {
    expect(told.get(name)).toMatchObject({
      kind: "container",
      key: `container/podman/${name}`,
      parent: "host",
    });
    expect([name, told.get(name)?.status]).toEqual([name, status]);
    expect(told.get(name)?.attributes).toMatchObject({
      engine: "podman",
      image: "localhost/pulse-test:1",
      ...attributes,
    });
  }
  expect(told.get("well")?.attributes).not.toHaveProperty("problem");
  expect(told.get("busy")?.attributes.image_digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(told.get("busy")?.attributes.started_at).toBeNumber();
  expect(told.get("failed")?.attributes.finished_at).toBeNumber();
  // Whether Podman notices that it was the memory depends on the machine's control groups.
  expect(told.get("starved")).toMatchObject({ status: "down", attributes: { exit_code: 137 } });
  expect(told.get("starved")?.attributes.problem).toMatch(/memory/);
});

/** Asks for figures until there are rates, and gives those of the container that counts without end. */
async function busyFigures(from: ContainerCollector) {
  const busy = await until(
    async () => {
      const { metrics } = (await collect(from)).get("busy") ?? {};
      return metrics?.cpu_percent !== undefined && metrics.cpu_percent > 0 && metrics;
    },
    { withinMs: 20_000, what: "the busy container uses the processor" },
  );
  return busy;
}

test("what containers use comes from the kernel, and from the engine where the kernel is not in sight", async () => {
  const engineOnly = { sockets: [podman.socket], root: `${tmpdir()}/no-such-machine`, ...PATIENT };
  const [kernel, engine] = [
    await busyFigures(collector),
    await busyFigures(createContainerCollector(engineOnly)),
  ];
  for (const figures of [kernel, engine]) {
    expect(figures.cpu_percent).toBeLessThanOrEqual(100);
    expect(figures.memory_used_bytes).toBeGreaterThan(0);
    expect(figures.memory_limit_bytes).toBe(32 * 1_048_576);
    expect(figures.memory_used_percent).toBeLessThan(100);
    expect(figures.process_count).toBe(1);
  }
  expect(kernel.disk_read_bytes_per_second).toBeGreaterThanOrEqual(0);
  const published = (await collect()).get("published");
  expect(published?.metrics.network_receive_bytes_per_second).toBeGreaterThanOrEqual(0);
  // Nothing is known of the traffic of a container without a network, which is not a traffic of zero.
  expect(kernel).not.toHaveProperty("network_receive_bytes_per_second");
});

test("a container that dies again and again is in a loop", async () => {
  await podman.run("loop", ["--restart", "on-failure:6"], "sleep 0.1; exit 7");
  const loop = await until(
    async () => {
      const resource = (await collect()).get("loop");
      return resource?.attributes.problem === "Restarts again and again (exit code 7)." && resource;
    },
    { withinMs: 25_000, what: "the loop is noticed" },
  );
  expect(loop.status).toBe("degraded");
  expect(loop.metrics.restart_count).toBeGreaterThanOrEqual(3);
  await podman.remove("loop");
  expect((await collect()).has("loop")).toBe(false);
});

test("a container that is started again or made anew keeps its key and is looked at again", async () => {
  const before = (await collect()).get("failed");
  await podman.call("start", "failed");
  const again = await until(async () => {
    const resource = (await collect()).get("failed");
    return resource?.attributes.finished_at !== before?.attributes.finished_at && resource;
  });
  expect(again).toMatchObject({
    key: "container/podman/failed",
    attributes: { container_id: before?.attributes.container_id },
  });
  await podman.remove("failed");
  await podman.run("failed");
  const anew = (await collect()).get("failed");
  expect(anew).toMatchObject({ key: "container/podman/failed", status: "up" });
  expect(anew?.attributes.container_id).not.toBe(before?.attributes.container_id);
});

test("while Podman is away its containers are of unknown status, and known again when it is back", async () => {
  await podman.stopService();
  const away = await collect();
  expect(away.get("busy")).toMatchObject({ status: "unknown", metrics: {} });
  expect(collector.hostAttributes().container_engine_problem).toBe("Podman is not running.");
  await podman.startService();
  const busy = await until(async () => {
    const resource = (await collect()).get("busy");
    return resource?.status === "up" && resource;
  });
  expect(busy.key).toBe("container/podman/busy");
  expect(collector.hostAttributes()).not.toHaveProperty("container_engine_problem");
});
