import type { DnsCheck } from "../../contract/sources/checks.ts";
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

/** Asks a name server for one name. */
export async function checkDns(config: DnsCheck, around: Around): Promise<CheckResult> {
  try {
    const { name, record, server, timeoutMs, maxLatencyMs } = config;
    const { answers, queryMs, address } = await around.egress.query({
      name,
      type: record,
      timeoutMs,
      ...(server && { server }),
      ...(around.signal && { signal: around.signal }),
    });
    return resultOf({
      ...worstOf([findMissing(config, answers), findSlowness(queryMs, maxLatencyMs)]),
      metrics: { latency_seconds: seconds(queryMs), dns_answers: answers.length },
      attributes: { address },
    });
  } catch (error) {
    return failureOf(error, around.now());
  }
}

/** Names mean the same in any case; a text is what it is. */
function findMissing({ expect, record }: DnsCheck, answers: string[]): Finding | undefined {
  if (expect === undefined) return undefined;
  const plain = (text: string) => (record === "TXT" ? text : text.toLowerCase().replace(/\.$/, ""));
  if (answers.some((answer) => plain(answer).includes(plain(expect)))) return undefined;
  return { status: "down", problem: `No answer contains "${expect}".` };
}
