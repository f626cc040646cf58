/** Reports of the past, as a machine sends them that was offline for a while. */
import { DEFAULT_ORG, type OrgId } from "../../server/contract/ids.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { InProcess } from "./in-process.ts";

/** One every ten seconds, the last of them a moment ago; answers when each was. */
export async function reportPast(
  server: InProcess,
  count: number,
  at: (index: number) => ReportedResource[],
  { orgId = DEFAULT_ORG, source = "past" }: { orgId?: OrgId; source?: string } = {},
): Promise<number[]> {
  const startAt = Math.floor(Date.now() / 10_000) * 10_000 - count * 10_000;
  const times = Array.from({ length: count }, (_, index) => startAt + index * 10_000);
  for (const [seq, time] of times.entries()) {
    const resources = at(seq);
    const report = { v: 1, boot: "past-boot", seq, at: time, intervalMs: 10_000, resources } as const;
    await server.edge.shards.org(orgId).reports.ingest({ source, report });
  }
  return times;
}
