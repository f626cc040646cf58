/** Sends what an encoder made, once, through the one door, and says what became of it. */
import type { ChannelType } from "../contract/notifications.ts";
import type { Egress } from "../lib/egress.ts";
import { CHANNELS } from "./channels.ts";
import { type Failed, failureOfError, failureOfStatus, type Outcome, type Taken } from "./failures.ts";
import type { HttpOutgoing, Outgoing } from "./outgoing.ts";
import { sendMail } from "./smtp.ts";

/** Of one attempt, all of it. */
export const ATTEMPT_MS = 10_000;
/** Of an answer so much is looked at; what follows is not read. */
const ANSWER_BYTES = 16_384;
/** What an answer comes to its head says nearly always; a service may leave open what follows. */
const ANSWER_BODY_MS = 1_000;

export async function post(
  type: ChannelType,
  outgoing: Outgoing,
  { egress, clock, signal }: { egress: Egress; clock: () => number; signal?: AbortSignal | undefined },
): Promise<Outcome> {
  const startedAt = performance.now();
  const tookMs = () => Math.round(performance.now() - startedAt);
  try {
    const result =
      outgoing.kind === "mail"
        ? await sendMail(outgoing, { egress, timeoutMs: ATTEMPT_MS, signal })
        : await postHttp(type, outgoing, egress, clock, signal);
    return { ...result, tookMs: tookMs() };
  } catch (error) {
    return { ...failureOfError(error), tookMs: tookMs() };
  }
}

async function postHttp(
  type: ChannelType,
  { method, url, headers, body }: HttpOutgoing,
  egress: Egress,
  clock: () => number,
  signal: AbortSignal | undefined,
): Promise<Taken | Failed> {
  const answer = await egress.request({
    method,
    url,
    headers,
    body,
    timeoutMs: ATTEMPT_MS,
    maxBytes: ANSWER_BYTES,
    cutBody: true,
    bodyTimeoutMs: ANSWER_BODY_MS,
    ...(signal && { signal }),
  });
  const { status } = answer;
  const failed = failureOfStatus(status, answer.headers.get("retry-after"), clock());
  const text = Buffer.from(answer.body).toString("utf8");
  const verdict = CHANNELS[type].judge?.({ status, body: text });
  if (!failed && verdict?.failure === undefined) return { ok: true, status };
  const said = failed ?? {
    ok: false,
    failure: "unknown",
    message: "It does not take the message.",
    status,
    isUncertain: false,
    isFinal: false,
  };
  return {
    ...said,
    ...(verdict?.failure !== undefined && { failure: verdict.failure }),
    ...(verdict?.message !== undefined && { message: verdict.message }),
    ...(verdict?.retryAfterMs !== undefined && { retryAfterMs: verdict.retryAfterMs }),
    isFinal: verdict?.final ?? said.isFinal,
  };
}
