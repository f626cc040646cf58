/** The collector of every type of source, and how each is tried out. */
import type { SourceTest, SourceType } from "../contract/sources.ts";
import type { Egress } from "../lib/egress.ts";
import type { Collector } from "./collector.ts";

export interface SourceToAsk {
  type: SourceType;
  name: string;
  /** What a check is called in its report. */
  key: string;
  config: Record<string, unknown>;
  secrets: Record<string, unknown>;
  egress: Egress;
  /** Of what is not asked but heard. */
  beats: { lastBeatAt: () => number | undefined; since: number };
}

export function createSourceCollector({ type }: SourceToAsk): Collector {
  return { name: type, collect: async () => [] };
}

export async function tryOut(
  _source: Pick<SourceToAsk, "type" | "config" | "secrets" | "egress">,
): Promise<SourceTest> {
  return { ok: false, message: "Nothing was asked.", facts: [], tookMs: 0 };
}
