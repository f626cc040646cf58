/**
 * The environment, read once. Nothing else looks at `process.env`. An invalid value stops the start
 * with one line that names the variable, what is wrong and an example.
 */
import { isIP } from "node:net";
import { cpus, homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { AGENT_TOKEN_PATTERN } from "./contract/agents.ts";
import { LOG_LEVELS } from "./lib/log.ts";

export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const Flag = z
  .string()
  .regex(/^(?:true|false)$/i, "must be true or false")
  .transform((text) => text.toLowerCase() === "true");

function wholeNumber(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,6}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);
}

const CidrList = z.string().transform((text, check) => {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
  for (const entry of entries) {
    const [address = "", prefix, ...more] = entry.split("/");
    const version = isIP(address);
    const longest = version === 6 ? 128 : 32;
    const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest);
    if (version === 0 || !isPrefix || more.length > 0) {
      check.addIssue(`"${entry}" is not an address or a network`);
    }
  }
  return entries;
});

const FileName = z.string().min(1).max(1_000);

const MS_PER_UNIT = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds. */
const Duration = z
  .string()
  .regex(/^\d{1,4}[smh]$/, "must be a time like 10s or 1m")
  .transform((text) => Number.parseInt(text, 10) * MS_PER_UNIT[text.at(-1) as keyof typeof MS_PER_UNIT])
  .refine((ms) => ms >= 1_000 && ms <= 3_600_000, "must be from 1s to 1h");

const BYTES_PER_UNIT = { kb: 1e3, mb: 1e6, gb: 1e9 } as const;

/** Bytes. */
const Size = z
  .string()
  .regex(/^\d{1,4}[kMG]B$/i, "must be a size like 50MB")
  .transform(
    (text) =>
      Number.parseInt(text, 10) * BYTES_PER_UNIT[text.slice(-2).toLowerCase() as keyof typeof BYTES_PER_UNIT],
  )
  .refine((bytes) => bytes >= 64e3 && bytes <= 10e9, "must be from 64kB to 10GB");

/** Hex in lower case, without colons. */
const Fingerprint = z
  .string()
  .transform((text) => text.replaceAll(":", "").toLowerCase())
  .refine((hex) => /^[0-9a-f]{64}$/.test(hex), "must be 32 bytes in hex");

const LongSecret = z.string().min(16, "must have at least 16 characters").max(200);

const Url = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:\/\/[^/?#@]+\/?$/.test(text),
    "must be an http or https address without a path",
  )
  .transform((text) => text.replace(/\/$/, ""));

/** Base64 of 32 raw bytes or of 44 in DER, or PEM of the latter. Whether it is a usable key, `licensing` decides. */
const PublicKey = z
  .string()
  .max(1_000)
  .refine((text) => {
    /* An environment file cannot hold a line break, so people write it as two characters. */
    const base64 = text
      .replace(/^\s*-----BEGIN PUBLIC KEY-----/, "")
      .replace(/-----END PUBLIC KEY-----(?:\s|\\n)*$/, "")
      .replaceAll(/\s|\\n/g, "");
    return /^[A-Za-z0-9+/_-]+={0,2}$/.test(base64) && [32, 44].includes(Buffer.from(base64, "base64").length);
  }, "must be an Ed25519 public key, in PEM or base64");

/** Every setting. `fallback` is in words; the code of each stands in `readConfig`. */
export const VARIABLES = {
  PULSE_DATA_DIR: {
    schema: z.string().min(1).max(1_000),
    fallback: "`./orgs-data` in a checkout; `/var/lib/pulse` as root, else `$XDG_DATA_HOME/pulse`",
    meaning: "data directory",
    example: "/var/lib/pulse",
  },
  PULSE_HOST: {
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,255}$/, "must be an address or a host name"),
    fallback: "`0.0.0.0`",
    meaning: "address to listen on",
    example: "127.0.0.1",
  },
  PULSE_PORT: {
    schema: wholeNumber(0, 65_535),
    fallback: "`7655`",
    meaning: "port to listen on; 0 takes a free one",
    example: "7655",
  },
  PULSE_PUBLIC_URL: {
    schema: Url,
    fallback: "none",
    meaning: "used in every link that leaves the server; with https, cookies are for TLS only",
    example: "https://pulse.example.org",
  },
  PULSE_MULTI_TENANT_ENABLED: {
    schema: Flag,
    fallback: "`false`",
    meaning: "feature flag and kill switch of multi-tenancy",
    example: "false",
  },
  PULSE_SETUP_TOKEN: {
    schema: LongSecret,
    fallback: "generated, printed once",
    meaning: "token of the first-run set-up link, good for an hour and one use",
    example: "at-least-16-random-characters",
  },
  PULSE_LICENSE_PUBLIC_KEY: {
    schema: PublicKey,
    fallback: "none",
    meaning: "pins an outside licence authority: its Ed25519 key, in PEM or base64",
    example: "MCowBQYDK2VwAyEAVYXSFyUk9yvocLB2DOc9TH7ooA8MxiaA8epIM1Xatbg=",
  },
  PULSE_SECRET_KEY_FILE: {
    schema: z.string().min(1).max(1_000),
    fallback: "`<dataDir>/keys/master.key`, created 0600",
    meaning: "file of the master key for stored credentials",
    example: "/etc/pulse/master.key",
  },
  PULSE_LOCAL_AGENT: {
    schema: Flag,
    fallback: "`true`",
    meaning: "watch the machine the server runs on",
    example: "true",
  },
  PULSE_SHARDS: {
    schema: wholeNumber(1, 4),
    fallback: "one per core beyond the first, 1 to 4",
    meaning: "most shard threads; each is started when something is placed on it",
    example: "2",
  },
  PULSE_TRUSTED_PROXIES: {
    schema: CidrList,
    fallback: "none",
    meaning: "addresses and networks whose `x-forwarded-for` and `x-forwarded-proto` count",
    example: "10.0.0.0/8,127.0.0.1",
  },
  PULSE_OUTBOUND_ALLOW: {
    schema: CidrList,
    fallback: "none",
    meaning:
      "addresses and networks that may be reached although they are refused: this machine itself for sources and checks, private networks for notifications",
    example: "127.0.0.1,10.0.0.0/8",
  },
  PULSE_METRICS_TOKEN: {
    schema: LongSecret,
    fallback: "none",
    meaning: "when set, `/metrics` wants it as a bearer token; when not, `/metrics` answers loopback only",
    example: "at-least-16-random-characters",
  },
  PULSE_LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`),
    fallback: "`info`",
    meaning: "least important log lines that are written",
    example: "info",
  },
  PULSE_LOG_FORMAT: {
    schema: z.enum(["json", "pretty"], "must be json or pretty"),
    fallback: "`pretty` on a terminal, else `json`",
    meaning: "form of log lines",
    example: "json",
  },
} as const;

/** Settings of `pulse agent`. On its command line each is `--` and what stands after `PULSE_AGENT_`. */
export const AGENT_VARIABLES = {
  PULSE_AGENT_SERVER: {
    schema: Url,
    fallback: "none",
    meaning: "address of the server it reports to",
    example: "https://pulse.example.org",
  },
  PULSE_AGENT_TOKEN: {
    schema: z.string().regex(AGENT_TOKEN_PATTERN, "must be a token of an agent"),
    fallback: "none",
    meaning: "what it reports or enrols with",
    example: "pulse_agent_…",
  },
  PULSE_AGENT_TOKEN_FILE: {
    schema: FileName,
    fallback: "none",
    meaning: "file the token is in instead, so that no list of processes shows it",
    example: "/etc/pulse-agent/token",
  },
  PULSE_AGENT_NAME: {
    schema: z.string().trim().min(1).max(80, "must have at most 80 characters"),
    fallback: "the host's name",
    meaning: "what the machine is called",
    example: "nas",
  },
  PULSE_AGENT_INTERVAL: {
    schema: Duration,
    fallback: "`10s`",
    meaning: "time between two reports, until the server asks for another",
    example: "10s",
  },
  PULSE_AGENT_STATE_DIR: {
    schema: FileName,
    fallback: "`$STATE_DIRECTORY`; `/var/lib/pulse-agent` as root, else `$XDG_STATE_HOME/pulse-agent`",
    meaning: "where it keeps its identity and what it could not deliver",
    example: "/var/lib/pulse-agent",
  },
  PULSE_AGENT_SPOOL_LIMIT: {
    schema: Size,
    fallback: "`50MB`",
    meaning: "most disk that undelivered reports may take; the oldest go first",
    example: "50MB",
  },
  PULSE_AGENT_CA: {
    schema: FileName,
    fallback: "none",
    meaning: "file of certificates that may vouch for the server, besides the system's",
    example: "/etc/ssl/house-ca.pem",
  },
  PULSE_AGENT_FINGERPRINT: {
    schema: Fingerprint,
    fallback: "none",
    meaning: "SHA-256 of the server's certificate, which then counts and no other",
    example: "AB:CD:… (32 bytes)",
  },
  PULSE_AGENT_ALLOW: {
    schema: CidrList,
    fallback: "none",
    meaning: "addresses and networks its checks may reach besides the local network",
    example: "203.0.113.0/24",
  },
  PULSE_AGENT_CHECKS: {
    schema: Flag,
    fallback: "`true`",
    meaning: "run the checks the server has for it; `--no-checks` is false",
    example: "false",
  },
} as const;

export type AgentVariable = keyof typeof AGENT_VARIABLES;
type Name = keyof typeof VARIABLES;

export interface Config {
  dataDir: string;
  host: string;
  port: number;
  publicUrl: string | undefined;
  multiTenant: boolean;
  setupToken: string | undefined;
  licensePublicKey: string | undefined;
  secretKeyFile: string | undefined;
  watchThisMachine: boolean;
  shards: number;
  trustedProxies: string[];
  outboundAllow: string[];
  metricsToken: string | undefined;
  logLevel: (typeof LOG_LEVELS)[number];
  logFormat: "json" | "pretty";
  /** Names nobody knows, with the nearest that is known. */
  unknown: { name: string; nearest: string | undefined }[];
}

export interface Surroundings {
  environment: Record<string, string | undefined>;
  cores: number;
  isRoot: boolean;
  isTerminal: boolean;
  /** The folder of the checkout this runs in; undefined for the compiled binary. */
  checkout: string | undefined;
}

export function surroundings(): Surroundings {
  return {
    environment: process.env,
    cores: cpus().length,
    isRoot: process.getuid?.() === 0,
    isTerminal: process.stdout.isTTY === true,
    checkout: Bun.isStandaloneExecutable ? undefined : join(import.meta.dir, ".."),
  };
}

export function readConfig({ environment, cores, isRoot, isTerminal, checkout }: Surroundings): Config {
  const read = <N extends Name>(name: N): z.infer<(typeof VARIABLES)[N]["schema"]> | undefined => {
    const text = environment[name];
    if (text === undefined || text === "") return undefined;
    const { schema, example } = VARIABLES[name];
    const parsed = schema.safeParse(text);
    if (!parsed.success) {
      throw new ConfigError(
        `${name} ${parsed.error.issues[0]?.message ?? "is not valid"}, for example ${name}=${example}`,
      );
    }
    return parsed.data as z.infer<(typeof VARIABLES)[N]["schema"]>;
  };
  return {
    dataDir: read("PULSE_DATA_DIR") ?? defaultDataDir(environment, isRoot, checkout),
    host: read("PULSE_HOST") ?? "0.0.0.0",
    port: read("PULSE_PORT") ?? 7655,
    publicUrl: read("PULSE_PUBLIC_URL"),
    multiTenant: read("PULSE_MULTI_TENANT_ENABLED") ?? false,
    setupToken: read("PULSE_SETUP_TOKEN"),
    licensePublicKey: read("PULSE_LICENSE_PUBLIC_KEY"),
    secretKeyFile: read("PULSE_SECRET_KEY_FILE"),
    watchThisMachine: read("PULSE_LOCAL_AGENT") ?? true,
    shards: read("PULSE_SHARDS") ?? Math.min(4, Math.max(1, cores - 1)),
    trustedProxies: read("PULSE_TRUSTED_PROXIES") ?? [],
    outboundAllow: read("PULSE_OUTBOUND_ALLOW") ?? [],
    metricsToken: read("PULSE_METRICS_TOKEN"),
    logLevel: read("PULSE_LOG_LEVEL") ?? "info",
    logFormat: read("PULSE_LOG_FORMAT") ?? (isTerminal ? "pretty" : "json"),
    unknown: unknownNames(environment),
  };
}

function defaultDataDir(
  environment: Record<string, string | undefined>,
  isRoot: boolean,
  checkout: string | undefined,
): string {
  if (checkout !== undefined) return join(checkout, "orgs-data");
  if (isRoot) return "/var/lib/pulse";
  return join(environment.XDG_DATA_HOME || join(homedir(), ".local/share"), "pulse");
}

export interface AgentConfig {
  server: string | undefined;
  token: string | undefined;
  tokenFile: string | undefined;
  name: string | undefined;
  intervalMs: number;
  stateDir: string;
  spoolLimitBytes: number;
  caFile: string | undefined;
  fingerprint: string | undefined;
  allow: string[];
  checks: boolean;
}

/** `given` comes from the command line and goes before the environment. */
export function readAgentConfig(
  { environment, isRoot }: Surroundings,
  given: { [name in AgentVariable]?: string | undefined } = {},
): AgentConfig {
  const read = <N extends AgentVariable>(name: N) => {
    const text = given[name] ?? environment[name];
    if (text === undefined || text === "") return undefined;
    const { schema, example } = AGENT_VARIABLES[name];
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data as z.infer<(typeof AGENT_VARIABLES)[N]["schema"]>;
    const problem = parsed.error.issues[0]?.message ?? "is not valid";
    throw given[name] === undefined
      ? new ConfigError(`${name} ${problem}, for example ${name}=${example}`)
      : new ConfigError(`${optionOf(name)} ${problem}, for example ${optionOf(name)} ${example}`);
  };
  return {
    server: read("PULSE_AGENT_SERVER"),
    token: read("PULSE_AGENT_TOKEN"),
    tokenFile: read("PULSE_AGENT_TOKEN_FILE"),
    name: read("PULSE_AGENT_NAME"),
    intervalMs: read("PULSE_AGENT_INTERVAL") ?? 10_000,
    stateDir: read("PULSE_AGENT_STATE_DIR") ?? defaultStateDir(environment, isRoot),
    spoolLimitBytes: read("PULSE_AGENT_SPOOL_LIMIT") ?? 50e6,
    caFile: read("PULSE_AGENT_CA"),
    fingerprint: read("PULSE_AGENT_FINGERPRINT"),
    allow: read("PULSE_AGENT_ALLOW") ?? [],
    checks: read("PULSE_AGENT_CHECKS") ?? true,
  };
}

function optionOf(name: AgentVariable): string {
  return `--${name.slice("PULSE_AGENT_".length).toLowerCase().replaceAll("_", "-")}`;
}

function defaultStateDir(environment: Record<string, string | undefined>, isRoot: boolean): string {
  const fromSystemd = environment.STATE_DIRECTORY?.split(":")[0];
  if (fromSystemd) return fromSystemd;
  if (isRoot) return "/var/lib/pulse-agent";
  return join(environment.XDG_STATE_HOME || join(homedir(), ".local/state"), "pulse-agent");
}

function unknownNames(
  environment: Record<string, string | undefined>,
): { name: string; nearest: string | undefined }[] {
  const known = [...Object.keys(VARIABLES), ...Object.keys(AGENT_VARIABLES)];
  return Object.keys(environment)
    .filter((name) => name.startsWith("PULSE_") && !known.includes(name))
    .map((name) => ({ name, nearest: nearestOf(name, known) }));
}

/** Undefined when none is near enough to be what was meant. */
function nearestOf(name: string, known: string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits <= MAX_EDITS ? best.candidate : undefined;
}

const MAX_EDITS = 5;

/** Edits between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
