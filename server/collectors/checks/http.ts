/** Asks a web server and judges the answer: status, text, one value, certificate, time. */
import type { HttpCheck, HttpCheckSecrets, JsonExpectation } from "../../contract/sources/checks.ts";
import { findJsonValue } from "../../contract/sources/json-path.ts";
import { isExpectedStatus } from "../../contract/sources/status-ranges.ts";
import { type Certificate, EgressError, type EgressRequest, type EgressResponse } from "../../lib/egress.ts";
import {
  type Around,
  type CheckResult,
  certificateFacts,
  type Finding,
  failureOf,
  findCertificateProblem,
  findSlowness,
  resultOf,
  seconds,
  worstOf,
} from "./result.ts";

/** What is read of an answer that is looked into, and of one that is not. */
const READ_BYTES = 1_048_576;
const SKIM_BYTES = 65_536;

export async function checkHttp(
  config: HttpCheck,
  around: Around,
  secrets: HttpCheckSecrets = {},
): Promise<CheckResult> {
  try {
    const hops = await follow(config, secrets, around);
    return judge(config, hops, around.now());
  } catch (error) {
    return failureOf(error, around.now());
  }
}

/** The answers on the way, the last one last. Every redirect is a target of its own and is judged as such. */
async function follow(
  config: HttpCheck,
  secrets: HttpCheckSecrets,
  around: Around,
): Promise<EgressResponse[]> {
  const hops: EgressResponse[] = [];
  const endsAt = performance.now() + config.timeoutMs;
  let target = new URL(config.url);
  let { method } = config;
  const { origin } = target;
  for (;;) {
    const answer = await around.egress
      .request({
        method,
        url: target.href,
        headers: headersFor(config, secrets, target.origin === origin),
        ...(method === "POST" && config.body !== undefined && { body: config.body }),
        timeoutMs: Math.max(1, endsAt - performance.now()),
        maxBytes: looksInside(config) ? READ_BYTES : SKIM_BYTES,
        cutBody: true,
        tls: { verify: config.verify },
        ...(around.signal && { signal: around.signal }),
      } satisfies EgressRequest)
      .catch((error) => {
        throw inWordsOfTheWhole(error, config.timeoutMs);
      });
    hops.push(answer);
    const location = answer.headers.get("location");
    if (!isRedirect(answer.status) || location === null || config.followRedirects === 0) return hops;
    if (hops.length > config.followRedirects) {
      throw new EgressError("protocol", `It was redirected more than ${config.followRedirects} times.`);
    }
    if (!URL.canParse(location, target.href)) {
      throw new EgressError("protocol", "It was redirected to something that is no web address.");
    }
    target = new URL(location, target.href);
    if (answer.status === 303 || (method === "POST" && answer.status < 303))
      method = method === "HEAD" ? "HEAD" : "GET";
  }
}

/** A later hop has less time than was configured: the person knows the whole. */
function inWordsOfTheWhole(error: unknown, timeoutMs: number): unknown {
  const isLate = error instanceof EgressError && error.kind === "timeout";
  return isLate ? new EgressError("timeout", `There was no answer in ${timeoutMs / 1_000} s.`) : error;
}

function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** Another host is sent neither secrets nor what usually is one. */
function headersFor(
  config: HttpCheck,
  secrets: HttpCheckSecrets,
  isFirstHost: boolean,
): Record<string, string> {
  const standard = { "user-agent": "Pulse" };
  if (isFirstHost) return { ...standard, ...config.headers, ...secrets.secretHeaders };
  const harmless = Object.entries(config.headers).filter(
    ([name]) => !/^(?:authorization|cookie)$/i.test(name),
  );
  return { ...standard, ...Object.fromEntries(harmless) };
}

function looksInside({ contains, containsNot, json }: HttpCheck): boolean {
  return contains !== undefined || containsNot !== undefined || json !== undefined;
}

function judge(config: HttpCheck, hops: EgressResponse[], now: number): CheckResult {
  const last = hops.at(-1)!;
  const total = (phase: (timings: EgressResponse["timings"]) => number | undefined) => {
    const spans = hops.map(({ timings }) => phase(timings)).filter((span) => span !== undefined);
    return spans.length === 0 ? undefined : spans.reduce((sum, span) => sum + span, 0);
  };
  const latencyMs = total(({ totalMs }) => totalMs)!;
  const certificate = firstToEnd(hops);
  const facts = certificate && certificateFacts(certificate, now);
  const finding = worstOf([
    findUnexpected(config, last),
    certificate && findCertificateProblem(certificate, config.certificateWarnDays, now),
    findSlowness(latencyMs, config.maxLatencyMs),
  ]);
  return resultOf({
    ...finding,
    metrics: {
      latency_seconds: seconds(latencyMs),
      dns_seconds: seconds(total(({ dnsMs }) => dnsMs)),
      connect_seconds: seconds(total(({ connectMs }) => connectMs)),
      tls_seconds: seconds(total(({ tlsMs }) => tlsMs)),
      first_byte_seconds: seconds(total(({ firstByteMs }) => firstByteMs)),
      transfer_seconds: seconds(total(transferMs)),
      http_status: last.status,
      ...facts?.metrics,
    },
    attributes: { address: last.address, ...facts?.attributes },
  });
}

function transferMs({
  dnsMs = 0,
  connectMs = 0,
  tlsMs = 0,
  firstByteMs,
  totalMs,
}: EgressResponse["timings"]): number {
  return Math.max(0, totalMs - dnsMs - connectMs - tlsMs - firstByteMs);
}

/** Of all on the way, the one that will break it first. */
function firstToEnd(hops: EgressResponse[]): Certificate | undefined {
  const certificates = hops.map(({ certificate }) => certificate).filter((found) => found !== undefined);
  return certificates.sort((a, b) => a.notAfter - b.notAfter)[0];
}

function findUnexpected(config: HttpCheck, answer: EgressResponse): Finding | undefined {
  const down = (problem: string): Finding => ({ status: "down", problem });
  if (!isExpectedStatus(answer.status, config.status)) {
    return down(`It answered ${answer.status}, expected ${config.status}.`);
  }
  if (!looksInside(config)) return undefined;
  const encoding = answer.headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") return down("The answer is compressed although that was not asked for.");
  const text = new TextDecoder().decode(answer.body);
  if (config.contains !== undefined && !text.includes(config.contains)) {
    return down(`The answer does not contain "${config.contains}".`);
  }
  if (config.containsNot !== undefined && text.includes(config.containsNot)) {
    return down(`The answer contains "${config.containsNot}".`);
  }
  if (!config.json) return undefined;
  if (answer.cut) return down("The answer is too large to be read as JSON.");
  const problem = findJsonProblem(text, config.json);
  return problem === undefined ? undefined : down(problem);
}

/** Says what was expected and never what was found: that is the other side's. */
function findJsonProblem(text: string, expected: JsonExpectation): string | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return "The answer is not JSON.";
  }
  const value = findJsonValue(document, expected.path);
  if (value === undefined) return `The answer has nothing at ${expected.path}.`;
  if (isAsExpected(value, expected)) return undefined;
  const is = { equal: "", not_equal: "other than ", less: "less than ", greater: "more than " }[expected.is];
  return `The value at ${expected.path} is not ${is}${JSON.stringify(expected.value)}.`;
}

function isAsExpected(value: unknown, { is, value: expected }: JsonExpectation): boolean {
  if (is === "equal") return value === expected;
  if (is === "not_equal") return value !== expected;
  /* Only numbers are less or more than something. */
  if (typeof value !== "number" || typeof expected !== "number") return false;
  return is === "less" ? value < expected : value > expected;
}
