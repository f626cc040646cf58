/**
 * Values that are unlike what they usually are at this hour of the week. Off until somebody switches them on: unusual is
 * not wrong. Trigger and clear are not values but how far above the middle, in spreads (`baseline`).
 */
import type { Resource, ResourceKind } from "../contract/resource.ts";
import { isMachine, type ThresholdRule } from "./rule.ts";
import { bytes, percent, significant } from "./words.ts";

const MINUTE = 60_000;
const MACHINES: readonly ResourceKind[] = ["host", "vm", "lxc"];
const LIMITS =
  "Off: unusual is not wrong. Needs two weeks of history, and knows of no holidays and no growth.";

interface Facts {
  name: string;
  title: string;
  metric: string;
  what: string;
  said: (value: number) => string;
  kinds?: readonly ResourceKind[];
  isFor?: (resource: Resource) => boolean;
}

function unlike({ what, said, kinds = MACHINES, isFor = isMachine, ...facts }: Facts): ThresholdRule {
  return {
    type: "threshold",
    ...facts,
    says: `${what} far more than at this hour of other weeks. ${LIMITS}`,
    kinds,
    isFor,
    direction: "above",
    baseline: true,
    off: true,
    minChange: 0,
    warning: { trigger: 4, clear: 2, delayMs: 30 * MINUTE },
    clearAfterMs: 15 * MINUTE,
    words: (_, value) => ({
      words: `${said(value)}, which is unlike this hour of other weeks`,
      about: "itself",
    }),
  };
}

export const UNLIKE_RULES: readonly ThresholdRule[] = [
  unlike({
    name: "unlike_cpu",
    title: "Unusual CPU",
    metric: "cpu_percent",
    what: "Processors are used",
    said: (value) => `uses ${percent(value)} of its processors`,
  }),
  unlike({
    name: "unlike_memory",
    title: "Unusual memory",
    metric: "memory_used_percent",
    what: "Memory is used",
    said: (value) => `has used ${percent(value)} of its memory`,
  }),
  unlike({
    name: "unlike_received",
    title: "Unusual traffic received",
    metric: "network_receive_bytes_per_second",
    what: "The network brings",
    said: (value) => `receives ${bytes(value)}/s`,
  }),
  unlike({
    name: "unlike_sent",
    title: "Unusual traffic sent",
    metric: "network_transmit_bytes_per_second",
    what: "The network takes",
    said: (value) => `sends ${bytes(value)}/s`,
  }),
  unlike({
    name: "unlike_latency",
    title: "Unusual latency",
    metric: "latency_seconds",
    what: "A check takes",
    said: (value) => `takes ${significant(value * 1_000)} ms`,
    kinds: ["check"],
    isFor: ({ attributes }) => attributes["type"] !== "heartbeat",
  }),
];
