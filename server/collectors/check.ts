/** Runs one check and turns what it found into a resource. */
import type { ReportedResource } from "../contract/report.ts";
import type { Check } from "../contract/sources/checks.ts";
import type { SourceTest } from "../contract/sources.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Egress } from "../lib/egress.ts";
import { checkDns } from "./checks/dns.ts";
import { factsOf } from "./checks/facts.ts";
import { checkHttp } from "./checks/http.ts";
import { checkPing } from "./checks/ping.ts";
import type { Around, CheckResult } from "./checks/result.ts";
import { targetOf } from "./checks/target.ts";
import { checkTcp } from "./checks/tcp.ts";
import { checkTls } from "./checks/tls.ts";
import { nextTryMs, nextVerdict, type Verdict } from "./checks/verdict.ts";
import type { Collector } from "./collector.ts";
import { clip } from "./host/figures.ts";

/** One try. Rejects only for a defect: whatever the target does is a result. */
export function runCheck(check: Check, around: Omit<Around, "now"> & { now?: Clock }): Promise<CheckResult> {
  const within: Around = { now: systemClock, ...around };
  switch (check.type) {
    case "http":
      return checkHttp(check.config, within, check.secrets);
    case "tcp":
      return checkTcp(check.config, within);
    case "ping":
      return checkPing(check.config, within);
    case "dns":
      return checkDns(check.config, within);
    case "tls":
      return checkTls(check.config, within);
  }
}

export interface CheckOptions {
  check: Check;
  egress: Egress;
  /** Of the resource: `check/<source id>`. */
  key: string;
  name: string;
  intervalMs: number;
  now?: Clock;
}

export interface CheckCollector extends Collector {
  /** How long to wait before the next try: shorter than the interval while a failure is being made sure of. */
  nextTryMs(): number;
}

export function createCheck(options: CheckOptions): CheckCollector {
  const { check, egress, key, name, intervalMs, now = systemClock } = options;
  const stop = new AbortController();
  let verdict: Verdict | undefined;
  let underWay: Promise<ReportedResource[]> | undefined;
  const collect = async () => {
    const result = await runCheck(check, { egress, now, signal: stop.signal });
    verdict = nextVerdict(verdict, result.status, check.config.retries);
    return [resourceOf({ key, name, check, result, verdict })];
  };
  return {
    name: check.type,
    collect() {
      underWay ??= collect().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    nextTryMs: () => nextTryMs(verdict, intervalMs),
    close: () => stop.abort(),
  };
}

interface Described {
  key: string;
  name: string;
  check: Check;
  result: CheckResult;
  verdict: Verdict;
}

function resourceOf({ key, name, check, result, verdict }: Described): ReportedResource {
  const { status, attemptsFailed } = verdict;
  return {
    kind: "check",
    key,
    name: clip(name),
    status,
    attributes: {
      type: check.type,
      target: targetOf(check),
      ...(result.problem !== undefined && { problem: result.problem }),
      ...result.attributes,
    },
    metrics: {
      ...(status !== "unknown" && { up: status === "down" ? 0 : 1 }),
      attempts_failed: attemptsFailed,
      ...result.metrics,
    },
  };
}

/** For somebody who is setting it up: one try, without retries and without anything of the answer. */
export async function testCheck(
  check: Check,
  around: Omit<Around, "now"> & { now?: Clock },
): Promise<SourceTest> {
  const startedAt = performance.now();
  const { status, problem, metrics, attributes } = await runCheck(check, around);
  const tookMs = Math.round(performance.now() - startedAt);
  return {
    ok: status === "up",
    message: problem ?? "It is as expected.",
    facts: factsOf({ ...attributes, ...metrics, target: targetOf(check) }),
    tookMs,
  };
}
