/** Opening a live stream, for whichever transport: limits, and the right to it before every event. */
import { type Admitted, endReasonFor, roleOf } from "../access/admission.ts";
import { visibleShares } from "../access/visible-shares.ts";
import { limitOf } from "../contract/limits.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Subscriber } from "../runtime/bus.ts";
import type { Edge } from "./edge.ts";

const MAX_STREAMS = 2_000;
/** A browser needs one, whatever the number of its tabs; one without shared workers one per tab. */
const MAX_STREAMS_PER_PERSON = 50;
/** A stream ends after this and the page opens another: nothing rests on a decision of yesterday. */
const MAX_AGE_MS = 6 * 3_600_000;

export function openLive(
  edge: Edge,
  admitted: Admitted,
  lastEventId: string | null | undefined,
  transport: Pick<Subscriber, "deliver" | "end">,
): { close(): void; resume(): void } {
  const { bus } = edge;
  const { orgId } = admitted;
  const { caller } = admitted;
  const owner = caller?.person.id ?? "";
  const orgLimit = limitOf(edge.directory.findOrg(orgId)?.limits, "streams");
  requireRoom(bus.streamCount, MAX_STREAMS);
  requireRoom(bus.streamsOf(orgId), orgLimit);
  requireRoom(bus.streamsOf(orgId, owner), MAX_STREAMS_PER_PERSON);
  const openedAt = performance.now();
  const subscriber: Subscriber = {
    ...transport,
    owner,
    endReason: () =>
      endReasonFor(edge, admitted, "viewer") ??
      (performance.now() - openedAt > MAX_AGE_MS ? "max_age" : undefined),
    losingShares: () => (edge.features.multiTenant ? "end" : "snapshot"),
    shares: () => {
      const role = caller && roleOf(edge, orgId, caller);
      return role ? visibleShares(edge, orgId, role).map(({ id }) => id) : [];
    },
  };
  return bus.open(orgId, subscriber, lastEventId);
}

function requireRoom(used: number, limit: number): void {
  if (used >= limit)
    throw new DomainError("rate_limited", `Too many pages are open: ${used} of ${limit}.`, {
      retryAfterMs: 30_000,
    });
}
