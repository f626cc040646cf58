/**
 * Where heartbeats come in: whoever knows the address says "I am alive" and is told nothing else. A
 * heartbeat that is not known, one of an org that is stopped and one that was removed are answered alike.
 */
import type { Context } from "../api/edge.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import { DomainError } from "../lib/domain-error.ts";

export const HEARTBEAT_PATH = "/api/heartbeat/";

export async function hearBeat({ edge, claims }: Context, path: string): Promise<Response> {
  const known = edge.heartbeats.read(path.slice(HEARTBEAT_PATH.length));
  const waitMs = edge.throttles.calls.take(known ? `heartbeat ${known.sourceId}` : claims.address);
  if (waitMs > 0)
    throw new DomainError("rate_limited", "Too many heartbeats. Try again in a moment.", {
      retryAfterMs: waitMs,
    });
  if (!known) throw unknown();
  const { orgId, sourceId } = known;
  const { features, directory } = edge;
  const isOn = orgId === DEFAULT_ORG || (features.multiTenant && features.multiTenantLicensed);
  if (!isOn || directory.findOrg(orgId)?.state !== "active") throw unknown();
  await edge.shards.org(orgId).sources.beat({ id: sourceId });
  return new Response("ok\n");
}

function unknown(): DomainError {
  return new DomainError("not_found", "There is no such heartbeat.");
}
