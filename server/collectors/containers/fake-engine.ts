/** For tests: a real HTTP server on a real unix socket that answers as it is told. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Answers = (path: string) => Response | Promise<Response> | undefined;

export class FakeEngine implements Disposable {
  readonly socket: string;
  /** Every path that was asked for, in order. */
  readonly asked: string[] = [];
  private readonly folder = mkdtempSync(join(tmpdir(), "pulse-engine-"));
  private server: Bun.Server<undefined> | undefined;

  constructor(public answers: Answers) {
    this.socket = join(this.folder, "docker.sock");
    this.start();
  }

  start(): void {
    this.server = Bun.serve({
      unix: this.socket,
      fetch: (request) => {
        const { pathname, search } = new URL(request.url);
        this.asked.push(pathname + search);
        return this.answers(pathname) ?? Response.json({ message: "page not found" }, { status: 404 });
      },
    });
  }

  stop(): void {
    this.server?.stop(true);
    rmSync(this.socket, { force: true });
  }

  [Symbol.dispose](): void {
    this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function pong(): Response {
  return new Response("OK", { headers: { server: "Docker/28.1.1 (linux)", "api-version": "1.48" } });
}

/** A Docker that answers with what stands under each path. */
export function dockerWith(answers: Readonly<Record<string, unknown>>): Answers {
  return (path) => {
    if (path === "/_ping") return pong();
    return path in answers ? Response.json(answers[path]) : undefined;
  };
}

/** A Podman 5 that answers with what stands under each path of its own API. */
export function podmanWith(answers: Readonly<Record<string, unknown>>): Answers {
  return (path) => {
    if (path === "/_ping") return new Response("OK", { headers: { "libpod-api-version": "5.4.2" } });
    const own = path.replace(/^\/v5\.0\.0\/libpod/, "");
    return own in answers ? Response.json(answers[own]) : undefined;
  };
}

/** A whole id from a few digits. */
export function idOf(digits: string): string {
  return digits.padEnd(64, "0");
}

/** An entry of Docker's list. */
export function listEntry(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const { Id = idOf("a1"), ...others } = fields;
  return {
    Id,
    Names: ["/web"],
    Image: "web:1",
    ImageID: `sha256:${idOf("e1")}`,
    Created: 1_789_000_000,
    Ports: [],
    Labels: {},
    State: "running",
    Status: "Up 2 hours",
    HostConfig: { NetworkMode: "bridge" },
    ...others,
  };
}

/** What Docker says of one container. */
export function inspection(state: Record<string, unknown> = {}, restartCount = 0): Record<string, unknown> {
  return {
    State: { ExitCode: 0, OOMKilled: false, Error: "", Pid: 0, StartedAt: "2026-09-21T13:13:20Z", ...state },
    RestartCount: restartCount,
    HostConfig: { RestartPolicy: { Name: "always" } },
  };
}
