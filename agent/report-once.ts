/** One report, and what was said to it: to see whether server, token and way are right. Nothing is spooled. */
import type { Log } from "../server/lib/log.ts";
import { pack } from "./batch.ts";
import { enrolmentName, findIdentity, isEnrolmentToken, keepIdentity, parseEnrolment } from "./identity.ts";
import { ReportClock, Stamps } from "./report-clock.ts";
import type { AgentOptions } from "./run.ts";
import { describeAgent } from "./self-description.ts";
import { ServerConnection } from "./server-connection.ts";
import { judge, type Verdict } from "./verdict.ts";

/** Rates need two looks at the machine. */
const SECOND_LOOK_AFTER_MS = 1_000;

export interface ReportedOnce {
  stored: boolean;
  resources: number;
  /** Why it is not stored. */
  reason?: string;
  /** What the server asks for. */
  intervalMs?: number;
}

type OnceOptions = Pick<
  AgentOptions,
  "server" | "token" | "name" | "intervalMs" | "stateDir" | "collectors" | "version" | "trust"
> & { log: Log };

export async function reportOnce(options: OnceOptions): Promise<ReportedOnce> {
  const { server, name, version, trust, collectors } = options;
  const connection = new ServerConnection({ url: server, version, trust, clock: Date.now });
  const look = async () => (await Promise.all(collectors.map((collector) => collector.collect()))).flat();
  try {
    const credential = await credentialFor(options, connection);
    if (typeof credential !== "string") return { stored: false, resources: 0, reason: wordsOf(credential) };
    await look();
    await Bun.sleep(SECOND_LOOK_AFTER_MS);
    const self = {
      name,
      version,
      spooledReports: 0,
      spoolBytes: 0,
      clockOffsetMs: 0,
      fastestIntervalMs: undefined,
    };
    const resources = describeAgent(await look(), self);
    const stamp = new Stamps().next(new ReportClock(Date.now).now());
    const { packed } = pack({ v: 1, ...stamp, intervalMs: options.intervalMs, resources });
    const verdict = await ask(connection, "/api/agent/report", credential, { content: packed, packed: true });
    const { length } = resources;
    if (verdict.kind !== "stored") return { stored: false, resources: length, reason: wordsOf(verdict) };
    return {
      stored: true,
      resources: length,
      ...(verdict.intervalMs !== undefined && { intervalMs: verdict.intervalMs }),
    };
  } finally {
    connection.close();
    for (const collector of collectors) collector.close?.();
  }
}

async function credentialFor(
  { token, server, stateDir, name }: OnceOptions,
  connection: ServerConnection,
): Promise<string | Verdict> {
  if (!isEnrolmentToken(token)) return token;
  const known = findIdentity(stateDir, server, token);
  if (known) return known.token;
  const content = Buffer.from(JSON.stringify({ v: 1, name: enrolmentName(name) }));
  const { answer } = await connection.ask({
    path: "/api/agent/enroll",
    token,
    body: { content, packed: false },
    nextInMs: 0,
    signal: new AbortController().signal,
  });
  const identity = "body" in answer && answer.status === 200 ? parseEnrolment(answer.body) : undefined;
  if (!identity) return judge(answer);
  keepIdentity(stateDir, server, token, identity);
  return identity.token;
}

async function ask(
  connection: ServerConnection,
  path: string,
  token: string,
  body: { content: Uint8Array; packed: boolean },
): Promise<Verdict> {
  const { answer } = await connection.ask({
    path,
    token,
    body,
    nextInMs: 0,
    signal: new AbortController().signal,
  });
  return judge(answer);
}

function wordsOf(verdict: Verdict): string {
  if (verdict.kind === "stored") return "the answer to an enrolment is none";
  return verdict.kind === "not-now" ? `${verdict.words} (${verdict.hint})` : verdict.words;
}
