import type { Report } from "../server/contract/report.ts";
import type { SpooledReport } from "./spool-segment.ts";
import type { Gap } from "./spool-state.ts";

/** What one request may hold; the server's own limits are 1 MiB, 8 MiB and a hundred reports. */
export const BATCH_LIMITS = {
  reports: 100,
  packedBytes: 900 * 1024,
  unpackedBytes: 7 * 1024 * 1024,
} as const;

export function pack(report: Report): SpooledReport {
  const json = Buffer.from(JSON.stringify(report));
  return { at: report.at, unpackedBytes: json.length, packed: Bun.gzipSync(json) };
}

/** The body of a request. A single report travels exactly as it was packed. */
export function bodyOf(reports: readonly SpooledReport[], gap: Gap | undefined): Uint8Array {
  const [first] = reports;
  if (first && reports.length === 1 && gap === undefined) return first.packed;
  const texts = reports.map(({ packed }) =>
    Buffer.from(Bun.gunzipSync(packed as Uint8Array<ArrayBuffer>)).toString(),
  );
  if (gap && texts[0] !== undefined) texts[0] = withGap(texts[0], gap);
  return Bun.gzipSync(texts.length === 1 ? (texts[0] as string) : `{"v":1,"reports":[${texts.join(",")}]}`);
}

/** The first report after a gap says what is missing before it. */
function withGap(json: string, gap: Gap): string {
  const report = JSON.parse(json) as Report;
  const host = report.resources.find(({ key }) => key === "host") ?? report.resources[0];
  if (host) host.attributes = { ...host.attributes, agent_gap: gap };
  return JSON.stringify(report);
}
