/** A defect of ours, wherever it strikes: the caller hears that there was one, and the operator's log what it was. */
import { afterAll, describe, expect, test } from "bun:test";
import { signUp } from "../support/calls.ts";
import { startInProcess } from "../support/in-process.ts";

const server = await startInProcess();
const me = await signUp(server);
afterAll(() => server.stop());

const SECRET = "SqliteError: cannot open /var/lib/secret/org.db";
class Defect extends Error {
  constructor() {
    super(SECRET);
  }
}

function breaks(): never {
  throw new Defect();
}

/** Where it strikes, how it is planted there (and taken out again), and what a visitor then does. */
const { edge, http } = server;
const STRIKES: [where: string, plant: () => () => void, path: string][] = [
  ["in a procedure", () => replace(edge.directory, "sessionsOf", breaks), "/api/trpc/session.list"],
  [
    "in one call of a batch",
    () => replace(edge.directory, "sessionsOf", breaks),
    "/api/trpc/features.list,session.list?batch=1",
  ],
  ["in deciding who may", () => replace(edge.sessions, "validate", breaks), "/api/trpc/session.me"],
  ["in opening a stream", () => replace(edge.bus, "open", breaks), "/api/trpc/live.events"],
  ["in an operation", () => replace(edge.metrics.registry, "render", breaks), "/metrics"],
  ["in the page", () => replace(http.spa, "answer", breaks), "/"],
];

for (const [where, plant, path] of STRIKES) {
  describe(where, () => {
    test("tells the caller nothing but that there was one", async () => {
      const undo = plant();
      const response = await fetch(server.url + path, { headers: { cookie: me.cookie ?? "" } });
      const body = await response.text();
      undo();
      const parsed = JSON.parse(body) as unknown;
      const item = (Array.isArray(parsed) ? parsed.at(-1) : parsed) as { error: unknown };
      expect(item.error).toEqual({
        code: expect.any(Number),
        message: "Something went wrong inside Pulse.",
        data: {
          code: "INTERNAL_SERVER_ERROR",
          httpStatus: 500,
          path: path.includes("/trpc/") ? expect.any(String) : null,
          reason: "internal",
          requestId: response.headers.get("x-request-id") as string,
        },
      });
      expect(response.status).toBe(Array.isArray(parsed) ? 207 : 500);
      expect(body).not.toMatch(/secret|sqlite|\.ts|stack/i);
      expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    });

    test("tells the log what it was, under the request's id", async () => {
      const undo = plant();
      const response = await fetch(server.url + path, { headers: { cookie: me.cookie ?? "" } });
      await response.text();
      undo();
      const lines = server.logs.filter(
        ({ fields }) => fields.request_id === response.headers.get("x-request-id"),
      );
      expect(lines.map(({ level }) => level)).toEqual(["error"]);
      expect(lines[0]?.fields.error).toContain(SECRET);
    });
  });
}

/** Puts another method in place; gives back how to undo that. */
function replace<Part extends object, Name extends keyof Part>(
  part: Part,
  name: Name,
  by: Part[Name],
): () => void {
  const own = Object.getOwnPropertyDescriptor(part, name);
  part[name] = by;
  return () => {
    if (own) Object.defineProperty(part, name, own);
    else delete part[name];
  };
}
