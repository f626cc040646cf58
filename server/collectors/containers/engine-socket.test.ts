import { describe, expect, test } from "bun:test";
import { docker, EngineFailure, EngineSocket, findContainerId, findImageId } from "./engine-socket.ts";
import { FakeEngine } from "./fake-engine.ts";

const LIMITS = { timeoutMs: 5_000, bytes: 1_000 };
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "none",
    (error) => (error instanceof EngineFailure ? error.kind : error),
  );

describe("an id that is not one never comes into a path", () => {
  const HOSTILE = [
    "../../version",
    "a".repeat(63),
    "a".repeat(65),
    `${"a".repeat(64)}/../../info`,
    `${"a".repeat(64)}\n`,
    "A".repeat(64),
    `${"a".repeat(63)}%`,
    `${"a".repeat(63)}/`,
    `${"a".repeat(63)}?`,
    "web",
    "",
    7,
    null,
    { toString: () => "a".repeat(64) },
    ["a".repeat(64)],
  ];
  test.each(HOSTILE.map((id) => [id]))("%p", (id) => {
    expect(findContainerId(id)).toBeUndefined();
    expect(findImageId(typeof id === "string" ? `sha256:${id}` : id)).toBeUndefined();
  });

  test("a whole id does", () => {
    expect(String(findContainerId("0f".repeat(32)))).toBe("0f".repeat(32));
  });
});

describe("an engine that does not do what it should", () => {
  test("says nothing: the wait ends", async () => {
    using engine = new FakeEngine(() => new Promise<Response>(() => {}));
    const socket = new EngineSocket(engine.socket);
    expect(await failureOf(socket.json(docker.list, { timeoutMs: 50, bytes: 1_000 }))).toBe("late");
  });

  test("says half and no more: the wait ends", async () => {
    const body = new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from("[")) });
    using engine = new FakeEngine(() => new Response(body));
    const socket = new EngineSocket(engine.socket);
    expect(await failureOf(socket.json(docker.list, { timeoutMs: 100, bytes: 1_000 }))).toBe("late");
  });

  test("says too much: it is not read to the end", async () => {
    let sent = 0;
    const chunk = Buffer.alloc(65_536, " ");
    const body = new ReadableStream({
      async pull(stream) {
        sent += chunk.length;
        stream.enqueue(chunk);
        if (sent > 100 * 1_048_576) stream.close();
        await Bun.sleep(0);
      },
    });
    using engine = new FakeEngine(() => new Response(body));
    expect(await failureOf(new EngineSocket(engine.socket).json(docker.list, LIMITS))).toBe("too_large");
    expect(sent).toBeLessThan(50 * 1_048_576);
  });

  test.each([
    ["no JSON", () => new Response("<html>"), "unreadable"],
    ["nothing", () => new Response(""), "unreadable"],
    ["an error", () => new Response("{}", { status: 500 }), "refused"],
    ["elsewhere", () => Response.redirect("http://127.0.0.1:1/"), "unreadable"],
  ])("says %s", async (_, answer, kind) => {
    using engine = new FakeEngine(answer);
    expect(await failureOf(new EngineSocket(engine.socket).json(docker.list, LIMITS))).toBe(kind);
  });

  test("is not there", async () => {
    using engine = new FakeEngine(() => new Response("[]"));
    engine.stop();
    expect(await failureOf(new EngineSocket(engine.socket).json(docker.list, LIMITS))).toBe("absent");
    // A file that is no socket.
    expect(await failureOf(new EngineSocket(import.meta.path).json(docker.list, LIMITS))).toBe("absent");
  });
});
