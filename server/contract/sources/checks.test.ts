import { describe, expect, test } from "bun:test";
import { CHECK_TYPES } from "../sources.ts";
import { CHECK_CONFIGS, HttpCheckSecrets } from "./checks.ts";

test("every type of check has a form", () => {
  expect(Object.keys(CHECK_CONFIGS).sort()).toEqual([...CHECK_TYPES].sort());
});

describe("the least that must be said is enough:", () => {
  const least: [type: keyof typeof CHECK_CONFIGS, config: object][] = [
    ["http", { url: "https://example.org/" }],
    ["tcp", { host: "nas.lan", port: 22 }],
    ["ping", { host: "fd00::1" }],
    ["dns", { name: "example.org" }],
    ["tls", { host: "example.org" }],
    ["heartbeat", { periodMs: 3_600_000 }],
  ];
  for (const [type, config] of least) {
    test(type, () => {
      expect(CHECK_CONFIGS[type].parse(config)).toMatchObject(config);
      expect(CHECK_CONFIGS[type].safeParse({ ...config, unknown: 1 }).success).toBe(false);
    });
  }
});

describe("is refused:", () => {
  const http = { url: "https://example.org/" };
  const tcp = { host: "a", port: 1 };
  const bad: [type: keyof typeof CHECK_CONFIGS, config: object][] = [
    ["http", { url: "ftp://example.org/" }],
    ["http", { url: "file:///etc/hostname" }],
    ["http", { url: "https://user:secret@example.org/" }],
    ["http", { url: `https://example.org/${"a".repeat(2_000)}` }],
    ["http", { ...http, timeoutMs: 30_001 }],
    ["http", { ...http, retries: 11 }],
    ["http", { ...http, method: "DELETE" }],
    ["http", { ...http, status: "2xx" }],
    ["http", { ...http, headers: { "a b": "c" } }],
    ["http", { ...http, headers: { a: "b\r\nc: d" } }],
    [
      "http",
      { ...http, headers: Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`a${index}`, ""])) },
    ],
    ["http", { ...http, body: "x".repeat(8_193) }],
    ["http", { ...http, contains: "" }],
    ["http", { ...http, json: { path: "a[*]", is: "equal", value: 1 } }],
    ["http", { ...http, followRedirects: 11 }],
    ["tcp", { ...tcp, port: 0 }],
    ["tcp", { ...tcp, port: 65_536 }],
    ["tcp", { ...tcp, host: "a/b" }],
    ["tcp", { ...tcp, host: "a b" }],
    ["tcp", { ...tcp, expect: "x".repeat(501) }],
    ["ping", { host: "a", count: 11 }],
    ["ping", { host: "-c1 a" }],
    ["dns", { name: "a", record: "ANY" }],
    ["tls", { host: "a", startTls: "ftp" }],
    ["heartbeat", { periodMs: 9_999 }],
  ];
  for (const [type, config] of bad) {
    test(`${type} ${JSON.stringify(config).slice(0, 60)}`, () => {
      expect(CHECK_CONFIGS[type].safeParse(config).success).toBe(false);
    });
  }
});

test("a header that is secret is as bounded as any other", () => {
  expect(HttpCheckSecrets.parse({ secretHeaders: { authorization: "Bearer x" } })).toBeDefined();
  expect(HttpCheckSecrets.safeParse({ secretHeaders: { a: "b\nc" } }).success).toBe(false);
});
