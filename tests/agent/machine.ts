/** An agent in this process, on a small machine that never changes, in a folder of its own. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Agent, type AgentOptions, startAgent } from "../../agent/run.ts";
import type { Collector } from "../../server/collectors/collector.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import { type KeptLine, keptLog } from "../support/kept-log.ts";

export const TOKEN = "pulse_agent_0123456789abcdef";
export const ENROLMENT_TOKEN = "pulse_agent_enroll_0123456789abcdef";
/** Waits as the agent does, only shorter. */
export const QUICK = { later: { firstMs: 5, mostMs: 20 }, notNow: { firstMs: 5, mostMs: 20 } };

export const HOST: ReportedResource = {
  kind: "host",
  key: "host",
  name: "nas",
  status: "up",
  attributes: { os: "Debian 12" },
  metrics: { cpu_percent: 12.5 },
};

export function collectorOf(...resources: ReportedResource[]): Collector {
  return { name: "fixed", collect: async () => structuredClone(resources) };
}

export interface Machine extends Disposable {
  stateDir: string;
  lines: KeptLine[];
  messages(): string[];
  /** What is in its spool folders. */
  spoolFiles(): string[];
  start(server: { url: string }, options?: Partial<AgentOptions>): Agent;
}

/** Its agents report when they are told to: an hour lies between two reports of the schedule. */
export function newMachine(): Machine {
  const stateDir = mkdtempSync(join(tmpdir(), "pulse-agent-"));
  const { log, lines } = keptLog();
  return {
    stateDir,
    lines,
    messages: () => lines.map(({ message }) => message),
    spoolFiles: () =>
      readdirSync(stateDir)
        .filter((name) => name.startsWith("spool-"))
        .flatMap((name) => readdirSync(join(stateDir, name))),
    start: (server, options = {}) =>
      startAgent({
        server: server.url,
        token: TOKEN,
        intervalMs: 3_600_000,
        stateDir,
        collectors: [collectorOf(HOST)],
        log,
        version: "0.1.0",
        pace: QUICK,
        ...options,
      }),
    [Symbol.dispose]: () => rmSync(stateDir, { recursive: true, force: true }),
  };
}
