import { readFileSync } from "node:fs";
import type { ServerTrust } from "../../agent/server-connection.ts";
import {
  AGENT_VARIABLES,
  type AgentConfig,
  type AgentVariable,
  type GivenOptions,
  readAgentConfig,
} from "../agent-config.ts";
import { AGENT_TOKEN_PATTERN } from "../contract/agent-tokens.ts";
import { buildInfo } from "../lib/build-info.ts";
import { Log, lineSink } from "../lib/log.ts";
import { ConfigError, surroundings } from "../surroundings.ts";
import { type Call, type CommandApart, type ExitStatus, type Output, UsageError } from "./command.ts";
import { startLean } from "./start-lean.ts";
import { stopWhenTold } from "./stop-when-told.ts";

/** A stop that takes longer is cut off; what is not on disk by then is lost. */
const STOP_WITHIN_MS = 4_500;

const USAGE = "pulse agent --server URL --token T [--name N] [--interval 10s]";

/** Option to the setting it stands for. */
const OPTIONS = {
  server: "PULSE_AGENT_SERVER",
  token: "PULSE_AGENT_TOKEN",
  "token-file": "PULSE_AGENT_TOKEN_FILE",
  name: "PULSE_AGENT_NAME",
  interval: "PULSE_AGENT_INTERVAL",
  "state-dir": "PULSE_AGENT_STATE_DIR",
  "spool-limit": "PULSE_AGENT_SPOOL_LIMIT",
  ca: "PULSE_AGENT_CA",
  fingerprint: "PULSE_AGENT_FINGERPRINT",
  allow: "PULSE_AGENT_ALLOW",
} as const satisfies Record<string, AgentVariable>;

export const agent: CommandApart = {
  settings: "own",
  name: "agent",
  usage: () => [USAGE],
  details: optionLines,
  summary: "reports this machine to a server; `pulse agent --help` has every option",
  options: {
    ...Object.fromEntries(Object.keys(OPTIONS).map((option) => [option, { type: "string" as const }])),
    "no-checks": { type: "boolean" },
    once: { type: "boolean" },
  },
  async run({ options: typed, out }) {
    const settings = readSettings(typed);
    const token = tokenOf(settings);
    if (!settings.server) throw new UsageError(`there is no --server; usage: ${USAGE}`);
    if (!token) throw new UsageError(`there is no --token; usage: ${USAGE}`);
    startLean();
    const log = logOf(settings, out);
    for (const { name, nearest } of settings.unknown)
      log.warn(`${name} is not a setting of the agent`, { nearest });
    if (isInTheOpen(settings.server)) {
      log.warn("the token and every report travel readable to this server; use https", {
        server: settings.server,
      });
    }
    /* From here on: a server that only shows its help does not load the agent. */
    const { createMachineCollector } = await import("../collectors/machine.ts");
    const options = {
      server: settings.server,
      token,
      name: settings.name,
      intervalMs: settings.intervalMs,
      stateDir: settings.stateDir,
      spoolLimitBytes: settings.spoolLimitBytes,
      collectors: [createMachineCollector()],
      checks: settings.checks ? { allow: settings.allow } : undefined,
      log,
      version: buildInfo().version,
      trust: trustOf(settings),
    };
    if (typed.once === true) return once(out, options);
    const { startAgent } = await import("../../agent/run.ts");
    const running = startAgent(options);
    log.info(`Pulse agent ${options.version} reports to ${options.server}`, { state_dir: options.stateDir });
    stopWhenTold(() => running.stop(), { withinMs: STOP_WITHIN_MS, log });
    return undefined;
  },
};

/** For whoever has the binary and none of its documents. */
function optionLines(): string[] {
  const options: [option: string, meaning: string][] = [
    ...Object.entries(OPTIONS).map(([option, name]): [string, string] => {
      const { meaning, fallback } = AGENT_VARIABLES[name];
      const unlessTold = fallback === "none" ? "" : ` (${fallback.replaceAll("`", "")})`;
      return [`--${option}`, `${meaning}${unlessTold}`];
    }),
    ["--no-checks", "leave the checks the server has for it to others"],
    ["--once", "make one report, print what was answered, and end"],
  ];
  const width = Math.max(...options.map(([option]) => option.length));
  return options.map(([option, meaning]) => `  ${option.padEnd(width)}  ${meaning}`);
}

function readSettings(options: Call["options"]): AgentConfig {
  const given: GivenOptions = {};
  for (const [option, name] of Object.entries(OPTIONS)) {
    const text = options[option];
    if (typeof text === "string") given[name] = text;
  }
  if (options["no-checks"] === true) given.PULSE_AGENT_CHECKS = "false";
  try {
    return readAgentConfig(surroundings(), given);
  } catch (error) {
    /* A wrong option is a wrong call, a wrong variable a refusal, as with every other setting. */
    throw error instanceof ConfigError && error.message.startsWith("--")
      ? new UsageError(error.message)
      : error;
  }
}

function tokenOf({ token, tokenFile }: AgentConfig): string | undefined {
  if (token !== undefined || tokenFile === undefined) return token;
  const text = readText(tokenFile, "token").trim();
  if (!AGENT_TOKEN_PATTERN.test(text))
    throw new ConfigError(`${tokenFile} does not hold a token of an agent`);
  return text;
}

function trustOf({ caFile, fingerprint }: AgentConfig): ServerTrust {
  return { ca: caFile === undefined ? undefined : readText(caFile, "certificates"), fingerprint };
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`the file of the ${what} cannot be read: ${(error as Error).message}`);
  }
}

/** Plain http to an address that is not of a private network, as far as the address says. */
function isInTheOpen(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  if (protocol !== "http:") return false;
  const host = hostname.replace(/^\[|\]$/g, "");
  const isPrivate =
    /^(?:127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(
      host,
    ) ||
    /^(?:::1$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/.test(host) ||
    !/[.:]/.test(host) ||
    /\.(?:local|lan|home|internal|home\.arpa|localhost)$/.test(host);
  return !isPrivate;
}

function logOf({ logFormat, logLevel }: AgentConfig, out: Output): Log {
  /* With --json standard output is the answer's alone. */
  const stream = out.json ? process.stderr : process.stdout;
  return new Log(lineSink(logFormat, logLevel, (line) => void stream.write(line)));
}

async function once(
  out: Output,
  options: Parameters<typeof import("../../agent/report-once.ts")["reportOnce"]>[0],
): Promise<ExitStatus> {
  const { reportOnce } = await import("../../agent/report-once.ts");
  const told = await reportOnce(options);
  out.answer(told, [told.stored ? `stored; ${told.resources} resources` : `not stored: ${told.reason}`]);
  return told.stored ? 0 : 1;
}
