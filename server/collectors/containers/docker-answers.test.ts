import { describe, expect, test } from "bun:test";
import { capturedAnswer } from "./captured-answer.ts";
import { ageAtMostMs, readDockerContainer, readDockerList, readImageDigest } from "./docker-answers.ts";

describe("a list of Docker 20.10", () => {
  const listed = new Map(
    readDockerList(capturedAnswer("docker-20.10-list")).map((entry) => [entry.name, entry]),
  );

  test("tells state, health and exit code of each container", () => {
    const told = [...listed].map(([name, { state, health, exitCode }]) => [name, state, health, exitCode]);
    expect(told).toEqual([
      ["host", "running", undefined, undefined],
      ["made", "created", undefined, undefined],
      ["paused", "paused", undefined, undefined],
      ["well", "running", "healthy", undefined],
      ["sick", "running", "unhealthy", undefined],
      ["oom", "exited", undefined, 137],
      ["loop", "restarting", undefined, 1],
      ["exit0", "exited", undefined, 0],
      ["exit3", "exited", undefined, 3],
      ["web", "running", undefined, undefined],
    ]);
  });

  test("tells what a container shares with the machine, and where it belongs", () => {
    expect(listed.get("host")?.networkMode).toBe("host");
    expect(listed.get("web")?.labels).toMatchObject({ "com.docker.compose.project": "proj" });
  });
});

describe("an inspection of Docker 20.10", () => {
  test("of one that was killed for want of memory", () => {
    const facts = readDockerContainer(capturedAnswer("docker-20.10-inspect-oom"));
    expect(facts).toMatchObject({ isOomKilled: true, exitCode: 137, pid: undefined, restartPolicy: "no" });
    expect(facts.finishedAt).toBeGreaterThan(facts.startedAt ?? Number.POSITIVE_INFINITY);
  });

  test("of one that was never started", () => {
    const facts = readDockerContainer(capturedAnswer("docker-20.10-inspect-made"));
    expect(facts).toMatchObject({ startedAt: undefined, finishedAt: undefined, error: undefined });
  });

  test("of one with limits, and of one in a loop", () => {
    expect(readDockerContainer(capturedAnswer("docker-20.10-inspect-web"))).toMatchObject({ cpuLimit: 0.5 });
    const loop = readDockerContainer(capturedAnswer("docker-20.10-inspect-loop"));
    expect(loop.restartCount).toBeGreaterThan(3);
    expect(loop.restartPolicy).toBe("always");
  });
});

describe("Docker 28", () => {
  const [web, db] = readDockerList(capturedAnswer("docker-28-list"));

  test("lists published ports only, under each address", () => {
    expect(web?.ports).toEqual(["0.0.0.0:8096->8096/tcp", "[::]:8096->8096/tcp"]);
  });

  test("lists links as names, of which the container's own is taken", () => {
    expect(db).toMatchObject({ name: "media-db-1", exitCode: 0 });
  });

  test("labels that are not known may be secrets: nothing is kept of them", () => {
    expect(JSON.stringify(web)).not.toContain("hunter2");
    expect(JSON.stringify(readDockerContainer(capturedAnswer("docker-28-inspect-web")))).not.toContain(
      "hunter2",
    );
  });

  test("says under which digest an image was pulled", () => {
    expect(readImageDigest(capturedAnswer("docker-28-image"))).toMatch(/^sha256:5e6f7a8b/);
    expect(readImageDigest({ RepoDigests: [] })).toBeUndefined();
    expect(readImageDigest({ RepoDigests: [{}] })).toBeUndefined();
  });
});

test.each([
  ["Up Less than a second", 1_000],
  ["Up 1 second", 2_000],
  ["Up 59 seconds (healthy)", 60_000],
  ["Up About a minute", 120_000],
  ["Exited (0) 5 minutes ago", 360_000],
  ["Up About an hour", 7_200_000],
  ["Up 2 hours (health: starting)", 10_800_000],
  ["Restarting (1) 20 seconds ago", 21_000],
  ["Exited (137) 3 days ago", 4 * 86_400_000],
  ["Created", undefined],
  ["", undefined],
])("%p has lasted at most %p ms", (words, ms) => {
  expect(ageAtMostMs(words)).toBe(ms as number);
});

describe("what is no list", () => {
  const nothing = [
    null,
    7,
    "x",
    {},
    [null],
    [7],
    [[]],
    [{}],
    [{ Id: 1 }],
    [{ Id: "../../version" }],
    [{ Id: "A1" }],
  ];
  test.each(nothing.map((answer) => [JSON.stringify(answer), answer]))(
    "%s holds no container",
    (_, answer) => {
      expect(readDockerList(answer)).toEqual([]);
    },
  );
});

test("every field may be anything", () => {
  const id = "a".repeat(64);
  for (const value of [null, 0, -1, Number.NaN, "", "\u0000", [], {}, [[]], { a: { b: 1 } }, true]) {
    const fields = [
      "Names",
      "Image",
      "ImageID",
      "Created",
      "Ports",
      "Labels",
      "State",
      "Status",
      "HostConfig",
    ];
    const entry = { Id: id, ...Object.fromEntries(fields.map((field) => [field, value])) };
    expect(readDockerList([entry])).toMatchObject([{ id, name: undefined, ports: [], labels: {} }]);
    const inspected = { State: value, RestartCount: value, HostConfig: value };
    expect(readDockerContainer(inspected)).toMatchObject({ startedAt: undefined, isOomKilled: false });
  }
});
