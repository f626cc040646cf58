/**
 * The door of agents: reports in, their own identity and what they check out. Everything here is about
 * one token and the org it belongs to. The bytes of a report go to the org's actor as they came; all
 * that happens to them here is that they are counted.
 */
import { admitEnrolment, admitReporter, type Reporter } from "../access/reporter.ts";
import type { Throttle } from "../access/throttle.ts";
import type { Context } from "../api/edge.ts";
import { type EnrolAnswer, EnrolRequest } from "../contract/agents.ts";
import type { OrgId } from "../contract/ids.ts";
import { limitOf, storedBytesLimitOf } from "../contract/limits.ts";
import type { DeliveryAnswer } from "../contract/report.ts";
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import { DomainError } from "../lib/domain-error.ts";
import { readBody, readJsonBody } from "./edge-guard.ts";

export const REPORT_PATH = "/api/agent/report";
export const ENROL_PATH = "/api/agent/enroll";
export const CONFIG_PATH = "/api/agent/config";

const MINUTE_MS = 60_000;
/**
 * Of one agent: one a second, as often as it may ever be asked for, and a fifth more for what else it wants; a minute's
 * worth at once after a time offline.
 */
const OF_ONE_AGENT = { burst: 60, refillMs: (MINUTE_MS * 5) / 6 };
/** A mebibyte over the slowest line that is one. */
const SENT_WITHIN_MS = 60_000;
/** Reports of one org on their way at a time, so that it waits for itself when it sends too much. */
const UNDER_WAY_PER_ORG = 64;
const MAX_USER_AGENT = 100;

export interface AgentDoor {
  report(context: Context, request: Request): Promise<Response>;
  enrol(context: Context, request: Request): Promise<Response>;
  config(context: Context): Promise<Response>;
}

export function agentDoor(): AgentDoor {
  const underWay = new Map<OrgId, number>();
  return { report, enrol, config };

  async function report(context: Context, request: Request): Promise<Response> {
    const { edge, claims } = context;
    const admit = () => admitted(context, () => admitReporter(edge, claims, witnessOf(context)));
    const reporter = admit();
    const { orgId, source } = reporter;
    requirePace(context, reporter);
    const waiting = underWay.get(orgId) ?? 0;
    if (waiting >= UNDER_WAY_PER_ORG) throw tooMany(1_000);
    underWay.set(orgId, waiting + 1);
    try {
      const body = await readBody(request, REPORT_LIMITS.sentBytes, SENT_WITHIN_MS);
      /* Sending takes as long as the sender likes: what counts is what they may when all of it is here. */
      admit();
      const limits = edge.directory.findOrg(orgId)?.limits;
      const delivered = await edge.shards.org(orgId).reports.deliver({
        source,
        body,
        gzip: request.headers.get("content-encoding") === "gzip",
        receivedAt: edge.clock(),
        resourceLimit: limitOf(limits, "resources"),
        sizeLimit: storedBytesLimitOf(limits),
        from: { address: claims.address, program: context.userAgent.slice(0, MAX_USER_AGENT) },
      });
      edge.metrics.ingestReports.add({ result: "stored" }, delivered.stored);
      edge.metrics.ingestReports.add({ result: "duplicate" }, delivered.duplicates);
      await begin(context, reporter);
      const { stored, duplicates, expired, intervalMs, config: named } = delivered;
      const answer: DeliveryAnswer = {
        ok: true,
        stored,
        duplicates,
        ...(expired > 0 && { expired }),
        intervalMs,
        ...(named !== undefined && { config: named }),
      };
      return Response.json(answer);
    } finally {
      const left = (underWay.get(orgId) ?? 1) - 1;
      if (left > 0) underWay.set(orgId, left);
      else underWay.delete(orgId);
    }
  }

  async function enrol(context: Context, request: Request): Promise<Response> {
    const { edge, claims } = context;
    const admit = () => admitted(context, () => admitEnrolment(edge, claims, witnessOf(context)));
    const enrolment = admit();
    pace(edge.throttles.calls, enrolment.id);
    const parsed = EnrolRequest.safeParse(parse(await readJsonBody(request)));
    if (!parsed.success)
      throw new DomainError("invalid_request", "Send the version and the name of the machine.", {
        fields: { name: parsed.error.issues[0]?.message ?? "is not valid" },
      });
    admit();
    const { orgId, agentId, token } = await edge.shards.instance.agents.enrolWith({
      enrolmentId: enrolment.id,
      name: parsed.data.name,
    });
    tell(context, orgId, { id: agentId, name: parsed.data.name });
    const answer: EnrolAnswer = { agentId, token };
    return Response.json(answer);
  }

  async function config(context: Context): Promise<Response> {
    const { edge, claims } = context;
    const { orgId, agent, source } = admitted(context, () => admitReporter(edge, claims, witnessOf(context)));
    pace(edge.throttles.agents, source);
    if (!agent) throw new DomainError("not_found", "Only agents are given something to check.");
    return Response.json(await edge.shards.org(orgId).agents.config({ id: agent.id }));
  }

  /** The first report of an agent that was added for one machine. */
  async function begin(context: Context, { agent, orgId }: Reporter): Promise<void> {
    if (agent?.beginBefore === undefined) return;
    await context.edge.shards.instance.agents.begun({ id: agent.id });
    tell(context, orgId, { id: agent.id, name: agent.name });
  }
}

function tell({ edge }: Context, orgId: OrgId, agent: { id: string; name: string }): void {
  edge.bus.publish(orgId, "agent.enrolled", edge.clock(), JSON.stringify({ agent }));
}

/** Undefined when it is no JSON. */
function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}

/** Whoever guesses tokens is slowed down by address. */
function admitted<T>({ edge, claims }: Context, admit: () => T): T {
  try {
    return admit();
  } catch (error) {
    const guessed = error instanceof DomainError && error.httpStatus === 401;
    if (guessed) pace(edge.throttles.calls, claims.address);
    throw error;
  }
}

function requirePace({ edge }: Context, { source, orgId }: Reporter): void {
  pace(edge.throttles.agents, source, OF_ONE_AGENT);
  const perMinute = limitOf(edge.directory.findOrg(orgId)?.limits, "reportsPerMinute");
  pace(edge.throttles.orgReports, orgId, { burst: perMinute, refillMs: MINUTE_MS });
}

function pace(throttle: Throttle, key: string, size?: { burst: number; refillMs: number }): void {
  const waitMs = throttle.take(key, size);
  if (waitMs > 0) throw tooMany(waitMs);
}

function tooMany(retryAfterMs: number): DomainError {
  return new DomainError("rate_limited", "Too many reports. Keep the report and send it again.", {
    retryAfterMs,
  });
}

function witnessOf(context: Context): Pick<Parameters<typeof admitReporter>[2], "requested"> {
  return {
    requested: (org) => {
      context.requested = org;
    },
  };
}
