/** The envelope of a call changes nothing about it: batches, methods, bodies, letters of headers. */
import { afterAll, describe, expect, test } from "bun:test";
import { isMutation } from "../support/calls.ts";
import { metric } from "../support/metrics.ts";
import { exchange } from "../support/raw-socket.ts";
import { digests } from "./digest.ts";
import { expected, type ProcedurePath, type Row, rows } from "./matrix.ts";
import { PRINCIPALS, type PrincipalName } from "./principals.ts";
import { headersFor, ORG_HEADER, startWorld } from "./world.ts";

const PER_BATCH = 10;
const world = await startWorld();
afterAll(() => world.stop());

interface BatchItem {
  result?: { data: unknown };
  error?: { data: { reason: string; httpStatus: number; path: string } };
}

async function batch(
  who: PrincipalName,
  calls: [path: string, input?: unknown][],
  method: "GET" | "POST",
): Promise<{ status: number; items: BatchItem[] }> {
  const paths = calls.map(([path]) => path).join(",");
  const inputs = JSON.stringify(Object.fromEntries(calls.map(([, input], at) => [at, input])));
  const query = method === "GET" ? `&input=${encodeURIComponent(inputs)}` : "";
  const response = await fetch(`${world.server.url}/api/trpc/${paths}?batch=1${query}`, {
    method,
    headers: { ...headersFor(world, who), ...(method === "POST" && { "content-type": "application/json" }) },
    ...(method === "POST" && { body: inputs }),
  });
  return { status: response.status, items: (await response.json()) as BatchItem[] };
}

const outcome = ({ error }: BatchItem) => error?.data.reason ?? "ok";

describe("a call in a batch gets what it would get alone", () => {
  for (const kind of ["GET", "POST"] as const) {
    test(`${kind}: every procedure, every caller`, async () => {
      const wrong: string[] = [];
      for (const who of PRINCIPALS) {
        const asked = rows.filter(([path, row]) => fits(path, row, who, kind));
        for (let from = 0; from < asked.length; from += PER_BATCH) {
          const some = asked.slice(from, from + PER_BATCH);
          const { items } = await batch(
            who,
            some.map(([path, row]) => [path, row.input?.(world)]),
            kind,
          );
          for (const [at, [path, row]] of some.entries()) {
            const got = outcome(items[at] ?? {});
            const wanted = expected(row, who, "on", false);
            if (got !== wanted) wrong.push(`${path} ${who}: ${got}, not ${wanted}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    }, 60_000);
  }

  test("one that is refused among those that are not: 207, and none lends the others anything", async () => {
    const { status, items } = await batch(
      "viewer",
      [["resources.list"], ["audit.list"], ["system.people"], ["orgs.get"], ["tokens.list"]],
      "GET",
    );
    expect(status).toBe(207);
    expect(items.map(outcome)).toEqual(["ok", "role_required", "role_required", "ok", "role_required"]);
  });

  test("each refusal in it is counted under its own procedure", async () => {
    const count = (procedure: string) =>
      metric(world.server, "pulse_access_denied_total", { reason: "role_required", procedure });
    const before = [await count("audit.list"), await count("tokens.list")];
    await batch("viewer", [["audit.list"], ["tokens.list"], ["audit.list"], ["resources.list"]], "GET");
    expect([await count("audit.list"), await count("tokens.list")]).toEqual([
      (before[0] ?? 0) + 2,
      (before[1] ?? 0) + 1,
    ]);
  });

  test("more than ten calls are refused whole", async () => {
    const calls = Array.from({ length: 11 }, (): [string] => ["resources.list"]);
    const response = await fetch(
      `${world.server.url}/api/trpc/${calls.map(([path]) => path).join(",")}?batch=1&input={}`,
      { headers: headersFor(world, "viewer") },
    );
    expect(response.status).toBe(400);
  });
});

/** Kinds do not mix in one request, and what somebody may and cannot be taken back is the sweep's. */
function fits(path: ProcedurePath, row: Row, who: PrincipalName, kind: "GET" | "POST"): boolean {
  if (path === "live.events" || row.last || row.undo) return false;
  if (row.effects === "writes" && row.cells[who] === "in" && row.scope !== "org") return false;
  return isMutation(path) === (kind === "POST");
}

describe("the method", () => {
  test("a change is not made by GET, whoever asks, and a read is not answered to POST", async () => {
    const before = digests(world);
    for (const [path, row] of rows) {
      if (path === "live.events") continue;
      for (const who of ["anon", "owner", "operator", "tokAdmin"] as const) {
        const method = isMutation(path) ? "GET" : "POST";
        const { status, error } = await world.call(who, path, { method, input: row.input?.(world) });
        expect([path, who, status, error?.reason]).toEqual([path, who, 405, "method_not_allowed"]);
      }
    }
    expect(digests(world)).toEqual(before);
  });

  test("no other method reaches a procedure", async () => {
    const before = digests(world);
    for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"]) {
      for (const path of ["orgs.delete", "members.leave", "resources.list"]) {
        const headers = { ...headersFor(world, "owner"), "x-http-method-override": "POST" };
        const { status } = await fetch(`${world.server.url}/api/trpc/${path}`, { method, headers });
        expect([method, path, status]).toEqual([method, path, 405]);
      }
    }
    expect(digests(world)).toEqual(before);
  });

  test("a form, a part, a text are not read as a change", async () => {
    const before = digests(world);
    const types = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""];
    for (const type of types) {
      const response = await fetch(`${world.server.url}/api/trpc/orgs.delete`, {
        method: "POST",
        headers: { ...headersFor(world, "owner"), "content-type": type },
        body: "{}",
      });
      expect([type, response.status]).toEqual([type, 415]);
    }
    expect(digests(world)).toEqual(before);
  });
});

describe("headers", () => {
  test("how a header is written makes no other caller of anybody", async () => {
    const { acme, beta } = world.orgs;
    const ask = async (lines: string[]) => {
      const bytes = `GET /api/trpc/resources.list HTTP/1.1\r\nHost: a\r\n${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`;
      const { status, body } = await exchange(world.server, bytes);
      return [status, body.includes(acme.host)];
    };
    const viewer = world.headers.viewer.cookie;
    const owner = world.headers.foreignOwner.cookie;
    const token = world.headers.tokRead.authorization?.replace("Bearer ", "");
    expect(await ask([`cOOkie: ${viewer}`, `X-PULSE-ORG-ID: ${acme.slug}`])).toEqual([200, true]);
    expect(await ask([`authorization: bearer ${token}`, `x-pulse-org-id:${acme.slug}`])).toEqual([200, true]);
    expect(await ask([`Cookie: ${owner}`, `x-pulse_org_id: ${acme.slug}`])).not.toEqual([200, true]);
    expect(await ask([`Cookie: ${owner}`, `X-Org-Id: ${acme.id}`, `X-Tenant-Id: ${acme.id}`])).toEqual([
      403,
      false,
    ]);
    expect(await ask([`Cookie: ${owner}; ${viewer}`, `X-Pulse-Org-Id: ${acme.slug}`])).toEqual([400, false]);
    expect(await ask([`Cookie: ${owner}`, `Cookie: ${viewer}`, `X-Pulse-Org-Id: ${acme.slug}`])).toEqual([
      400,
      false,
    ]);
    expect(await ask([`Authorization: Basic ${token}`, `X-Pulse-Org-Id: ${acme.slug}`])).toEqual([
      401,
      false,
    ]);
    expect(await ask([`Authorization: Bearer ${token}`, `X-Pulse-Org-Id: ${beta.slug}`])).toEqual([
      403,
      false,
    ]);
    expect(
      await ask([
        `Authorization: Bearer ${token}`,
        "Authorization: Bearer x",
        `X-Pulse-Org-Id: ${acme.slug}`,
      ]),
    ).not.toEqual([200, true]);
  });

  test("every answer to somebody signed in says who they are, to nobody else, and whatever they claim", async () => {
    for (const who of PRINCIPALS) {
      const claimed = { "x-user-id": world.people.owner?.id ?? "" };
      const { status, headers } = await world.call(who, "resources.list", { headers: claimed });
      const told = headers.get("x-user-id");
      const known =
        world.headers[who].cookie !== undefined && status !== 401 ? (world.people[who]?.id ?? null) : null;
      expect([who, told]).toEqual([who, known ?? told]);
      if (status === 401 || world.headers[who].authorization) expect([who, told]).toEqual([who, null]);
    }
  });

  test("the org of a call is that of its header in every call of a batch", async () => {
    const response = await fetch(`${world.server.url}/api/trpc/orgs.get,resources.list?batch=1&input={}`, {
      headers: { ...world.headers.dualMember, [ORG_HEADER]: world.orgs.acme.slug },
    });
    const text = await response.text();
    expect(text).toContain(world.orgs.acme.host);
    expect(text).not.toContain(world.orgs.gamma.host);
  });
});
