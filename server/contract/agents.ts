/** Agents: how a machine comes to report, and what is known of each that does. */
import { z } from "zod";
import { AgentId, EnrolmentId, type ResourceId } from "./ids.ts";
import { Moment } from "./moment.ts";

export const AGENT_LIMITS = {
  nameLength: 80,
  /** Open tokens with which any number of machines may enrol, per org. */
  enrolments: 20,
  /** A token for one machine must be used within this time, unless whoever makes it says another. */
  unusedForMs: 7 * 86_400_000,
  /** The same for a token for many. */
  enrolmentForMs: 86_400_000,
  longestForMs: 366 * 86_400_000,
} as const;

export const AgentName = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(AGENT_LIMITS.nameLength, "must have at most 80 characters")
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown");

export const EnrollInput = z.strictObject({
  /** What it is called until it has told its own name. */
  name: AgentName.optional(),
  /** Until when it can be used for the first time; what has enrolled by then goes on. */
  expiresAt: Moment.optional(),
  /** For any number of machines instead of one. */
  universal: z.boolean().optional(),
});
export type EnrollInput = z.infer<typeof EnrollInput>;

export interface Enrolled {
  id: AgentId | EnrolmentId;
  /** Shown once: only its SHA-256 is kept. */
  token: string;
  /** The line to be run on the machine. */
  command: string;
  expiresAt: number;
}

/** An agent, or a token for many that is not to be used any more. */
export const RevokeAgentInput = z.strictObject({ id: z.union([AgentId, EnrolmentId]) });
export type RevokeAgentInput = z.infer<typeof RevokeAgentInput>;

/**
 * `waiting`: has never reported. `silent`: has missed three reports and more. `refused`: a second
 * machine reports with its token, and is refused.
 */
export type AgentState = "waiting" | "reporting" | "silent" | "refused";

export interface AgentInfo {
  id: AgentId;
  name: string;
  state: AgentState;
  createdAt: number;
  /** Until when a waiting one can begin. */
  expiresAt?: number;
  /** The machine it reports. */
  resourceId?: ResourceId;
  version?: string;
  /** The operating system in words. */
  system?: string;
  /** Where its last report came from. */
  address?: string;
  lastReportAt?: number;
  intervalMs?: number;
  /** Its machine's clock minus the server's, where that is worth a word. */
  clockOffsetMs?: number;
  /** What it still keeps because it could not be delivered. */
  spooledReports?: number;
  spoolBytes?: number;
  /** A second machine was found to use its token. */
  clonedAt?: number;
  /** Checks it runs. */
  checks: number;
}

export interface EnrolmentInfo {
  id: EnrolmentId;
  name: string;
  createdAt: number;
  expiresAt: number;
  /** How many machines have enrolled with it. */
  used: number;
}

export interface AgentList {
  agents: AgentInfo[];
  /** Told to admins only. */
  enrolments: EnrolmentInfo[];
  limit: number;
  /** What an up-to-date agent has as its version. */
  serverVersion: string;
}

/** What a machine sends with a token for many, and what it gets. */
export const EnrolRequest = z.strictObject({ v: z.literal(1), name: AgentName });
export interface EnrolAnswer {
  agentId: AgentId;
  token: string;
}
