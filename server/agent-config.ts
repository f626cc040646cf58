/**
 * The settings of `pulse agent`, from its command line and its environment. By hand, where the server's
 * own are schemas: an agent has better uses for the memory those take.
 */
import { isIP } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { AGENT_TOKEN_PATTERN } from "./contract/agent-tokens.ts";
import { LOG_LEVELS, type LogFormat, type LogLevel } from "./lib/log.ts";
import {
  ConfigError,
  type Environment,
  type Surroundings,
  type UnknownName,
  unknownNames,
} from "./surroundings.ts";

/** What was given, as what is meant; throws what is wrong with it. */
type Parse<T> = (text: string) => T;

/** `text` as it is, when it is right. */
function matching(pattern: RegExp, problem: string): Parse<string> {
  return (text) => {
    if (!pattern.test(text)) throw new ConfigError(problem);
    return text;
  };
}

const fileName = matching(/^.{1,1000}$/s, "is too long");

const url: Parse<string> = (text) => {
  if (!URL.canParse(text) || !/^https?:\/\/[^/?#@]+\/?$/.test(text)) {
    throw new ConfigError("must be an http or https address without a path");
  }
  return text.replace(/\/$/, "");
};

const MS_PER_UNIT: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000 };

const durationMs: Parse<number> = (text) => {
  const [, amount, unit = ""] = /^(\d{1,4})([smh])$/.exec(text) ?? [];
  if (amount === undefined) throw new ConfigError("must be a time like 10s or 1m");
  const ms = Number(amount) * (MS_PER_UNIT[unit] as number);
  if (ms < 1_000 || ms > 3_600_000) throw new ConfigError("must be from 1s to 1h");
  return ms;
};

const BYTES_PER_UNIT: Record<string, number> = { k: 1e3, m: 1e6, g: 1e9 };

const sizeBytes: Parse<number> = (text) => {
  const [, amount, unit = ""] = /^(\d{1,4})([kmg])b$/.exec(text.toLowerCase()) ?? [];
  if (amount === undefined) throw new ConfigError("must be a size like 50MB");
  const bytes = Number(amount) * (BYTES_PER_UNIT[unit] as number);
  if (bytes < 64e3 || bytes > 10e9) throw new ConfigError("must be from 64kB to 10GB");
  return bytes;
};

/** Hex in lower case, without colons. */
const fingerprint: Parse<string> = (text) => {
  const hex = text.replaceAll(":", "").toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new ConfigError("must be 32 bytes in hex");
  return hex;
};

const networks: Parse<string[]> = (text) => {
  const entries = text
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean);
  for (const entry of entries) {
    const [, address = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
    const version = isIP(address);
    if (version === 0 || Number(prefix ?? 0) > (version === 6 ? 128 : 32)) {
      throw new ConfigError(`"${entry}" is not an address or a network`);
    }
  }
  return entries;
};

const flag: Parse<boolean> = (text) => {
  if (!/^(?:true|false)$/i.test(text)) throw new ConfigError("must be true or false");
  return text.toLowerCase() === "true";
};

/** On the command line each is `--` and what stands after `PULSE_AGENT_`. */
export const AGENT_VARIABLES = {
  PULSE_AGENT_SERVER: {
    parse: url,
    fallback: "none",
    meaning: "address of the server it reports to",
    example: "https://pulse.example.org",
  },
  PULSE_AGENT_TOKEN: {
    parse: matching(AGENT_TOKEN_PATTERN, "must be a token of an agent"),
    fallback: "none",
    meaning: "what it reports or enrols with",
    example: "pulse_agent_…",
  },
  PULSE_AGENT_TOKEN_FILE: {
    parse: fileName,
    fallback: "none",
    meaning: "file the token is in instead, so that no list of processes shows it",
    example: "/etc/pulse-agent/token",
  },
  PULSE_AGENT_NAME: {
    parse: matching(/^.{1,80}$/s, "must have at most 80 characters"),
    fallback: "the host's name",
    meaning: "what the machine is called",
    example: "nas",
  },
  PULSE_AGENT_INTERVAL: {
    parse: durationMs,
    fallback: "`10s`",
    meaning: "time between two whole reports; between them only what somebody looks at, each second",
    example: "10s",
  },
  PULSE_AGENT_STATE_DIR: {
    parse: fileName,
    fallback: "`$STATE_DIRECTORY`; `/var/lib/pulse-agent` as root, else `$XDG_STATE_HOME/pulse-agent`",
    meaning: "where it keeps its identity and what it could not deliver",
    example: "/var/lib/pulse-agent",
  },
  PULSE_AGENT_SPOOL_LIMIT: {
    parse: sizeBytes,
    fallback: "`50MB`",
    meaning: "most disk that undelivered reports may take; the oldest go first",
    example: "50MB",
  },
  PULSE_AGENT_CA: {
    parse: fileName,
    fallback: "none",
    meaning: "file of certificates that may vouch for the server, besides the system's",
    example: "/etc/ssl/house-ca.pem",
  },
  PULSE_AGENT_FINGERPRINT: {
    parse: fingerprint,
    fallback: "none",
    meaning: "SHA-256 of the server's certificate, which then counts and no other",
    example: "AB:CD:… (32 bytes)",
  },
  PULSE_AGENT_ALLOW: {
    parse: networks,
    fallback: "none",
    meaning: "addresses and networks its checks may reach besides the local network",
    example: "203.0.113.0/24",
  },
  PULSE_AGENT_CHECKS: {
    parse: flag,
    fallback: "`true`",
    meaning: "run the checks the server has for it; `--no-checks` is false",
    example: "false",
  },
} as const;

export type AgentVariable = keyof typeof AGENT_VARIABLES;

/** These it shares with the server. */
const LOG_VARIABLES = {
  PULSE_LOG_LEVEL: { parse: oneOf(LOG_LEVELS), example: "info" },
  PULSE_LOG_FORMAT: { parse: oneOf(["json", "pretty"] as const), example: "json" },
} as const;

function oneOf<const T extends string>(words: readonly T[]): Parse<T> {
  return (text) => {
    const word = words.find((known) => known === text);
    if (word === undefined) throw new ConfigError(`must be one of ${words.join(", ")}`);
    return word;
  };
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
  logLevel: LogLevel;
  logFormat: LogFormat;
  unknown: UnknownName[];
}

/** What was typed, by the setting it stands for. */
export type GivenOptions = { [name in AgentVariable]?: string | undefined };

/** What was typed goes before the environment. */
export function readAgentConfig(
  { environment, isRoot, isTerminal }: Surroundings,
  given: GivenOptions = {},
): AgentConfig {
  const variables = { ...AGENT_VARIABLES, ...LOG_VARIABLES };
  const read = <N extends keyof typeof variables>(name: N) => {
    const typed = (given as Environment)[name];
    const text = typed ?? environment[name];
    if (text === undefined || text === "") return undefined;
    const { parse, example } = variables[name];
    try {
      return parse(text) as ReturnType<(typeof variables)[N]["parse"]>;
    } catch (error) {
      const shown =
        typed === undefined ? [name, `${name}=${example}`] : [optionOf(name), `${optionOf(name)} ${example}`];
      throw new ConfigError(`${shown[0]} ${(error as Error).message}, for example ${shown[1]}`);
    }
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
    logLevel: read("PULSE_LOG_LEVEL") ?? "info",
    logFormat: read("PULSE_LOG_FORMAT") ?? (isTerminal ? "pretty" : "json"),
    unknown: unknownNames(environment, "PULSE_AGENT_", Object.keys(AGENT_VARIABLES)),
  };
}

function optionOf(name: string): string {
  return `--${name.slice("PULSE_AGENT_".length).toLowerCase().replaceAll("_", "-")}`;
}

function defaultStateDir(environment: Environment, isRoot: boolean): string {
  const fromSystemd = environment.STATE_DIRECTORY?.split(":")[0];
  if (fromSystemd) return fromSystemd;
  if (isRoot) return "/var/lib/pulse-agent";
  return join(environment.XDG_STATE_HOME || join(homedir(), ".local/state"), "pulse-agent");
}
