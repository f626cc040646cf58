/** What a supervisor and a metrics collector ask. Not for people: plain answers, no session. */
import { timingSafeEqual } from "node:crypto";
import type { Context, Edge } from "../api/edge.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import { ORG_STATES } from "../contract/orgs.ts";
import { DomainError } from "../lib/domain-error.ts";
import { sha256Hex } from "../lib/random-id.ts";

/** Path to its answer; the list is what `tests/contract` holds a policy for. */
export type Operations = Record<"/healthz" | "/readyz" | "/metrics", (context: Context) => Promise<Response>>;

export function operations(edge: Edge, metricsToken: string | undefined): Operations {
  return {
    "/healthz": async () => new Response("ok\n"),
    /* 200 when it can accept and store; the refusal says why not. */
    "/readyz": async () => {
      await edge.shards.org(DEFAULT_ORG).health.check();
      return new Response("ok\n");
    },
    "/metrics": async (context) => {
      requireCollector(context, metricsToken);
      edge.metrics.liveStreams.set(edge.bus.streamCount);
      edge.metrics.multiTenant.set(edge.features.multiTenant ? 1 : 0);
      const orgs = [...edge.directory.orgs()];
      for (const state of ORG_STATES)
        edge.metrics.orgs.set(orgs.filter((org) => org.state === state).length, { state });
      return new Response(edge.metrics.registry.render(), {
        headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
      });
    },
  };
}

/** With a token only who has it, without one only this machine itself. */
function requireCollector({ claims }: Context, metricsToken: string | undefined): void {
  if (metricsToken === undefined) {
    if (!claims.onThisMachine)
      throw new DomainError("access_denied", "Metrics are answered to this machine only.");
    return;
  }
  const given = claims.bearer;
  const matches =
    given !== undefined &&
    timingSafeEqual(Buffer.from(sha256Hex(given)), Buffer.from(sha256Hex(metricsToken)));
  if (!matches) throw new DomainError("token_invalid", "Metrics need their bearer token.");
}
