/** `pulse agent` on a machine, as its unit would start it; it ends with whoever started it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PULSE } from "../support/program.ts";
import type { LogLine } from "../support/server.ts";
import type { NetworkedMachine } from "./network.ts";

/** The shortest way to see a machine go silent: three of these. */
export const AGENT_INTERVAL_MS = 2_000;

export class AgentProcess {
  readonly #folder = mkdtempSync(join(tmpdir(), "pulse-rack-agent-"));
  readonly #log = join(this.#folder, "log");
  readonly #process: Bun.Subprocess;

  constructor(machine: NetworkedMachine, { port, token }: { port: number; token: string }) {
    const words = [
      "--server",
      `http://${machine.serverAddress}:${port}`,
      "--interval",
      `${AGENT_INTERVAL_MS / 1_000}s`,
    ];
    this.#process = Bun.spawn([...machine.on, ...PULSE, "agent", ...words], {
      env: {
        PATH: process.env.PATH ?? "",
        PULSE_AGENT_TOKEN: token,
        PULSE_AGENT_STATE_DIR: join(this.#folder, "state"),
        PULSE_LOG_FORMAT: "json",
      },
      stdout: Bun.file(this.#log),
      stderr: "inherit",
    });
  }

  get logs(): LogLine[] {
    const lines = readFileSync(this.#log, "utf8").split("\n");
    return lines.filter((line) => line.endsWith("}")).map((line) => JSON.parse(line) as LogLine);
  }

  /** Everything it still has is on disk; its exit status. */
  async stop(): Promise<number> {
    this.#process.kill("SIGTERM");
    return this.#process.exited;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
