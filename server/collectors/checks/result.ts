import type { Attributes, Metrics, ResourceStatus } from "../../contract/resource.ts";
import type { Certificate, Egress } from "../../lib/egress.ts";
import { EgressError } from "../../lib/egress.ts";
import { clip, type Figure, known, knownAttributes, rounded } from "../host/figures.ts";

/** What one try found. It holds nothing of what the other side answered. */
export interface CheckResult {
  /** `unknown`: it could not even be tried. */
  status: ResourceStatus;
  /** What is wrong, in one sentence that stays the same while the same is wrong. */
  problem?: string;
  metrics: Metrics;
  attributes: Attributes;
}

/** What a check is done with. */
export interface Around {
  egress: Egress;
  signal?: AbortSignal;
  /** Of the day: certificates have dates. */
  now: () => number;
}

export interface Found {
  status: ResourceStatus;
  problem?: string | undefined;
  metrics?: Record<string, Figure>;
  attributes?: Record<string, unknown>;
}

export function resultOf({ status, problem, metrics = {}, attributes = {} }: Found): CheckResult {
  const figures = Object.entries(metrics).map(([name, value]): [string, Figure] => [name, rounded(value, 6)]);
  return {
    status,
    ...(problem !== undefined && { problem: clip(problem, PROBLEM_LENGTH) }),
    metrics: known(Object.fromEntries(figures)),
    attributes: knownAttributes(attributes),
  };
}

const PROBLEM_LENGTH = 300;

/** The worst of some findings, with its words; up when there are none. */
export function worstOf(findings: (Finding | undefined)[]): Finding {
  const found = findings.filter((finding) => finding !== undefined);
  return found.find(({ status }) => status === "down") ?? found[0] ?? { status: "up" };
}

export interface Finding {
  status: ResourceStatus;
  problem?: string;
}

/** What an exchange that came to nothing says. */
export function failureOf(error: unknown, now: number): CheckResult {
  if (!(error instanceof EgressError)) throw error;
  /* A target that may not be reached from here says nothing about the target. */
  const isForbidden = error.kind === "address_refused" || error.kind === "aborted";
  const { metrics = {}, attributes = {} } = error.certificate ? certificateFacts(error.certificate, now) : {};
  return resultOf({ status: isForbidden ? "unknown" : "down", problem: error.message, metrics, attributes });
}

const DAY_MS = 86_400_000;

export function certificateFacts(certificate: Certificate, now: number): Omit<Found, "status"> {
  return {
    metrics: { certificate_days_left: Math.floor((certificate.notAfter - now) / DAY_MS) },
    attributes: {
      certificate_subject: clip(certificate.subject),
      certificate_issuer: clip(certificate.issuer),
      certificate_ends_at: certificate.notAfter,
    },
  };
}

/** Whether a certificate is near its end. */
export function findCertificateProblem(
  certificate: Certificate,
  warnDays: number,
  now: number,
): Finding | undefined {
  const days = Math.floor((certificate.notAfter - now) / DAY_MS);
  if (certificate.notAfter <= now) return { status: "down", problem: "The certificate has expired." };
  if (days >= warnDays) return undefined;
  const left = days === 0 ? "today" : days === 1 ? "in 1 day" : `in ${days} days`;
  return { status: "degraded", problem: `The certificate ends ${left}.` };
}

/** The words do not tell how slow: they would change with every try. */
export function findSlowness(latencyMs: number, maxLatencyMs: number | undefined): Finding | undefined {
  if (maxLatencyMs === undefined || latencyMs <= maxLatencyMs) return undefined;
  return { status: "degraded", problem: `The answer took longer than ${maxLatencyMs} ms.` };
}

export function seconds(ms: number | undefined): Figure {
  return ms === undefined ? undefined : ms / 1_000;
}
