import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownerOf, presentSockets, usualSockets } from "./sockets.ts";

test("one engine under two names is one engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "pulse-sockets-"));
  try {
    const podman = join(folder, "podman.sock");
    const docker = join(folder, "docker.sock");
    writeFileSync(podman, "");
    symlinkSync(podman, docker);
    expect([...presentSockets([docker, podman, join(folder, "none")]).values()]).toEqual([docker]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the machine's own engines are looked for, and users' by their number", () => {
  expect(usualSockets()).toContain("/var/run/docker.sock");
  expect(usualSockets()).toContain("/run/podman/podman.sock");
  expect(ownerOf("/run/user/1000/podman/podman.sock")).toBe("1000");
  expect(ownerOf("/root/.docker/run/docker.sock")).toBe("desktop");
  expect(ownerOf("/run/podman/podman.sock")).toBeUndefined();
});
