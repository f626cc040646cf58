/**
 * What the open door gets: requests no browser of ours sends. Whatever comes, it is answered in the form of the
 * contract or by the HTTP parser in front of our code, it tells nothing from inside, and it leaves the server as it
 * was. Every case names the status it must get; `judge` holds every answer to the rest.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { HTTP_STATUS_OF_REASON } from "../../server/contract/errors.ts";
import { FIRST_EMAIL, PASSWORD, signUp } from "../support/calls.ts";
import { root } from "../support/checkout.ts";
import { exchange, type RawAnswer } from "../support/raw-socket.ts";
import { startServer } from "../support/server.ts";

const server = await startServer();
const me = await signUp(server);
const cookie = me.cookie ?? "";
afterAll(() => server.stop());

const PAGE = readFileSync(join(root, "dist/web/index.html"), "utf8");

/** Put on every answer of ours, written by hand. */
const SECURITY_HEADERS: Record<string, RegExp> = {
  "content-security-policy":
    /default-src 'none'; script-src 'self'; .*base-uri 'none'.*frame-ancestors 'none'/,
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^DENY$/,
  "referrer-policy": /^no-referrer$/,
  "cross-origin-opener-policy": /^same-origin$/,
  "cross-origin-resource-policy": /^same-origin$/,
  "permissions-policy": /camera=\(\)/,
  "cache-control": /no-store|no-cache|immutable/,
};

/** What the parser in front of our code answers by itself: a bare status, nothing else. */
const PARSER_STATUSES = [400, 413, 431, 505];

const FROM_INSIDE =
  /\/work|\/tmp\/|node_modules|\.ts:\d|\bat \S+ \(|sqliteerror|sqlite_|\bzod\b|zoderror|bun\.sh|oven-sh|stack/i;

function judge(answer: RawAnswer): void {
  const { status, headers, body } = answer;
  const shown = answer.text.slice(0, 600);
  expect(status === 501 || status < 500 || status === 505, `an error of ours: ${shown}`).toBe(true);
  expect(headers.get("access-control-allow-origin"), shown).toBeNull();
  const requestId = headers.get("x-request-id");
  if (requestId === null) {
    // Not ours: the parser hung up or refused, with no words.
    expect([...PARSER_STATUSES, 0], shown).toContain(status);
    expect(body, shown).toBe("");
    return;
  }
  expect(requestId, shown).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
  for (const [name, form] of Object.entries(SECURITY_HEADERS)) {
    expect(headers.get(name) ?? "", `${name}: ${shown}`).toMatch(form);
  }
  if (headers.get("content-type")?.includes("html")) {
    expect([status, body === "" ? PAGE : body], shown).toEqual([200, PAGE]);
    return;
  }
  expect(body, shown).not.toMatch(FROM_INSIDE);
  expect(body, shown).not.toContain(server.dataDir);
  if (headers.get("content-type")?.includes("json") && body !== "") {
    const parsed = JSON.parse(body) as unknown;
    for (const item of Array.isArray(parsed) ? parsed : [parsed])
      judgeItem(item, answer, Array.isArray(parsed));
  } else if (status >= 400 && body !== "") {
    expect(body, shown).toBe("not found\n");
  }
}

function judgeItem(item: unknown, { status, headers }: RawAnswer, inBatch: boolean): void {
  const { error } = item as { error?: { code: unknown; message: unknown; data: Record<string, unknown> } };
  if (!error) return;
  const { data } = error;
  expect(error).toMatchObject({ code: expect.any(Number), message: expect.any(String) });
  expect(data).toMatchObject({ code: expect.any(String), requestId: headers.get("x-request-id") });
  expect(Object.keys(data).sort()).toEqual(
    ["code", "httpStatus", "path", "reason", "requestId", ...(data.fields ? ["fields"] : [])].sort(),
  );
  expect(HTTP_STATUS_OF_REASON[data.reason as keyof typeof HTTP_STATUS_OF_REASON]).toBe(
    data.httpStatus as never,
  );
  if (!inBatch) expect(data.httpStatus).toBe(status);
}

interface Sent {
  method?: string;
  path?: string;
  headers?: (string | undefined)[];
  body?: string | Uint8Array;
}

/** A well-formed request around whatever is hostile in it. */
function request({ method = "GET", path = "/healthz", headers = [], body }: Sent): Uint8Array {
  const named = headers.filter((line) => line !== undefined);
  const has = (name: string) => named.some((line) => line.toLowerCase().startsWith(`${name}:`));
  const lines = [
    `${method} ${path} HTTP/1.1`,
    ...(has("host") ? [] : ["Host: pulse.test"]),
    ...named,
    ...(body !== undefined && !has("content-length") && !has("transfer-encoding")
      ? [`Content-Length: ${Buffer.byteLength(body)}`]
      : []),
    "Connection: close",
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)]);
}

const JSON_TYPE = "Content-Type: application/json";
const SESSION = `Cookie: ${cookie}`;

function post(path: string, body: string | Uint8Array, ...headers: string[]): Uint8Array {
  return request({ method: "POST", path: `/api/trpc/${path}`, headers: [JSON_TYPE, ...headers], body });
}
function get(path: string, ...headers: string[]): Uint8Array {
  return request({ path, headers });
}
function query(procedure: string, input: unknown, ...headers: string[]): Uint8Array {
  return get(`/api/trpc/${procedure}?input=${encodeURIComponent(JSON.stringify(input))}`, ...headers);
}

/** Name of the case, the bytes, the status; a list where the parser may also hang up (0). */
type Case = [
  name: string,
  bytes: string | Uint8Array,
  status: number | number[],
  also?: (answer: RawAnswer) => void,
];

const LF = "\r\n";

function run(cases: Case[]): void {
  for (const [name, bytes, status, also] of cases) {
    test(name, async () => {
      const answer = await exchange(server, bytes);
      judge(answer);
      expect([status].flat(), answer.text.slice(0, 300)).toContain(answer.status);
      also?.(answer);
    });
  }
}

function reasonIs(reason: string): (answer: RawAnswer) => void {
  return ({ body }) => expect(JSON.parse(body).error.data.reason).toBe(reason);
}

describe("request lines:", () => {
  run([
    ["nothing but an empty line", `${LF}${LF}`, [0, 400]],
    ["no version", `GET /healthz${LF}Host: a${LF}${LF}`, [0, 400, 505]],
    ["an unknown version", `GET /healthz HTTP/9.9${LF}Host: a${LF}${LF}`, [0, 400, 505]],
    ["HTTP/2 in plain text", `PRI * HTTP/2.0${LF}${LF}SM${LF}${LF}`, [0, 400, 505]],
    ["HTTP/0.9", `GET /${LF}`, [0, 400, 505]],
    ["lines that end in LF only", "GET /healthz HTTP/1.1\nHost: a\n\n", [0, 400, 505]],
    ["spaces before the target", `GET   /healthz HTTP/1.1${LF}Host: a${LF}${LF}`, [0, 400]],
    ["no target", `GET HTTP/1.1${LF}Host: a${LF}${LF}`, [0, 400, 505]],
    ["a target without a slash", `GET healthz HTTP/1.1${LF}Host: a${LF}${LF}`, [0, 400]],
    ["an asterisk for a target", `GET * HTTP/1.1${LF}Host: a${LF}${LF}`, [0, 400]],
    ["OPTIONS *", `OPTIONS * HTTP/1.1${LF}Host: a${LF}${LF}`, [400, 405]],
    ["NUL in the target", `GET /heal\0thz HTTP/1.1${LF}Host: a${LF}${LF}`, [0, 400, 505]],
    ["a tab in the target", `GET /heal\tthz HTTP/1.1${LF}Host: a${LF}${LF}`, [0, 400, 505]],
    ["bytes above ASCII in the target", `GET /\xff\xfe HTTP/1.1${LF}Host: a${LF}${LF}`, [0, 200, 400]],
    ["a TLS greeting", Buffer.from("16030100a5010000a10303", "hex"), [0, 400]],
    ["random bytes", Buffer.from("deadbeef00ff0d0a0d0a", "hex"), [0, 400]],
    ["a lower-case method", request({ method: "get" }), [0, 400, 405]],
    ["a method of 200 letters", request({ method: "A".repeat(200) }), [0, 400, 405]],
    ["absolute-form", request({ path: "http://pulse.test/healthz" }), 200],
    ["absolute-form of another host", request({ path: "http://evil.test/api/trpc/session.me" }), [400, 401]],
    ["absolute-form of another scheme", request({ path: "ftp://pulse.test/healthz" }), [0, 200, 400]],
    ["absolute-form of a file", request({ path: "file:///etc/passwd" }), [0, 200, 400]],
    ["a target with a user and a password", request({ path: "http://a:b@pulse.test/healthz" }), [200, 400]],
  ]);
});

describe("methods:", () => {
  for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "LOCK", "PURGE"]) {
    run([
      [`${method} of the page`, request({ method, path: "/" }), 405, reasonIs("method_not_allowed")],
      [`${method} of a procedure`, request({ method, path: "/api/trpc/session.me" }), 405],
    ]);
  }
  run([
    ["CONNECT", `CONNECT pulse.test:443 HTTP/1.1${LF}Host: pulse.test:443${LF}${LF}`, [0, 400, 405]],
    ["CONNECT to a private address", `CONNECT 10.0.0.1:22 HTTP/1.1${LF}Host: a${LF}${LF}`, [0, 400, 405]],
    [
      "TRACE does not echo",
      request({ method: "TRACE", headers: ["X-Secret: canary"] }),
      405,
      ({ text }) => expect(text).not.toContain("canary"),
    ],
    ["HEAD of the page", request({ method: "HEAD", path: "/" }), 200, ({ body }) => expect(body).toBe("")],
    ["HEAD of a stream", request({ method: "HEAD", path: "/api/trpc/live.events", headers: [SESSION] }), 405],
    ["POST of the page", request({ method: "POST", path: "/", headers: [JSON_TYPE], body: "{}" }), 405],
    ["POST of /healthz", request({ method: "POST", headers: [JSON_TYPE], body: "{}" }), 405],
    [
      "POST of nothing known",
      request({ method: "POST", path: "/api/x", headers: [JSON_TYPE], body: "{}" }),
      404,
    ],
    ["GET for a change", get("/api/trpc/session.signOut", SESSION), 405, reasonIs("method_not_allowed")],
    ["GET for a change with input", query("session.signIn", { email: FIRST_EMAIL, password: PASSWORD }), 405],
    ["POST for a question", post("session.me", "{}", SESSION), 405, reasonIs("method_not_allowed")],
    ["POST for a stream", post("live.events", "{}", SESSION), 405],
    [
      "a method override in a header",
      get("/api/trpc/session.signOut", SESSION, "X-HTTP-Method-Override: POST"),
      405,
    ],
    ["a method override in the query", get("/api/trpc/session.signOut?_method=POST", SESSION), 405],
  ]);
});

describe("hosts:", () => {
  const host = (value: string, version = "1.1") =>
    `GET /healthz HTTP/${version}${LF}Host: ${value}${LF}${LF}`;
  run([
    ["HTTP/1.0 without one", `GET /healthz HTTP/1.0${LF}${LF}`, [400]],
    ["HTTP/1.1 without one", `GET /healthz HTTP/1.1${LF}${LF}`, [400]],
    ["an empty one", host(""), 400],
    ["two of them", `GET /healthz HTTP/1.1${LF}Host: a${LF}Host: b${LF}${LF}`, 400],
    ["the same one twice", `GET /healthz HTTP/1.1${LF}Host: a${LF}Host: a${LF}${LF}`, 400],
    ["two in one", host("a, b"), 400],
    ["a space", host("a b"), 400],
    ["a path", host("a/b"), 400],
    ["a user", host("a@b"), 400],
    ["a query", host("a?b"), 400],
    ["a fragment", host("a#b"), 400],
    ["a backslash", host("a\\b"), 400],
    ["a port that is none", host("a:b"), 400],
    ["a port too high", host("a:99999"), 400],
    ["two ports", host("a:1:2"), 400],
    ["an unclosed bracket", host("[::1"), 400],
    ["brackets around nothing", host("[]"), 400],
    ["brackets around no address", host("[::zz]"), 400],
    ["an octal address", host("0177.0.0.1.999"), 400],
    ["percent signs", host("%61"), 400],
    ["markup", host("<script>"), 400],
    ["NUL", host("a\0b"), [0, 400]],
    ["bytes above ASCII", host("\xff\xfe"), [0, 400]],
    ["5,000 letters", host("a".repeat(5_000)), [400, 431]],
    ["an IPv6 address is fine", host("[::1]:7655"), 200],
  ]);
});

describe("headers:", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `X-H${index}: 1`);
  run([
    ["a folded line", get("/healthz", "X-A: 1\r\n folded"), [0, 400]],
    ["a folded line with a tab", get("/healthz", "X-A: 1\r\n\tfolded"), [0, 400]],
    ["a space before the colon", get("/healthz", "X-A : 1"), [0, 400]],
    ["no colon", get("/healthz", "nonsense"), [0, 400]],
    ["no name", get("/healthz", ": 1"), [0, 400]],
    ["NUL in a value", get("/healthz", "X-A: a\0b"), [0, 400]],
    ["NUL in a name", get("/healthz", "X-\0A: a"), [0, 400]],
    ["a bare CR in a value", get("/healthz", "X-A: a\rb"), [0, 400]],
    ["a bare LF in a value", get("/healthz", "X-A: a\nX-B: b"), [0, 200, 400]],
    ["50 of them are fine", get("/healthz", ...many(50)), 200],
    ["500 of them", get("/healthz", ...many(500)), [0, 431]],
    ["20,000 of them", get("/healthz", ...many(20_000)), [0, 431]],
    ["64 KB in one", get("/healthz", `X-A: ${"a".repeat(65_536)}`), [0, 431]],
    [
      "a cookie of 64 KB",
      get("/api/trpc/session.me", `Cookie: pulse_session=${"a".repeat(65_536)}`),
      [0, 431],
    ],
    ["a name of 64 KB", get("/healthz", `${"a".repeat(65_536)}: 1`), [0, 431]],
    ["__proto__ for a name", get("/api/trpc/features.list", "__proto__: 1", "constructor: 2"), 200],
    [
      "an upgrade to WebSocket",
      get("/api/trpc/live.events", "Upgrade: websocket", "Sec-WebSocket-Key: AA=="),
      401,
    ],
    ["an upgrade to HTTP/2", get("/healthz", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQ"), 200],
    ["a range of a page file", get("/theme.js", "Range: bytes=0-1"), 200],
    ["10,000 ranges", get("/", `Range: bytes=${"0-1,".repeat(3_000)}0-1`), [200, 431]],
    ["an encoding nobody has", get("/", "Accept-Encoding: x,,;q=,\u00ff"), 200],
    ["an expectation nobody meets", get("/healthz", "Expect: 200-maybe"), [200, 400, 417]],
  ]);
});

describe("smuggling:", () => {
  const smuggled = "GET /api/trpc/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  const body = (lines: string[], text: string) =>
    `POST /api/trpc/session.signIn HTTP/1.1${LF}Host: a${LF}${JSON_TYPE}${LF}${lines.join(LF)}${LF}${LF}${text}`;
  const once = ({ text }: RawAnswer) => expect(text.match(/HTTP\/1\.1 \d/g)?.length ?? 0).toBeLessThan(2);
  run([
    [
      "a length and chunks",
      body(["Content-Length: 4", "Transfer-Encoding: chunked"], `0${LF}${LF}${smuggled}`),
      [0, 400],
      once,
    ],
    [
      "chunks and a length",
      body(["Transfer-Encoding: chunked", "Content-Length: 4"], `0${LF}${LF}${smuggled}`),
      [0, 400],
      once,
    ],
    ["two lengths", body(["Content-Length: 2", "Content-Length: 60"], `{}${smuggled}`), [0, 400], once],
    ["two lengths in one", body(["Content-Length: 2, 2"], "{}"), [0, 400], once],
    ["a negative length", body(["Content-Length: -1"], "{}"), [0, 400], once],
    ["a length with a sign", body(["Content-Length: +2"], "{}"), [0, 400], once],
    ["a hexadecimal length", body(["Content-Length: 0x2"], "{}"), [0, 400], once],
    ["a length that is none", body(["Content-Length: two"], "{}"), [0, 400], once],
    [
      "a length past every number",
      body(["Content-Length: 99999999999999999999999"], "{}"),
      [0, 400, 413],
      once,
    ],
    [
      "a chunk size that is none",
      body(["Transfer-Encoding: chunked"], `zz${LF}{}${LF}0${LF}${LF}`),
      [0, 400],
      once,
    ],
    [
      "a chunk size past every number",
      body(["Transfer-Encoding: chunked"], `fffffffffffffffff${LF}{}`),
      [0, 400],
      once,
    ],
    [
      "a negative chunk size",
      body(["Transfer-Encoding: chunked"], `-2${LF}{}${LF}0${LF}${LF}`),
      [0, 400],
      once,
    ],
    [
      "a chunk longer than it says",
      body(["Transfer-Encoding: chunked"], `2${LF}{}GET / HTTP/1.1${LF}${LF}`),
      [0, 400],
      once,
    ],
    ["an unknown transfer coding", body(["Transfer-Encoding: xchunked"], `0${LF}${LF}`), [0, 400], once],
    ["identity and chunked", body(["Transfer-Encoding: identity, chunked"], `0${LF}${LF}`), [0, 400], once],
    [
      "chunked twice",
      body(["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], `0${LF}${LF}`),
      [0, 400],
      once,
    ],
    ["a hidden transfer coding", body(["Transfer-Encoding:\x0bchunked"], `0${LF}${LF}`), [0, 400], once],
  ]);
});

describe("paths:", () => {
  const refused = [
    "//healthz",
    "/healthz//",
    "/api//trpc/session.me",
    "/api/trpc//session.me",
    "/api/trpc/session.me//",
    "/api%2ftrpc/session.me",
    "/api%2Ftrpc%2Fsession.me",
    "/api/trpc%5csession.me",
    "/%2e%2e%2f%2e%2e%2fetc/passwd",
    "/..%2f..%2fpackage.json",
    "/..%5c..%5cpackage.json",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%252e%252e%252fpackage.json",
    "/assets/%252e%252e/%252e%252e/package.json",
    "/%2561pi/trpc/session.me",
    "/%61pi/trpc/session.me",
    "/api/%74rpc/session.me",
    "/api/trpc/session%2eme",
    "/api/trpc/session.m%65",
    "/api/trpc/..;/session.me",
    "/..;/..;/etc/passwd",
    "/healthz;jsessionid=1",
    "/healthz%00",
    "/healthz%00.html",
    "/healthz%0d%0aset-cookie:%20a=b",
    "/healthz%20",
    "/assets/%00",
    "/.%00./package.json",
    "/api/trpc/session.me%3fx",
    "/api/trpc/session.me%23x",
  ];
  run(refused.map((path): Case => [path, get(path), 400, reasonIs("invalid_request")]));

  /** Resolved as any client would; what is left is a path like any other, and never a file of the machine. */
  const page = ({ body }: RawAnswer) => expect(body).toBe(PAGE);
  const resolved: [string, number, ((answer: RawAnswer) => void)?][] = [
    ["/../../../../etc/passwd", 200, page],
    ["/assets/../../package.json", 200, page],
    ["/assets/../../../../etc/passwd", 200, page],
    ["/%2e%2e/%2e%2e/package.json", 200, page],
    ["/.%2e/package.json", 200, page],
    ["/assets/%2E%2E/%2E%2E/bun.lock", 200, page],
    ["/./././package.json", 200, page],
    ["/.git/config", 200, page],
    ["/.env", 200, page],
    ["/instance.db", 200, page],
    ["/orgs-data/instance.db", 200, page],
    ["/server/main.ts", 200, page],
    ["/C:/windows/win.ini", 200, page],
    ["/index.html/../../../db/driver.ts", 200, page],
    ["/assets/../../web/vite.config.js", 404],
    ["/../web/main.js", 404],
    ["/assets/nothing.js", 404],
    ["/favicon.ico", 404],
    ["/\\..\\..\\package.json", 200],
    ["/api/../healthz", 200],
    ["/api/trpc/../../healthz", 200],
    ["/api/trpc/../../../etc/passwd", 200, page],
    ["/api", 404],
    ["/api/", 404],
    ["/api/trpc", 404],
    ["/api/trpc/", 404],
    ["/api/nothing", 404],
    ["/api/trpc/session.me/", 404],
    ["/api/trpc/live.events/", 404],
    ["/api/agent/nothing", 404],
    ["/API/trpc/session.me", 200, page],
    ["/metrics/", 200, page],
    ["/healthz/../metrics", 403],
    ["/wp-admin/setup.php?x=<script>", 200, page],
    ["/machines/%F0%9F%92%A9", 200, page],
    ["/machines/%FF%FE", 200, page],
    ["/machines/%zz", 200, page],
    ["/machines/%", 200, page],
    [`/${"a".repeat(4_000)}`, 200, page],
    [`/${"a/".repeat(2_000)}`, 200, page],
    [`/${"../".repeat(2_000)}etc/passwd`, 200, page],
  ];
  run(
    resolved.map(([path, status, also]): Case => {
      const name = path.length > 60 ? `${path.slice(0, 20)}… (${path.length})` : path;
      return [name, get(path), path === "/\\..\\..\\package.json" ? [200, 400] : status, also];
    }),
  );
  run([
    ["an address of 9 KB", get(`/${"a".repeat(9_000)}`), [413]],
    ["a query of 9 KB", get(`/api/trpc/features.list?input=${"a".repeat(9_000)}`), [413]],
    ["an address of 70 KB", get(`/${"a".repeat(70_000)}`), [0, 413, 431]],
    ["10,000 query parameters", get(`/api/trpc/features.list?${"a&".repeat(3_000)}`), [200]],
  ]);
});

describe("procedures:", () => {
  const names = [
    "__proto__",
    "constructor",
    "prototype",
    "then",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "_def",
    "createCaller",
    "session",
    "session.__proto__",
    "session.constructor",
    "session.then",
    "session.me.toString",
    "session._def.procedures",
    "__proto__.polluted",
    "constructor.prototype",
    "SESSION.ME",
    "session..me",
    ".session.me",
    "session.me.",
    "orgs.commandCreate",
    "orgCommands.create",
    "people.list",
    "system.directory",
    "reports.ingest",
  ];
  for (const name of names) {
    run([
      [`${name} is none`, get(`/api/trpc/${name}`, SESSION), 404, reasonIs("not_found")],
      [`${name} is none to change anything`, post(name, "{}", SESSION), 404],
    ]);
  }
});

describe("batches:", () => {
  const repeat = (count: number) => Array.from({ length: count }, () => "features.list").join(",");
  const statuses = ({ body }: RawAnswer) =>
    (JSON.parse(body) as { error?: { data: { httpStatus: number } } }[]).map(
      ({ error }) => error?.data.httpStatus ?? 200,
    );
  run([
    ["10 calls are fine", get(`/api/trpc/${repeat(10)}?batch=1`), 200],
    ["11 calls", get(`/api/trpc/${repeat(11)}?batch=1`), 400],
    ["1,000 calls are an address too long", get(`/api/trpc/${repeat(1_000)}?batch=1`), 413],
    [
      "500 guesses in one",
      post(`${Array.from({ length: 500 }, () => "session.signIn").join(",")}?batch=1`, "{}"),
      [400, 413],
    ],
    [
      "each call has its own outcome",
      get("/api/trpc/features.list,session.me,nothing.here?batch=1"),
      207,
      (answer) => expect(statuses(answer)).toEqual([200, 401, 404]),
    ],
    ["a change among questions", get("/api/trpc/features.list,session.signOut?batch=1", SESSION), 400],
    ["a stream among questions", get("/api/trpc/features.list,live.events?batch=1", SESSION), 400],
    ["a stream alone, called a batch, as nobody", get("/api/trpc/live.events?batch=1"), 401],
    ["no procedure at all", get("/api/trpc/?batch=1"), [400, 404]],
    ["nothing but commas", get("/api/trpc/,,,,,,?batch=1"), [400, 404]],
    ["a batch that is not one", get("/api/trpc/features.list,features.list"), 404],
    ["input that is no object", get("/api/trpc/features.list,features.list?batch=1&input=[]"), [200, 400]],
    [
      "input keyed __proto__",
      get("/api/trpc/features.list?batch=1&input=%7B%22__proto__%22%3A%7B%22a%22%3A1%7D%7D"),
      200,
    ],
    ["a body that is no object", post("session.signIn,session.signIn?batch=1", "[]"), 400],
    ["a body that is null", post("session.signIn?batch=1", "null"), 400],
  ]);
});

describe("bodies:", () => {
  const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const signIn = (body: string | Uint8Array, ...headers: string[]) =>
    post("session.signIn", body, ...headers);
  const typed = (type: string, body: string | Uint8Array = "{}") =>
    request({ method: "POST", path: "/api/trpc/session.signIn", headers: [`Content-Type: ${type}`], body });
  const good = JSON.stringify({ email: FIRST_EMAIL, password: "not the password" });
  run([
    ["none at all", signIn(""), 400],
    ["cut off", signIn('{"email":'), 400],
    ["two values", signIn("{}{}"), 400],
    ["a trailing comma", signIn('{"email":"a@b",}'), 400],
    ["single quotes", signIn("{'email':'a@b'}"), 400],
    ["a comment", signIn("{}/* */"), 400],
    ["NaN", signIn("NaN"), 400],
    ["a byte order mark", signIn(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from("{}")])), 400],
    ["bytes that are no UTF-8", signIn(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), 400],
    ["UTF-16", signIn(Buffer.from(good, "utf16le")), 400],
    ["NUL bytes", signIn(Buffer.alloc(1_000)), 400],
    [
      "100,000 levels deep",
      signIn(deep(100_000)),
      400,
      ({ body }) => expect(JSON.parse(body).error.message).toContain("too deeply"),
    ],
    [
      "300 KB in chunks",
      `POST /api/trpc/session.signIn HTTP/1.1${LF}Host: a${LF}${JSON_TYPE}${LF}Transfer-Encoding: chunked${LF}${LF}` +
        `4b000${LF}"${"x".repeat(307_198)}"${LF}0${LF}${LF}`,
      413,
      reasonIs("too_large"),
    ],
    ["65 levels deep", signIn(deep(65)), 400],
    ["100,000 levels that never close", signIn("[".repeat(100_000)), 400],
    ["deep within a field", signIn(`{"email":${'{"a":'.repeat(1_000)}1${"}".repeat(1_000)}}`), 400],
    [
      "brackets in a string are not deep",
      signIn(JSON.stringify({ email: "[".repeat(1_000), password: "x" })),
      400,
    ],
    [
      "257 KB",
      signIn(JSON.stringify({ email: "a".repeat(257 * 1024), password: "x" })),
      413,
      reasonIs("too_large"),
    ],
    ["gzip", signIn(gzipSync(good), "Content-Encoding: gzip"), 415, reasonIs("json_required")],
    ["an identity encoding", signIn(good, "Content-Encoding: identity"), 415],
    ["a form", typed("application/x-www-form-urlencoded", "email=a%40b&password=x"), 415],
    ["a multipart form", typed("multipart/form-data; boundary=b", "--b--"), 415],
    ["a multipart form without a boundary", typed("multipart/form-data", "x"), 415],
    ["plain text", typed("text/plain", good), 415, reasonIs("json_required")],
    ["plain text that says it is JSON", typed("text/plain; x=application/json", good), 415],
    ["an octet stream", typed("application/octet-stream", good), 415],
    [
      "XML",
      typed("application/xml", "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>"),
      415,
    ],
    ["JSON lines", typed("application/jsonl", good), 415],
    ["JSON of a kind", typed("application/vnd.api+json", good), 415],
    ["two types", typed("application/json, text/plain", good), 415],
    ["no type", request({ method: "POST", path: "/api/trpc/session.signIn", body: good }), 415],
    ["JSON in another case and with a charset is fine", typed("Application/JSON; charset=utf-8", good), 401],
    [
      "a body on a question",
      request({ path: "/api/trpc/features.list", headers: [JSON_TYPE], body: good }),
      [200, 400],
    ],
  ]);
});

describe("input:", () => {
  const signIn = (text: string) => post("session.signIn", text);
  const as = (fields: unknown) => post("session.signIn", JSON.stringify(fields));
  const fieldsOf = ({ body }: RawAnswer) => JSON.parse(body).error.data.fields as Record<string, string>;
  const account = { email: FIRST_EMAIL, password: "not the password" };
  run([
    ["null", signIn("null"), 400],
    ["a list", signIn("[]"), 400],
    ["a string", signIn('"x"'), 400],
    [
      "nothing in it",
      as({}),
      400,
      (answer) => expect(Object.keys(fieldsOf(answer)).sort()).toEqual(["email", "password"]),
    ],
    [
      "an unknown field",
      as({ ...account, operator: true }),
      400,
      (answer) => expect(fieldsOf(answer)).toEqual({ operator: "is not a known field" }),
    ],
    ["__proto__ as a field", signIn(`{"email":"a@b","password":"x","__proto__":{"operator":true}}`), 400],
    [
      "constructor as a field",
      signIn(`{"email":"a@b","password":"x","constructor":{"prototype":{"a":1}}}`),
      400,
    ],
    ["__proto__ all the way down", signIn(`${'{"__proto__":'.repeat(60)}1${"}".repeat(60)}`), 400],
    ["a field twice", signIn('{"email":1,"email":"nobody@example.org","password":"not the password"}'), 401],
    ["a number for a string", as({ email: 1, password: "x" }), 400],
    ["an object for a string", as({ email: { $ne: null }, password: { $ne: null } }), 400],
    ["a list for a string", as({ email: [FIRST_EMAIL], password: ["x"] }), 400],
    ["true for a string", as({ email: FIRST_EMAIL, password: true }), 400],
    ["an object that calls itself a string", as({ email: { toString: "x", length: 1 }, password: "x" }), 400],
    ["200 KB for an e-mail address", as({ email: `${"a".repeat(200_000)}@b`, password: "x" }), 400],
    ["200 KB for a password", as({ email: FIRST_EMAIL, password: "x".repeat(200_000) }), 400],
    ["SQL for an e-mail address", as({ email: "'or'1'='1'--@x", password: "x" }), 401],
    ["NUL in an e-mail address", as({ email: "first\0@example.org", password: "x" }), [400, 401]],
    ["NUL in a password", as({ email: "nul@example.org", password: "a\0b" }), 401],
    [
      "half a character in an e-mail address",
      signIn('{"email":"\\ud800@example.org","password":"x"}'),
      [400, 401],
    ],
    ["half a character in a password", signIn('{"email":"half@example.org","password":"\\udfff"}'), 401],
    [
      "bidi and invisible characters",
      as({ email: "\u202egro.elpmaxe@\u200b\u2066", password: "\u202e" }),
      [400, 401],
    ],
    [
      "letters that grow in lower case",
      as({ email: `${"\u0130".repeat(130)}@b`, password: "x" }),
      [400, 401],
    ],
    ["a line break in an e-mail address", as({ email: "a@b\r\nbcc: c@d", password: "x" }), 400],
    [
      "20,000 unknown fields",
      as(Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, 1]))),
      400,
      (answer) => expect(Object.keys(fieldsOf(answer)).length).toBeLessThanOrEqual(30),
    ],
    [
      "an unknown field with a name of 100 KB",
      as({ ["x".repeat(100_000)]: 1 }),
      400,
      ({ body }) => expect(body.length).toBeLessThan(1_000),
    ],
    ["an id that climbs", query("resources.get", { id: "../../instance" }, SESSION), 400],
    ["an id that is SQL", query("resources.get", { id: "r' or 1=1 --" }, SESSION), 400],
    [
      "an id of nobody",
      query("resources.get", { id: `r${"a".repeat(19)}` }, SESSION),
      404,
      reasonIs("not_found"),
    ],
    ["an id of a session for a resource", query("resources.get", { id: `s${"a".repeat(19)}` }, SESSION), 400],
    ["an org id in the input", query("resources.list", { orgId: "default" }, SESSION), 400],
    ["a negative limit", query("resources.list", { limit: -1 }, SESSION), 400],
    [
      "a limit past every number",
      get("/api/trpc/resources.list?input=%7B%22limit%22%3A1e999%7D", SESSION),
      400,
    ],
    ["half a limit", query("resources.list", { limit: 1.5 }, SESSION), 400],
    ["LIKE signs in a text are text", query("resources.list", { text: "%_%'\"\\" }, SESSION), 200],
    ["a pattern that would explode is text", query("resources.list", { text: "(a+)+$(a+)+$" }, SESSION), 200],
    ["a text of 7 KB", query("resources.list", { text: "a".repeat(7_000) }, SESSION), 400],
    [
      "a range without end",
      query(
        "history.range",
        { resourceId: `r${"a".repeat(19)}`, metrics: ["load1"], from: 0, to: 9e15 },
        SESSION,
      ),
      400,
    ],
    [
      "1,000 metrics",
      query(
        "history.range",
        { resourceId: `r${"a".repeat(19)}`, metrics: Array(60).fill("x"), from: 0, to: 1 },
        SESSION,
      ),
      400,
    ],
    [
      "a metric called __proto__",
      query(
        "history.range",
        { resourceId: `r${"a".repeat(19)}`, metrics: ["__proto__"], from: 0, to: 1 },
        SESSION,
      ),
      [200, 400, 404],
    ],
    [
      "a ranking without end",
      query("history.top", { metric: "load1", from: 0, to: 9e15, limit: 50 }, SESSION),
      400,
    ],
    [
      "a ranking of a thousand",
      query("history.top", { metric: "load1", from: 0, to: 1, limit: 1_000 }, SESSION),
      400,
    ],
    [
      "a total of what has none",
      query("history.top", { metric: "load1", from: 0, to: 1, by: "total" }, SESSION),
      400,
    ],
    [
      "a ranking of __proto__",
      query("history.top", { metric: "__proto__", from: 0, to: 1, maxPoints: 1 }, SESSION),
      200,
    ],
    ["input that is not JSON", get("/api/trpc/resources.list?input=%7B", SESSION), 400],
    ["input that is not UTF-8", get("/api/trpc/resources.list?input=%FF%FE", SESSION), 400],
    [
      "input sent twice",
      get("/api/trpc/resources.list?input=%7B%7D&input=%7B%22a%22%3A1%7D", SESSION),
      [200, 400],
    ],
    ["deep input", get(`/api/trpc/resources.list?input=${"[".repeat(7_000)}`, SESSION), 400],
    ["a stream's input that is not JSON", get("/api/trpc/live.events?input=%7B", SESSION), 400],
    [
      "a stream's input with more in it",
      query("live.events", { lastEventId: "x", orgId: "default" }, SESSION),
      400,
    ],
    ["a stream's input deep down", get(`/api/trpc/live.events?input=${"[".repeat(7_000)}`, SESSION), 400],
  ]);
});

describe("who is asking:", () => {
  const ask = (...headers: string[]) => get("/api/trpc/session.me", ...headers);
  const forged = "a".repeat(40);
  run([
    ["nobody", ask(), 401, reasonIs("authentication_required")],
    [
      "a bearer token beside a valid session decides alone",
      ask(SESSION, "Authorization: Bearer x"),
      401,
      reasonIs("token_invalid"),
    ],
    ["an empty bearer token beside a valid session", ask(SESSION, "Authorization: Bearer "), 401],
    ["an empty authorization beside a valid session", ask(SESSION, "Authorization:"), 401],
    ["basic authorization beside a valid session", ask(SESSION, "Authorization: Basic YTpi"), 401],
    ["the session as a bearer token", ask(`Authorization: Bearer ${cookie.split("=")[1]}`), 401],
    ["two authorizations", ask(SESSION, "Authorization: Bearer a", "Authorization: Bearer b"), 401],
    ["a forged session", ask(`Cookie: pulse_session=${forged}`), 401, reasonIs("session_expired")],
    ["a session of other letters", ask("Cookie: pulse_session=../../etc/passwd"), 401],
    ["a session that is markup", ask("Cookie: pulse_session=<script>alert(1)</script>"), 401],
    ["the right session in upper case", ask(`Cookie: ${cookie.toUpperCase()}`), 401],
    ["the right session and one letter", ask(`Cookie: ${cookie}a`), 401],
    ["a session twice", ask(`Cookie: ${cookie}; ${cookie}`), 400, reasonIs("invalid_request")],
    ["a forged session before the right one", ask(`Cookie: pulse_session=${forged}; ${cookie}`), 400],
    ["the right session before a forged one", ask(`Cookie: ${cookie}; pulse_session=${forged}`), 400],
    ["two cookie headers", ask(SESSION, `Cookie: pulse_session=${forged}`), 400],
    [
      "a session under an encoded name",
      ask(`Cookie: ${cookie.replace("_", "%5F")}`),
      401,
      reasonIs("authentication_required"),
    ],
    [
      "a forged session under an encoded name changes nothing",
      ask(`Cookie: ${cookie}; pulse%5Fsession=${forged}`),
      200,
    ],
    ["a cookie of another program that no decoder takes", ask(`Cookie: other=100%; ${cookie}`), 200],
    ["a secure cookie over plain HTTP", ask(`Cookie: __Host-${cookie}`), 401],
    ["x-user-id", ask("X-User-Id: utest", "X-Remote-User: root"), 401],
    ["x-tenant and x-org headers", ask("X-Tenant-Id: default", "X-Org-Role: owner"), 401],
    ["a token in the query", get("/api/trpc/session.me?token=x", SESSION), 400, reasonIs("invalid_request")],
    ["an access token in the query", get("/api/trpc/session.me?access_token=x", SESSION), 400],
    ["a key in the query", get("/api/trpc/session.me?key=x", SESSION), 400],
    [
      "connectionParams",
      get("/api/trpc/live.events?connectionParams=%7B%22token%22%3A%22x%22%7D", SESSION),
      400,
    ],
    ["connectionParams beside input", get("/api/trpc/features.list?input=%7B%7D&connectionParams=1"), 400],
  ]);

  test("nobody becomes somebody by a header: x-user-id comes from the session alone", async () => {
    const answer = await exchange(server, ask(SESSION, "X-User-Id: uforged"));
    expect(answer.headers.get("x-user-id")).toBe(JSON.parse(answer.body).result.data.user.id);
  });

  test("the address a session is shown with is the peer's, whatever an untrusted peer forwards", async () => {
    const headers = {
      "x-forwarded-for": "203.0.113.9",
      "x-real-ip": "203.0.113.9",
      forwarded: "for=203.0.113.9",
    };
    const { status } = await me.call("session.signIn", {
      input: { email: FIRST_EMAIL, password: PASSWORD },
      headers,
    });
    expect(status).toBe(200);
    const { sessions } = await me.api.session.list.query();
    expect(sessions.map(({ address }) => address)).toEqual(["127.0.0.1"]);
    const secure = await me.call("session.me", { headers: { "x-forwarded-proto": "https" } });
    expect([secure.status, secure.headers.get("strict-transport-security")]).toEqual([200, null]);
  });
});

describe("where it comes from:", () => {
  const change = (...headers: string[]) =>
    post("session.signIn", JSON.stringify({ email: "a@b", password: "x" }), ...headers);
  run([
    ["a foreign origin", change("Origin: https://evil.test"), 403, reasonIs("origin_refused")],
    ["no origin on purpose", change("Origin: null"), 403],
    ["an origin that is none", change("Origin: ://"), 403],
    ["an empty origin", change("Origin:"), 403],
    ["our name on another port", change("Origin: http://pulse.test:81"), 403],
    ["our name as a beginning", change("Origin: http://pulse.test.evil.test"), 403],
    ["our name as an end", change("Origin: http://evilpulse.test"), 403],
    ["our name as a user", change("Origin: http://pulse.test@evil.test"), 403],
    ["two origins", change("Origin: http://pulse.test", "Origin: http://evil.test"), 403],
    ["cross-site, says the browser", change("Sec-Fetch-Site: cross-site"), 403],
    ["same-site is not same-origin", change("Sec-Fetch-Site: same-site"), 403],
    ["our own origin is fine", change("Origin: http://pulse.test", "Sec-Fetch-Site: same-origin"), 401],
    ["a question from another site", get("/api/trpc/session.me", SESSION, "Sec-Fetch-Site: cross-site"), 403],
    ["a stream from another site", get("/api/trpc/live.events", SESSION, "Sec-Fetch-Site: cross-site"), 403],
    [
      "the question before a change from another site gets no leave",
      request({
        method: "OPTIONS",
        path: "/api/trpc/session.signIn",
        headers: ["Origin: https://evil.test", "Access-Control-Request-Method: POST"],
      }),
      405,
    ],
    ["a link from another site opens the page", get("/", "Sec-Fetch-Site: cross-site"), 200],
  ]);
});

describe("request ids:", () => {
  const idOf = async (given: string) =>
    (await exchange(server, get("/api/trpc/session.me", `X-Request-Id: ${given}`))).headers.get(
      "x-request-id",
    );
  for (const given of ["a-valid_ID1", "12345678", "x".repeat(64)]) {
    test(`${given.slice(0, 12)} (${given.length}) is kept`, async () =>
      expect(await idOf(given)).toBe(given));
  }
  for (const given of [
    "short",
    "x".repeat(65),
    "<script>a</script>",
    "a b c d e f",
    "../../etc/passwd",
    "",
    "\u00e4\u00f6\u00fc\u00e4\u00f6\u00fc\u00e4\u00f6",
  ]) {
    test(`${JSON.stringify(given.slice(0, 20))} (${given.length}) is replaced`, async () => {
      expect(await idOf(given)).toMatch(/^[a-z2-7]{20}$/);
    });
  }
});

describe("100 MB", () => {
  const PIECE = Buffer.alloc(1024 * 1024, 0x61);
  function* hundred(before = "", after = ""): Generator<string | Uint8Array> {
    for (let sent = 0; sent < 100; sent++) {
      yield before;
      yield PIECE;
      yield after;
    }
  }
  const head = (line: string) =>
    `POST /api/trpc/session.signIn HTTP/1.1${LF}Host: a${LF}${JSON_TYPE}${LF}${line}${LF}${LF}`;

  test("announced are refused unread", async () => {
    const answer = await exchange(server, head(`Content-Length: ${100 * 1024 * 1024}`), { rest: hundred() });
    judge(answer);
    expect([0, 413]).toContain(answer.status);
  });

  test("in chunks are refused, and not kept", async () => {
    const before = residentBytes(server.pid);
    const answer = await exchange(server, head("Transfer-Encoding: chunked"), {
      rest: hundred(`100000${LF}`, LF),
    });
    judge(answer);
    expect([0, 413]).toContain(answer.status);
    expect(residentBytes(server.pid) - before).toBeLessThan(64 * 1024 * 1024);
  });

  test("in chunks to a question are not kept either", async () => {
    const before = residentBytes(server.pid);
    const asked = `GET /api/trpc/features.list HTTP/1.1${LF}Host: a${LF}Transfer-Encoding: chunked${LF}${LF}`;
    judge(await exchange(server, asked, { rest: hundred(`100000${LF}`, LF) }));
    expect(residentBytes(server.pid) - before).toBeLessThan(64 * 1024 * 1024);
  });
});

test("after all of it the server serves, wrote no error, and every line of its log is one", async () => {
  const { status, body } = await exchange(server, get("/healthz"));
  expect([status, body]).toEqual([200, "ok\n"]);
  expect((await me.call("session.me")).status).toBe(200);
  expect(server.logs.filter(({ level, message }) => level === "error" || /unhandled/i.test(message))).toEqual(
    [],
  );
  expect(server.noise).toBe("");
  const { text } = await exchange(server, get("/metrics", "Host: localhost"));
  expect(text).toMatch(/^pulse_live_streams 0$/m);
});

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
