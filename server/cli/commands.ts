/** The table of commands, and how one is run. Each is loaded only when it is called. */
import { parseArgs } from "node:util";
import type { Config } from "../config.ts";
import type { MultiTenantStatus } from "../instance/switch.ts";
import { DomainError } from "../lib/domain-error.ts";
import { ConfigError, surroundings } from "../surroundings.ts";
import {
  type Call,
  type Command,
  type CommandApart,
  type ExitStatus,
  type Output,
  UsageError,
} from "./command.ts";

const COMMANDS: Record<string, () => Promise<Command | CommandApart>> = {
  serve: async () => (await import("./serve.ts")).serve,
  agent: async () => (await import("./agent.ts")).agent,
  user: async () => (await import("./user.ts")).user,
  token: async () => (await import("./token.ts")).token,
  org: async () => (await import("./org.ts")).org,
  history: async () => (await import("./history.ts")).history,
  license: async () => (await import("./license.ts")).license,
  "multi-tenant": async () => (await import("./multi-tenant.ts")).multiTenant,
  doctor: async () => (await import("./doctor.ts")).doctor,
  version: async () => (await import("./version.ts")).version,
};

/** Runs what the words say; undefined when the command goes on by itself. */
export async function runCommand(argv: string[]): Promise<ExitStatus | undefined> {
  const name = argv[0] === undefined || argv[0].startsWith("--") ? "serve" : argv[0];
  const rest = name === argv[0] ? argv.slice(1) : argv;
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (name === "help" || argv.includes("--help") || argv.includes("-h")) return help(await load?.());
  try {
    if (!load) throw new UsageError(`there is no command "${name}"; "pulse help" lists them`);
    return await run(await load(), rest);
  } catch (error) {
    return failed(error);
  }
}

async function run(command: Command | CommandApart, argv: string[]): Promise<ExitStatus | undefined> {
  if ("settings" in command) return command.run(parse(command, argv, command.usage()));
  const config = await settings();
  return command.run({ ...parse(command, argv, command.usage(config)), config });
}

function parse({ options, takesWords }: Command | CommandApart, argv: string[], usage: string[]): Call {
  const hint = usage.length === 0 ? "" : `; usage: ${usage.join(", ")}`;
  const { values, positionals } = parseWords(options, argv, hint);
  if (positionals.length > 0 && !takesWords) {
    throw new UsageError(`"${positionals[0]}" is one word too many${hint}`);
  }
  return { words: positionals, options: values, out: output(values.json === true) };
}

function parseWords(options: Command["options"], args: string[], hint: string) {
  try {
    return parseArgs({ args, options: { ...options, json: { type: "boolean" } }, allowPositionals: true });
  } catch (error) {
    const problem = error instanceof Error ? error.message.split(".")[0] : error;
    throw new UsageError(`${problem}${hint}`);
  }
}

/** Loaded for those who have a use for it: the agent has not. */
async function settings(): Promise<Config> {
  const { readConfig } = await import("../config.ts");
  return readConfig(surroundings());
}

function output(json: boolean): Output {
  return {
    json,
    answer: (object, lines) => console.log(json ? JSON.stringify(object) : lines.join("\n")),
  };
}

/** Of all commands, or of one that stands apart and was asked about. */
async function help(asked: Command | CommandApart | undefined): Promise<ExitStatus> {
  if (asked && "settings" in asked) {
    console.log([...asked.usage(), "", ...asked.details()].join("\n"));
    return 0;
  }
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const config = await settingsNow();
  const blocks = commands.flatMap((command) => {
    const usage = command.usage(config);
    return usage.length === 0 ? [] : ["", `${command.summary}:`, ...usage.map((line) => `  ${line}`)];
  });
  console.log(
    [
      "Pulse watches the machine it runs on, shows what is wrong now and keeps the history.",
      ...blocks,
      "",
      "Every command takes --json. Settings come from PULSE_* variables; see docs/configuration.md.",
    ].join("\n"),
  );
  return 0;
}

/** With the switch as the instance has it now, where there is one: what is off is not spoken of. */
async function settingsNow(): Promise<Config> {
  const config = await settings();
  if (!config.multiTenant) return config;
  try {
    const { operate } = await import("./operate.ts");
    const { enabled } = (await operate(config, "multiTenant.status", undefined)) as MultiTenantStatus;
    return { ...config, multiTenant: enabled };
  } catch {
    return config;
  }
}

function failed(error: unknown): ExitStatus {
  if (error instanceof UsageError) {
    console.error(`pulse: ${error.message}`);
    return 2;
  }
  const isOurs = error instanceof ConfigError || error instanceof DomainError;
  console.error(`pulse: ${isOurs || error instanceof Error ? error.message : String(error)}`);
  return 1;
}
