import { expect, test } from "bun:test";
import { capturedAnswer } from "./captured-answer.ts";
import { readPodmanContainer, readPodmanList } from "./podman-answers.ts";

const listed = new Map(readPodmanList(capturedAnswer("podman-4.3-list")).map((entry) => [entry.name, entry]));

test("Podman's own list tells state, health and exit code, in the words Docker has for them", () => {
  expect(listed.get("sick")).toMatchObject({ state: "running", health: "unhealthy", exitCode: undefined });
  expect(listed.get("oom")).toMatchObject({ state: "exited", exitCode: 137 });
  // It was "stopped": ended, and not tidied up yet.
  expect(listed.get("loop")).toMatchObject({ state: "exited", exitCode: 1 });
  expect(listed.get("paused")).toMatchObject({ state: "paused" });
  expect(listed.get("made")).toMatchObject({ state: "created", exitCode: undefined });
  expect(listed.get("made")?.labels).toMatchObject({ "com.docker.compose.service": "web" });
});

test("published ports are written as Docker's are, a range one by one", () => {
  expect(listed.get("ports")?.ports).toEqual(["127.0.0.1:18080->80/tcp", "0.0.0.0:5353->53/udp"]);
  const range = { host_ip: "", container_port: 80, host_port: 8080, range: 3, protocol: "tcp" };
  const [entry] = readPodmanList([{ Id: "a".repeat(64), Ports: [range] }]);
  expect(entry?.ports).toEqual(["0.0.0.0:8080->80/tcp", "0.0.0.0:8081->81/tcp", "0.0.0.0:8082->82/tcp"]);
});

test("a range of all ports there are is cut", () => {
  const range = { container_port: 1, host_port: 1, range: 65_535, protocol: "tcp" };
  const [entry] = readPodmanList([{ Id: "a".repeat(64), Ports: Array(100).fill(range) }]);
  expect(entry?.ports.length).toBe(32);
});

test("a pod's infra container is part of the engine", () => {
  expect(readPodmanList([{ Id: "a".repeat(64), IsInfra: true, Names: ["x-infra"] }])).toEqual([]);
});

test("an inspection tells the run, the image and the process", () => {
  const facts = readPodmanContainer(capturedAnswer("podman-4.3-inspect-ports"));
  expect(facts.pid).toBeGreaterThan(1);
  expect(facts.imageDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(facts).toMatchObject({ networkMode: "bridge", restartCount: 0, finishedAt: undefined });
  expect(readPodmanContainer(capturedAnswer("podman-4.3-inspect-loop")).restartCount).toBeGreaterThan(100);
});
