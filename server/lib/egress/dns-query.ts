/** Asks a name server for records of one type. What the system itself would look up is not used: no file of hosts, no suffixes. */
import type { AnyRecord, MxRecord, SrvRecord } from "node:dns";
import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { codeOf, EgressError } from "./egress-error.ts";
import type { TimeLimit } from "./time-limit.ts";

export type RecordType = "A" | "AAAA" | "CNAME" | "MX" | "TXT" | "NS" | "SRV";

const TRIES = 3;
/** Answers that are looked at. */
const ANSWERS_LIMIT = 100;

/** Each answer as a line, the way a zone file has it. `server` has been judged. */
export async function queryDns(
  name: string,
  type: RecordType,
  server: { address: string; port: number } | undefined,
  timeoutMs: number,
  limit: TimeLimit,
): Promise<string[]> {
  /* A packet may be lost, and one of the system's servers dead. The limit ends it in any case. */
  const resolver = new Resolver({ timeout: Math.ceil(timeoutMs / 4), tries: TRIES });
  if (server) resolver.setServers([nameServer(server)]);
  try {
    const answers = await limit.within(resolver.resolve(name, type), () => resolver.cancel());
    return [answers].flat().slice(0, ANSWERS_LIMIT).map(lineOf);
  } catch (error) {
    throw queryError(name, type, error);
  }
}

function nameServer({ address, port }: { address: string; port: number }): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function lineOf(answer: unknown): string {
  if (typeof answer === "string") return answer;
  if (Array.isArray(answer)) return answer.join(""); // a TXT record in pieces
  const record = answer as Partial<MxRecord & SrvRecord> | AnyRecord;
  if ("exchange" in record) return `${record.priority} ${record.exchange}`;
  if ("port" in record) return `${record.priority} ${record.weight} ${record.port} ${record.name}`;
  return "";
}

function queryError(name: string, type: RecordType, cause: unknown): unknown {
  if (cause instanceof EgressError) return cause;
  const sentences: Record<string, string> = {
    ENOTFOUND: `"${name}" has no ${type} record.`,
    ENODATA: `"${name}" has no ${type} record.`,
    ESERVFAIL: "The name server could not find out (SERVFAIL).",
    EREFUSED: "The name server refuses to answer.",
    ECONNREFUSED: "The name server could not be reached.",
    ETIMEOUT: "The name server did not answer.",
    EFORMERR: "The name server did not understand the question.",
    EBADNAME: `"${name}" is not a name.`,
  };
  return new EgressError("dns", sentences[codeOf(cause)] ?? "The name could not be looked up.", { cause });
}
