/** What an org knows of its agents, beyond their tokens: how they report, and what they check. */
import type { AgentInfo, AgentState } from "../contract/agents.ts";
import type { AgentId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { sha256Hex } from "../lib/random-id.ts";

/** Reports missed before an agent counts as silent. */
const MISSED_INTERVALS = 3;
/** A second machine that has given up for so long is no news any more. */
const CLONE_NEWS_MS = 10 * 60_000;

export interface Reporting {
  cursor: { at: number; intervalMs: number } | undefined;
  heardAt: number;
  clonedAt: number | undefined;
}

/** What is told an agent to check: names nothing it would have to run. */
export interface AgentCheck {
  id: string;
  name: string;
  intervalMs: number;
  type: string;
  config: Record<string, unknown>;
}

interface WithFleet {
  clock: () => number;
  cursors: {
    of(source: string): Reporting;
    rhythmOf(source: string): { behindMs: number };
  };
  inventory: {
    find(source: string, key: string): Resource["id"] | undefined;
    get(id: Resource["id"]): Resource | undefined;
  };
  sources: { of(agentId: AgentId): Iterable<AgentCheck> };
  reporters: ReadonlyMap<string, { address: string; program: string }>;
}

type Known = Pick<AgentInfo, "id" | "name" | "createdAt" | "expiresAt">;

export function states(org: WithFleet, { agents }: { agents: Known[] }): { agents: AgentInfo[] } {
  return { agents: agents.map((agent) => infoOf(org, agent)) };
}

/** What an agent is to check, and a name for exactly that. */
export function config(org: WithFleet, { id }: { id: AgentId }): { hash: string; checks: AgentCheck[] } {
  const checks = checksOf(org, id);
  return { hash: hashOf(checks), checks };
}

/** Undefined when there is nothing to check. */
export function configName(org: Pick<WithFleet, "sources">, id: AgentId): string | undefined {
  const checks = checksOf(org, id);
  return checks.length > 0 ? hashOf(checks) : undefined;
}

function checksOf({ sources }: Pick<WithFleet, "sources">, agentId: AgentId): AgentCheck[] {
  return [...sources.of(agentId)].map(({ id, name, intervalMs, type, config }) => ({
    id,
    name,
    intervalMs,
    type,
    config,
  }));
}

function hashOf(checks: readonly AgentCheck[]): string {
  return sha256Hex(JSON.stringify(checks)).slice(0, 16);
}

function infoOf(org: WithFleet, agent: Known): AgentInfo {
  const source = `agent:${agent.id}`;
  const reporting = org.cursors.of(source);
  const resourceId = org.inventory.find(source, "host");
  const host = resourceId && org.inventory.get(resourceId);
  const reporter = org.reporters.get(source);
  const { behindMs } = org.cursors.rhythmOf(source);
  const told = Number(host?.attributes["agent_clock_offset_ms"] ?? -behindMs);
  return {
    ...agent,
    name: host?.name ?? agent.name,
    state: stateOf(reporting, org.clock()),
    checks: checksOf(org, agent.id).length,
    ...(resourceId && { resourceId }),
    ...(reporter && { address: reporter.address }),
    ...(reporting.cursor && {
      lastReportAt: reporting.heardAt || reporting.cursor.at,
      intervalMs: reporting.cursor.intervalMs,
    }),
    ...(told !== 0 && { clockOffsetMs: told }),
    ...(reporting.clonedAt !== undefined && { clonedAt: reporting.clonedAt }),
    ...texts(host, { version: "agent_version", system: "os" }),
    ...numbers(host, { spooledReports: "agent_spooled_reports", spoolBytes: "agent_spool_bytes" }),
  };
}

function stateOf({ cursor, heardAt, clonedAt }: Reporting, now: number): AgentState {
  if (!cursor) return "waiting";
  if (clonedAt !== undefined && now - clonedAt < CLONE_NEWS_MS) return "refused";
  const silentMs = now - (heardAt || cursor.at);
  return silentMs > cursor.intervalMs * MISSED_INTERVALS ? "silent" : "reporting";
}

function texts<Name extends string>(host: Resource | undefined, names: Record<Name, string>) {
  return pick(host, names, (value): value is string => typeof value === "string");
}

function numbers<Name extends string>(host: Resource | undefined, names: Record<Name, string>) {
  return pick(host, names, (value): value is number => typeof value === "number");
}

function pick<Name extends string, Value>(
  host: Resource | undefined,
  names: Record<Name, string>,
  isOne: (value: unknown) => value is Value,
): Partial<Record<Name, Value>> {
  const found: Partial<Record<Name, Value>> = {};
  for (const [name, attribute] of Object.entries(names) as [Name, string][]) {
    const value = host?.attributes[attribute];
    if (isOne(value)) found[name] = value;
  }
  return found;
}
