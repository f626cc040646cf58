import { isIP } from "node:net";
import type { PingCheck } from "../../contract/sources/checks.ts";
import { EgressError } from "../../lib/egress.ts";
import { EchoSocket } from "./echo-socket.ts";
import { type PingOutcome, pingWithCommand } from "./ping-command.ts";
import {
  type Around,
  type CheckResult,
  type Finding,
  failureOf,
  findSlowness,
  resultOf,
  seconds,
  worstOf,
} from "./result.ts";

/** Routers answer so many a second without complaint. */
const BETWEEN_MS = 200;
const LOOK_EVERY_MS = 5;

export async function checkPing(config: PingCheck, around: Around): Promise<CheckResult> {
  const { host, count, timeoutMs } = config;
  const startedAt = performance.now();
  try {
    const { signal } = around;
    const resolved = await around.egress.resolve(host, { timeoutMs, ...(signal && { signal }) });
    const resolvedAt = performance.now();
    const address = resolved[0]!;
    const leftMs = Math.max(1, timeoutMs - (resolvedAt - startedAt));
    const outcome =
      (await pingWithSocket(address, count, leftMs, signal)) ??
      (await pingWithCommand(address, count, leftMs, signal));
    if (!outcome) return resultOf({ status: "unknown", problem: FORBIDDEN, attributes: { address } });
    const lossPercent = 100 * (1 - outcome.received / outcome.sent);
    return resultOf({
      ...worstOf([
        findLoss(config, outcome.received, lossPercent),
        findSlowness(outcome.roundTrip?.average ?? 0, config.maxLatencyMs),
      ]),
      metrics: {
        packet_loss_percent: lossPercent,
        latency_seconds: seconds(outcome.roundTrip?.average),
        latency_min_seconds: seconds(outcome.roundTrip?.least),
        latency_max_seconds: seconds(outcome.roundTrip?.most),
        ...(isIP(host) === 0 && { dns_seconds: seconds(resolvedAt - startedAt) }),
      },
      attributes: { address },
    });
  } catch (error) {
    return failureOf(error, around.now());
  }
}

const FORBIDDEN =
  'This machine does not let Pulse send a ping: set the sysctl net.ipv4.ping_group_range to "0 2147483647", or install ping.';

function findLoss(
  { timeoutMs, maxLossPercent }: PingCheck,
  received: number,
  percent: number,
): Finding | undefined {
  if (received === 0) return { status: "down", problem: `There was no answer in ${timeoutMs / 1_000} s.` };
  if (percent <= maxLossPercent) return undefined;
  return { status: "degraded", problem: `More than ${maxLossPercent} % of the packets were lost.` };
}

/** Undefined where the kernel does not allow it. */
export async function pingWithSocket(
  address: string,
  count: number,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<PingOutcome | undefined> {
  const socket = EchoSocket.find(address);
  if (!socket) return undefined;
  try {
    const startedAt = performance.now();
    /* The last one gets its share of the time too. */
    const betweenMs = Math.min(BETWEEN_MS, timeoutMs / (count + 1));
    const times: number[] = [];
    for (let sent = 0; ; await Bun.sleep(LOOK_EVERY_MS)) {
      if (signal?.aborted) throw new EgressError("aborted", "The attempt was given up.");
      const passedMs = performance.now() - startedAt;
      if (sent < count && passedMs >= sent * betweenMs && !socket.send(++sent) && sent === 1) {
        throw new EgressError("connect", "There is no way to the address.");
      }
      times.push(...socket.receive().map(({ roundTripMs }) => roundTripMs));
      if (times.length === count || passedMs >= timeoutMs) return outcomeOf(count, times);
    }
  } finally {
    socket.close();
  }
}

function outcomeOf(sent: number, times: number[]): PingOutcome {
  const received = times.length;
  if (received === 0) return { sent, received };
  const average = times.reduce((sum, time) => sum + time, 0) / received;
  return { sent, received, roundTrip: { least: Math.min(...times), average, most: Math.max(...times) } };
}
