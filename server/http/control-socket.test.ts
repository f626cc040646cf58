import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DomainError } from "../lib/domain-error.ts";
import { Log } from "../lib/log.ts";
import type { Calls } from "../runtime/calls.ts";
import type { InstanceVerbs } from "../runtime/instance-verbs.ts";
import { controlSocketPath, openControlSocket } from "./control-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-control-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lines: string[] = [];
const log = new Log((level, message) => lines.push(`${level}: ${message}`));
const called: string[] = [];
/** Answers every verb there is or could be, so that nothing but the socket itself refuses one. */
const instance = new Proxy(
  {},
  {
    get: (_, domain: string) =>
      new Proxy(
        {},
        {
          get: (_, verb: string) => async (input: unknown) => {
            called.push(`${domain}.${verb}`);
            if (input === "refuse") throw new DomainError("conflict", "Not now.");
            if (input === "break") throw new Error("secret detail");
            return { done: input };
          },
        },
      ),
  },
) as Calls<InstanceVerbs>;
/* Those of an org are tried where there is one, in cli/history.test.ts. */
const org = () => {
  throw new Error("no org is asked for anything");
};

function open(name: string) {
  const dataDir = join(folder, name);
  mkdirSync(dataDir, { recursive: true });
  return { dataDir, socket: openControlSocket(dataDir, { instance, org }, log) };
}

async function say(
  dataDir: string,
  body: string,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch("http://pulse/", { method: "POST", body, unix: controlSocketPath(dataDir) });
  return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

describe("the control socket", () => {
  const { dataDir, socket } = open("a");
  afterAll(() => socket.stop());

  test("is its owner's alone", () => {
    expect(statSync(controlSocketPath(dataDir)).mode & 0o777).toBe(0o600);
  });

  test("hands the operator's verbs on", async () => {
    const { status, answer } = await say(dataDir, JSON.stringify({ verb: "people.list", input: 1 }));
    expect([status, answer]).toEqual([200, { output: { done: 1 } }]);
  });

  test("takes no other verb, whatever the instance can do", async () => {
    called.length = 0;
    for (const verb of [
      "people.verify",
      "people.setup",
      "sessions.store",
      "system.directory",
      "__proto__",
      "constructor",
      "",
      1,
      null,
    ]) {
      const { status, answer } = await say(dataDir, JSON.stringify({ verb, input: {} }));
      expect([verb, status, (answer.failure as { reason: string }).reason]).toEqual([verb, 404, "not_found"]);
    }
    expect(called).toEqual([]);
  });

  test("passes on why a verb refused, and of a defect nothing but that it is one", async () => {
    const refused = await say(dataDir, JSON.stringify({ verb: "people.disable", input: "refuse" }));
    expect([refused.status, refused.answer.failure]).toMatchObject([
      409,
      { reason: "conflict", message: "Not now." },
    ]);
    const broken = await say(dataDir, JSON.stringify({ verb: "people.disable", input: "break" }));
    expect([broken.status, JSON.stringify(broken.answer).includes("secret")]).toEqual([500, false]);
    expect(lines).toContain("error: an operator command failed");
  });

  test("survives what is no command", async () => {
    for (const body of ["", "{", "null", "[]", '"x"', "1"]) {
      expect((await say(dataDir, body)).status).toBeGreaterThanOrEqual(400);
    }
    expect((await say(dataDir, JSON.stringify({ verb: "people.list" }))).status).toBe(200);
  });
});

test("what a killed server left is replaced, and a stopped one leaves nothing", async () => {
  const dataDir = join(folder, "b");
  mkdirSync(dataDir);
  writeFileSync(controlSocketPath(dataDir), "");
  const { socket } = open("b");
  expect((await say(dataDir, JSON.stringify({ verb: "people.list" }))).status).toBe(200);
  socket.stop();
  expect(existsSync(controlSocketPath(dataDir))).toBe(false);
});

test("a path too long for a socket is warned about, and the server goes on without", () => {
  lines.length = 0;
  const { dataDir, socket } = open("x".repeat(120));
  expect(existsSync(controlSocketPath(dataDir))).toBe(false);
  expect(lines).toEqual([expect.stringMatching(/^warn: .*too long/)]);
  socket.stop();
});
