/** What the server, or an agent, asks of its own accord: Proxmox, exporters, checks. */
import { z } from "zod";
import { AgentId, type ResourceId, SourceId } from "./ids.ts";

export const SOURCE_TYPES = [
  "proxmox-ve",
  "proxmox-backup",
  "prometheus",
  "http",
  "tcp",
  "ping",
  "dns",
  "tls",
  "heartbeat",
] as const;
export const SourceType = z.enum(SOURCE_TYPES);
export type SourceType = z.infer<typeof SourceType>;

/** Those that become a resource of the kind `check`. */
export const CHECK_TYPES = ["http", "tcp", "ping", "dns", "tls", "heartbeat"] as const satisfies SourceType[];
export type CheckType = (typeof CHECK_TYPES)[number];

export const SOURCE_LIMITS = {
  nameLength: 80,
  leastIntervalMs: 10_000,
  longestIntervalMs: 3_600_000,
  defaultIntervalMs: 60_000,
  /** Of `config` and of `secrets`, as JSON. */
  configBytes: 16_384,
} as const;

const SourceName = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(SOURCE_LIMITS.nameLength, "must have at most 80 characters")
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown");

/** In the form of its type, which is judged where the type is known. */
const Bag = z
  .record(z.string().max(80), z.unknown())
  .refine((held) => JSON.stringify(held).length <= SOURCE_LIMITS.configBytes, "is too large");

const fields = {
  name: SourceName,
  config: Bag,
  /** What is never shown again. On an update, what is left out stays as it is. */
  secrets: Bag.optional(),
  intervalMs: z
    .int()
    .min(SOURCE_LIMITS.leastIntervalMs, "must be at least 10 seconds")
    .max(SOURCE_LIMITS.longestIntervalMs, "must be at most an hour")
    .optional(),
  enabled: z.boolean().optional(),
  /** Who asks: the server, or one agent. Only checks without secrets can be asked by an agent. */
  from: z.union([z.literal("server"), AgentId]).optional(),
};

export const CreateSourceInput = z.strictObject({ type: SourceType, ...fields });
export type CreateSourceInput = z.infer<typeof CreateSourceInput>;

export const UpdateSourceInput = z.strictObject({
  id: SourceId,
  ...fields,
  name: SourceName.optional(),
  config: Bag.optional(),
});
export type UpdateSourceInput = z.infer<typeof UpdateSourceInput>;

export const NamedSourceInput = z.strictObject({ id: SourceId });
export type NamedSourceInput = z.infer<typeof NamedSourceInput>;

/** Tries it now, from the server, and keeps nothing. With an id, what is left out is what is kept. */
export const TestSourceInput = z.strictObject({
  id: SourceId.optional(),
  type: SourceType,
  config: Bag,
  secrets: Bag.optional(),
});
export type TestSourceInput = z.infer<typeof TestSourceInput>;

export interface SourceTest {
  ok: boolean;
  /** One plain sentence: what was found, or why it did not work. */
  message: string;
  /** What was found out on the way, in the order it is to be read. */
  facts: { label: string; value: string }[];
  tookMs: number;
  /** Of the certificate it showed, to be compared and pinned. */
  fingerprint256?: string;
}

/** `waiting`: not asked yet. `failing`: the last time it could not be asked, and `error` says why. */
export type SourceStatus = "waiting" | "ok" | "failing" | "paused";

export interface SourceState {
  status: SourceStatus;
  since: number;
  lastTriedAt?: number;
  lastOkAt?: number;
  tookMs?: number;
  /** One plain sentence. */
  error?: string;
}

export interface Source {
  id: SourceId;
  type: SourceType;
  name: string;
  config: Record<string, unknown>;
  /** Names of the secrets that are kept; never what they are. */
  secretsSet: string[];
  intervalMs: number;
  enabled: boolean;
  from: "server" | AgentId;
  createdAt: number;
  updatedAt: number;
  /** The newest thing it found that is part of nothing else. */
  resourceId?: ResourceId;
  /** How many resources come from it. */
  resources: number;
  state: SourceState;
  /** Where a heartbeat is sent to; told to editors and above. */
  heartbeatUrl?: string;
}

export interface SourceList {
  sources: Source[];
  limit: number;
}

export const SetupScriptInput = z.strictObject({ type: z.enum(["proxmox-ve", "proxmox-backup"]) });
export type SetupScriptInput = z.infer<typeof SetupScriptInput>;
