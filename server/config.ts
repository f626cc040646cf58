/**
 * The settings of the server, from its environment. An invalid value stops the start with one line that
 * names the variable, what is wrong and an example.
 */
import { isIP } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { AGENT_VARIABLES } from "./agent-config.ts";
import { LOG_LEVELS } from "./lib/log.ts";
import { ConfigError, type Surroundings, type UnknownName, unknownNames } from "./surroundings.ts";

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
  unknown: UnknownName[];
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
    unknown: unknownNames(environment, "PULSE_", [
      ...Object.keys(VARIABLES),
      ...Object.keys(AGENT_VARIABLES),
    ]),
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
