import type { AgentInfo, AgentState } from "../../../server/contract/agents.ts";
import { duration } from "../../ui/format.ts";
import type { Level } from "../../ui/meter.tsx";

export const STATES: Record<AgentState, { level: Level | "unknown"; word: string; help: string }> = {
  refused: {
    level: "critical",
    word: "refused",
    help: "A second machine reports with its token, and is refused.",
  },
  silent: { level: "warning", word: "silent", help: "It has missed three reports and more." },
  waiting: { level: "unknown", word: "waiting", help: "It has never reported." },
  reporting: { level: "fine", word: "reporting", help: "It reports as it should." },
};

/** Whether an agent is behind its server: 0.9.0 before 0.10.0. What is no version is never older. */
export function isOlder(version: string | undefined, server: string): boolean {
  const [own, its] = [numbersIn(version), numbersIn(server)];
  if (!own || !its) return false;
  for (const [index, number] of its.entries()) {
    const other = own[index] ?? 0;
    if (other !== number) return other < number;
  }
  return false;
}

function numbersIn(version: string | undefined): number[] | undefined {
  const found = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version ?? "");
  return found?.slice(1).map(Number);
}

/** How far its machine's clock is off, where that is known to be worth a word. */
export function clockWords({ clockOffsetMs }: Pick<AgentInfo, "clockOffsetMs">): string {
  if (clockOffsetMs === undefined || Math.abs(clockOffsetMs) < 1_000) return "";
  return `${duration(Math.abs(clockOffsetMs) / 1_000)} ${clockOffsetMs > 0 ? "ahead" : "behind"}`;
}
