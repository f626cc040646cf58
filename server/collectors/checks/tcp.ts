/** Opens a connection; says something and waits for something when it is told to. */
import type { Socket } from "node:net";
import type { TcpCheck } from "../../contract/sources/checks.ts";
import {
  type Around,
  type CheckResult,
  failureOf,
  findSlowness,
  resultOf,
  seconds,
  worstOf,
} from "./result.ts";

/** What is expected must stand in the first so many bytes. */
const READ_BYTES = 4_096;

export async function checkTcp(config: TcpCheck, around: Around): Promise<CheckResult> {
  const startedAt = performance.now();
  try {
    const { host, port, timeoutMs } = config;
    const { socket, address, timings } = await around.egress.connect({
      host,
      port,
      timeoutMs,
      ...(around.signal && { signal: around.signal }),
    });
    const openedAt = performance.now();
    const leftMs = Math.max(1, timeoutMs - (openedAt - startedAt));
    const said = await converse(socket, config, leftMs).finally(() => socket.destroy());
    const latencyMs = performance.now() - startedAt;
    return resultOf({
      ...worstOf([said, findSlowness(latencyMs, config.maxLatencyMs)]),
      metrics: {
        latency_seconds: seconds(latencyMs),
        dns_seconds: seconds(timings.dnsMs),
        connect_seconds: seconds(timings.connectMs),
        ...(config.expect !== undefined && { first_byte_seconds: seconds(performance.now() - openedAt) }),
      },
      attributes: { address },
    });
  } catch (error) {
    return failureOf(error, around.now());
  }
}

/** Undefined when all is as expected. */
async function converse(
  socket: Socket,
  { send, expect, timeoutMs }: TcpCheck,
  leftMs: number,
): Promise<{ status: "down"; problem: string } | undefined> {
  if (send !== undefined) socket.write(send);
  if (expect === undefined) return undefined;
  const outcome = Promise.withResolvers<string | undefined>();
  let heard = Buffer.alloc(0);
  const timer = setTimeout(
    () => outcome.resolve(`It did not say "${expect}" in ${timeoutMs / 1_000} s.`),
    leftMs,
  );
  const missing = () => outcome.resolve(`What it says does not contain "${expect}".`);
  socket.on("data", (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]).subarray(0, READ_BYTES);
    if (heard.includes(expect)) outcome.resolve(undefined);
    else if (heard.length >= READ_BYTES) missing();
  });
  socket.once("close", () => (heard.length > 0 ? missing() : outcome.resolve("It hung up without a word.")));
  const problem = await outcome.promise;
  clearTimeout(timer);
  return problem === undefined ? undefined : { status: "down", problem };
}
