import { execFile } from "node:child_process";
import { isIP } from "node:net";

const OUTPUT_LIMIT_BYTES = 65_536;
const SAYS_WITHIN_MS = 1_000;

export interface PingOutcome {
  sent: number;
  received: number;
  /** Milliseconds; absent when nothing came back. */
  roundTrip?: { least: number; average: number; most: number };
}

/**
 * Undefined when there is no such command or it may not either. The address is one, never a name: a command
 * that is handed a name looks it up itself.
 */
export async function pingWithCommand(
  address: string,
  count: number,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<PingOutcome | undefined> {
  if (isIP(address) === 0) throw new Error("an address is needed");
  const command = process.platform === "darwin" && isIP(address) === 6 ? "ping6" : "ping";
  const { promise, resolve } = Promise.withResolvers<string>();
  const child = execFile(
    "env",
    ["LC_ALL=C", command, "-q", "-c", String(count), address],
    { maxBuffer: OUTPUT_LIMIT_BYTES, encoding: "utf8", signal },
    (_, output) => resolve(output ?? ""),
  );
  /* Interrupted, every ping says what it found so far. The time limit of `execFile` would not listen to it. */
  const interrupt = setTimeout(() => child.kill("SIGINT"), timeoutMs);
  const kill = setTimeout(() => child.kill("SIGKILL"), timeoutMs + SAYS_WITHIN_MS);
  const output = await promise;
  clearTimeout(interrupt);
  clearTimeout(kill);
  return parsePing(output);
}

/** The summary of iputils, busybox and BSD. */
export function parsePing(output: string): PingOutcome | undefined {
  const [, sent, received] = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(output) ?? [];
  if (sent === undefined || received === undefined || Number(sent) === 0) return undefined;
  const times = /min\/avg\/max(?:\/\S+)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(output);
  const outcome = { sent: Number(sent), received: Number(received) };
  if (!times) return outcome;
  const [least = 0, average = 0, most = 0] = times.slice(1).map(Number);
  return { ...outcome, roundTrip: { least, average, most } };
}
