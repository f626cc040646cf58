/** What machines send, without an agent in between: one request, as it is said. */
import { gzipSync } from "node:zlib";
import type { ErrorData } from "../../server/contract/errors.ts";
import type { DeliveryAnswer, Report, ReportedResource } from "../../server/contract/report.ts";
import { randomBase32 } from "../../server/lib/random-id.ts";
import type { Target } from "./calls.ts";

export interface DoorAnswer<Data = DeliveryAnswer> {
  status: number;
  headers: Headers;
  /** What was answered; undefined when it was refused. */
  data: Data;
  /** Why it was refused; undefined when it was not. */
  error: (ErrorData & { message: string }) | undefined;
  body: string;
}

export interface SendOptions {
  headers?: Record<string, string>;
  gzip?: boolean;
}

/** Bytes and texts go as they are, everything else as JSON. */
export async function postReport(
  target: Target,
  token: string | undefined,
  body: unknown,
  { headers = {}, gzip = false }: SendOptions = {},
): Promise<DoorAnswer> {
  const raw = Buffer.from(
    typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
  );
  return answerOf(
    await fetch(`${target.url}/api/agent/report`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(gzip && { "content-encoding": "gzip" }),
        ...headers,
      },
      body: gzip ? gzipSync(raw) : raw,
    }),
  );
}

export async function postEnrol(
  target: Target,
  token: string | undefined,
  body: unknown = { v: 1, name: "a machine" },
  headers: Record<string, string> = {},
): Promise<DoorAnswer<{ agentId: string; token: string }>> {
  return answerOf(
    await fetch(`${target.url}/api/agent/enroll`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  );
}

export async function getAgentConfig(
  target: Target,
  token: string | undefined,
  headers: Record<string, string> = {},
): Promise<DoorAnswer<{ hash: string; checks: { id: string; name: string; config: unknown }[] }>> {
  return answerOf(
    await fetch(`${target.url}/api/agent/config`, {
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
    }),
  );
}

/** Of one start of a machine: each report it makes is numbered on. */
export function reporterOf(
  boot = randomBase32(20),
): (resources: ReportedResource[], over?: Partial<Report>) => Report {
  let seq = 0;
  return (resources, over = {}) => ({
    v: 1,
    boot,
    seq: seq++,
    at: Date.now(),
    intervalMs: 10_000,
    resources,
    ...over,
  });
}

async function answerOf<Data>(response: Response): Promise<DoorAnswer<Data>> {
  const body = await response.text();
  const parsed = parse(body) as { error?: { message: string; data: ErrorData } } | undefined;
  const error = parsed?.error && { ...parsed.error.data, message: parsed.error.message };
  return { status: response.status, headers: response.headers, data: parsed as Data, error, body };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
