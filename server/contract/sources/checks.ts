/** What can be checked and how. A person fills these in; the server and the agents execute them. */
import { z } from "zod";
import type { CheckType } from "../sources.ts";
import { findJsonSteps } from "./json-path.ts";
import { findStatusRanges } from "./status-ranges.ts";

export const CHECK_LIMITS = {
  timeoutMs: { least: 500, most: 30_000, standard: 10_000 },
  /** Failing tries before it is down. */
  retries: { most: 10, standard: 1 },
  hostLength: 253,
  urlLength: 2_000,
  headers: 20,
  headerLength: 4_096,
  bodyLength: 8_192,
  /** What is looked for in an answer, or expected of it. */
  textLength: 500,
  redirects: { most: 10, standard: 5 },
  pings: { most: 10, standard: 3 },
  warnDays: { most: 365, standard: 14 },
} as const;

const { timeoutMs, retries, redirects, pings, warnDays } = CHECK_LIMITS;

const common = {
  timeoutMs: z.int().min(timeoutMs.least).max(timeoutMs.most).default(timeoutMs.standard),
  retries: z.int().min(0).max(retries.most).default(retries.standard),
};

/** A part of an address, judged for real where it is connected to. */
const Host = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(CHECK_LIMITS.hostLength)
  .regex(/^[^\s/\\?#@<>|^%\p{Cc}]+$/u, "must be a name or an address, without a path");
const Port = z.int().min(1, "must be from 1 to 65535").max(65_535, "must be from 1 to 65535");
const Text = z.string().min(1, "must not be empty").max(CHECK_LIMITS.textLength);
const Days = z.int().min(0).max(warnDays.most);
const Latency = z.int().min(1).max(timeoutMs.most);

const Url = z
  .string()
  .trim()
  .max(CHECK_LIMITS.urlLength)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, username, password } = new URL(text);
    return /^https?:$/.test(protocol) && username === "" && password === "";
  }, "must be an http or https address without a user name or a password");

const Headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/, "is not the name of a header"),
    z
      .string()
      .max(CHECK_LIMITS.headerLength)
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/, "has characters that a header cannot hold"),
  )
  .refine((headers) => Object.keys(headers).length <= CHECK_LIMITS.headers, "has too many headers");

const JsonExpectation = z.strictObject({
  /** `status.disks[0].free` */
  path: z
    .string()
    .max(CHECK_LIMITS.textLength)
    .refine((path) => findJsonSteps(path) !== undefined, "must be a path like status.disks[0].free"),
  is: z.enum(["equal", "not_equal", "less", "greater"]),
  value: z.union([z.string().max(CHECK_LIMITS.textLength), z.number(), z.boolean(), z.null()]),
});
export type JsonExpectation = z.infer<typeof JsonExpectation>;

export const HttpCheck = z.strictObject({
  ...common,
  url: Url,
  method: z.enum(["GET", "HEAD", "POST"]).default("GET"),
  headers: Headers.default({}),
  /** With POST. */
  body: z.string().max(CHECK_LIMITS.bodyLength).optional(),
  /** "200-299,301" */
  status: z
    .string()
    .max(200)
    .refine((text) => findStatusRanges(text) !== undefined, "must be like 200-299,301")
    .default("200-299"),
  contains: Text.optional(),
  containsNot: Text.optional(),
  json: JsonExpectation.optional(),
  followRedirects: z.int().min(0).max(redirects.most).default(redirects.standard),
  /** False: any certificate is accepted. */
  verify: z.boolean().default(true),
  certificateWarnDays: Days.default(warnDays.standard),
  /** Slower than this is degraded. */
  maxLatencyMs: Latency.optional(),
});
export type HttpCheck = z.infer<typeof HttpCheck>;

export const HttpCheckSecrets = z.strictObject({
  /** Sent like `headers`, to the first host only. */
  secretHeaders: Headers.optional(),
});
export type HttpCheckSecrets = z.infer<typeof HttpCheckSecrets>;

export const TcpCheck = z.strictObject({
  ...common,
  host: Host,
  port: Port,
  /** Sent as soon as the connection is open. */
  send: Text.optional(),
  /** Must stand in the first 4 KiB of what comes back. */
  expect: Text.optional(),
  maxLatencyMs: Latency.optional(),
});
export type TcpCheck = z.infer<typeof TcpCheck>;

export const PingCheck = z.strictObject({
  ...common,
  host: Host,
  count: z.int().min(1).max(pings.most).default(pings.standard),
  /** More loss than this is degraded; all lost is down. */
  maxLossPercent: z.number().min(0).max(99).default(0),
  maxLatencyMs: Latency.optional(),
});
export type PingCheck = z.infer<typeof PingCheck>;

export const DNS_RECORDS = ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SRV"] as const;

export const DnsCheck = z.strictObject({
  ...common,
  name: Host,
  record: z.enum(DNS_RECORDS).default("A"),
  /** The system's own unless told. */
  server: z.strictObject({ host: Host, port: Port.default(53) }).optional(),
  /** Must stand in one of the answers. */
  expect: Text.optional(),
  maxLatencyMs: Latency.optional(),
});
export type DnsCheck = z.infer<typeof DnsCheck>;

export const TlsCheck = z.strictObject({
  ...common,
  host: Host,
  port: Port.default(443),
  /** The name asked for and expected, when it is not the host's. */
  servername: Host.optional(),
  /** What is spoken before TLS begins; TLS from the first byte unless told. */
  startTls: z.enum(["smtp", "imap"]).optional(),
  /** False: only the dates count. */
  verify: z.boolean().default(true),
  certificateWarnDays: Days.default(warnDays.standard),
});
export type TlsCheck = z.infer<typeof TlsCheck>;

/** Asks nothing: something else must say, this often, that it is still there. */
export const HeartbeatCheck = z.strictObject({
  periodMs: z
    .int()
    .min(10_000, "must be at least 10 seconds")
    .max(31 * 86_400_000, "must be at most 31 days"),
  /** How late it may be. */
  graceMs: z
    .int()
    .min(0)
    .max(7 * 86_400_000, "must be at most 7 days")
    .default(60_000),
});
export type HeartbeatCheck = z.infer<typeof HeartbeatCheck>;

/** The `config` of a source of each type. */
export const CHECK_CONFIGS = {
  http: HttpCheck,
  tcp: TcpCheck,
  ping: PingCheck,
  dns: DnsCheck,
  tls: TlsCheck,
  heartbeat: HeartbeatCheck,
} as const satisfies Record<CheckType, z.ZodType>;

/** A check that asks: everything but a heartbeat. */
export type Check =
  | { type: "http"; config: HttpCheck; secrets?: HttpCheckSecrets }
  | { type: "tcp"; config: TcpCheck }
  | { type: "ping"; config: PingCheck }
  | { type: "dns"; config: DnsCheck }
  | { type: "tls"; config: TlsCheck };
