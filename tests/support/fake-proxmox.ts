/**
 * A Proxmox for tests: a real HTTPS server with a certificate made on the spot, that knows the part of the
 * published API schema it is given and judges every request by it as Proxmox does. What the schema does not
 * have (a path, a parameter, any method but GET) is refused and remembered, so a test can demand that nothing
 * of the kind was ever asked. The token and the privileges count; what is answered was captured.
 */
import { expect } from "bun:test";
import { issueCertificate } from "./certificates.ts";

export interface SchemaEntry {
  path: string;
  method: string;
  parameters: string[];
  /** `[path, any of these]`; null where everybody is answered, be it with less. */
  check: [path: string, anyOf: string[]] | null;
}

/** Privileges by path, each valid below it until a path below has its own. */
export type Grants = Record<string, string[]>;

export interface Asked {
  path: string;
  query: Record<string, string>;
  may: (path: string, ...anyOf: string[]) => boolean;
}

export interface FakeProxmoxOptions {
  product: "ve" | "backup";
  schema: SchemaEntry[];
  /** By path, or by path and some of the parameters: `/nodes/a/tasks?errors=1`. */
  answers: Record<string, unknown>;
  grants: Grants;
  /** What is left out of a list for want of a privilege. */
  filter?: (asked: Asked, data: unknown) => unknown;
  tokenId?: string;
}

export const TOKEN_SECRET = "11111111-2222-3333-4444-555555555555";

type Override = (asked: Asked) => Response | Promise<Response>;

/** Paths Proxmox always lists in the privileges of a token. */
const LISTED = ["/", "/access", "/nodes", "/pool", "/storage", "/vms", "/datastore", "/system", "/remote"];

export function fakeProxmox(options: FakeProxmoxOptions) {
  const { product, schema } = options;
  const tokenId = options.tokenId ?? (product === "ve" ? "pulse@pve!monitor" : "pulse@pbs!monitor");
  const credential =
    product === "ve" ? `PVEAPIToken=${tokenId}=${TOKEN_SECRET}` : `PBSAPIToken=${tokenId}:${TOKEN_SECRET}`;
  const answers = structuredClone(options.answers);
  const overrides = new Map<string, Override>();
  const asked: string[] = [];
  const violations: string[] = [];
  let grants = options.grants;
  let underWay = 0;
  let mostAtOnce = 0;

  const may = (path: string, ...anyOf: string[]) => {
    for (let at = path; ; at = at.slice(0, at.lastIndexOf("/")) || "/") {
      const held = grants[at];
      if (held) return anyOf.some((privilege) => held.includes(privilege));
      if (at === "/") return false;
    }
  };

  /** A backup server says it in plain text, whatever was asked for. */
  const refuse = (status: number, message: string) =>
    product === "ve"
      ? Response.json({ data: null, message: `${message}\n` }, { status })
      : new Response(message, { status, headers: { "content-type": "application/json" } });

  function answer(request: Request): Response | Promise<Response> {
    const url = new URL(request.url);
    const path = url.pathname.replace(/^\/api2\/json/, "");
    const query = Object.fromEntries(url.searchParams);
    asked.push(`${path}${url.search}`);
    const entry = schema.find((one) => patternOf(one.path).test(path));
    if (!entry || entry.method !== request.method || !url.pathname.startsWith("/api2/json/")) {
      violations.push(`${request.method} ${url.pathname}`);
      return refuse(501, `Method '${request.method} ${path}' not implemented`);
    }
    if (request.headers.get("authorization") !== credential) return refuse(401, "authentication failure");
    const unknown = Object.keys(query).filter((name) => !entry.parameters.includes(name));
    if (unknown.length > 0) {
      violations.push(`${path}: ${unknown.join(", ")}`);
      return refuse(400, "Parameter verification failed.");
    }
    if (entry.check) {
      const values = patternOf(entry.path).exec(path)?.groups ?? {};
      const at = entry.check[0].replaceAll(/\{(\w+)\}/g, (_, name) => decodeURIComponent(values[name] ?? ""));
      if (!may(at, ...entry.check[1])) {
        return refuse(403, `Permission check failed (${at}, ${entry.check[1].join("|")})`);
      }
    }
    const one: Asked = { path: decodeURIComponent(path), query, may };
    const override = overrides.get(one.path);
    if (override) return override(one);
    if (path === "/access/permissions") return Response.json({ data: permissions() });
    const data = findAnswer(one);
    if (data === undefined) {
      return path.includes("/agent/")
        ? refuse(500, "QEMU guest agent is not running")
        : refuse(500, "not known to this test");
    }
    return Response.json({ data: options.filter ? options.filter(one, data) : data });
  }

  /** The one that names the most of what was asked. */
  function findAnswer({ path, query }: Asked): unknown {
    const fits = Object.keys(answers).filter((key) => {
      const [at, wanted = ""] = key.split("?");
      return at === path && [...new URLSearchParams(wanted)].every(([name, value]) => query[name] === value);
    });
    const best = fits.sort((a, b) => b.split("&").length - a.split("&").length || b.length - a.length)[0];
    return best === undefined ? undefined : answers[best];
  }

  function permissions() {
    const paths = new Set([...LISTED, ...Object.keys(grants)]);
    const all = [...new Set(Object.values(grants).flat())];
    return Object.fromEntries(
      [...paths].map((path) => [
        path,
        Object.fromEntries(all.filter((one) => may(path, one)).map((one) => [one, 1])),
      ]),
    );
  }

  const certificate = issueCertificate({ name: "pve.example.org", names: ["127.0.0.1"] });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: certificate.cert, key: certificate.key },
    async fetch(request) {
      underWay++;
      mostAtOnce = Math.max(mostAtOnce, underWay);
      try {
        return await answer(request);
      } finally {
        underWay--;
      }
    },
  });

  return {
    url: `https://127.0.0.1:${server.port}`,
    fingerprint256: certificate.fingerprint256,
    tokenId,
    /** What was asked since the last look, in its order. */
    takeAsked: () => asked.splice(0),
    answers,
    override: (path: string, act: Override) => overrides.set(path, act),
    restore: (path: string) => overrides.delete(path),
    grant(next: Grants) {
      grants = next;
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      expect(violations).toEqual([]);
    },
  };
}

const patterns = new Map<string, RegExp>();

function patternOf(path: string): RegExp {
  const known = patterns.get(path);
  if (known) return known;
  const source = path.replaceAll(/\{(\w+)\}/g, (_, name) => `(?<${name}>[^/]+)`);
  const pattern = new RegExp(`^${source}$`);
  patterns.set(path, pattern);
  return pattern;
}
