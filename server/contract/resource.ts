import { z } from "zod";
import { MergeId, ResourceId } from "./ids.ts";
import type { SharedFrom } from "./shares.ts";

export const ResourceStatus = z.enum(["up", "degraded", "down", "unknown"]);
export type ResourceStatus = z.infer<typeof ResourceStatus>;

/**
 * What is watched. The parts of a machine are resources of their own with the machine as parent: so
 * are its containers, and the guests of a Proxmox node. `exporter` is what is scraped and is no
 * machine, `series` one set of labels of it. `backup` is all backups of one thing in one datastore.
 */
export const ResourceKind = z.enum([
  "host",
  "core",
  "filesystem",
  "disk",
  "interface",
  "sensor",
  "container",
  "vm",
  "lxc",
  "cluster",
  "storage",
  "pool",
  "datastore",
  "backup",
  "exporter",
  "series",
  "check",
]);
export type ResourceKind = z.infer<typeof ResourceKind>;

/** A metric that is known to exist but has no value now is left out: unknown is not zero. */
export type Metrics = Record<string, number>;
export type Attributes = Record<string, unknown>;

export interface Resource {
  id: ResourceId;
  kind: ResourceKind;
  name: string;
  status: ResourceStatus;
  parentId?: ResourceId;
  /** Who reports it: `local` is the server's own machine. */
  sources: string[];
  lastSeenAt: number;
  attributes: Attributes;
  metrics: Metrics;
  /** What people said about it; absent when they said nothing. Its name has then become `name`. */
  own?: OwnFacts;
  /** Present when another org shows it here. */
  sharedFrom?: SharedFrom;
}

/** What is a person's to say about a resource, and survives whatever is reported. */
export interface OwnFacts {
  name?: string;
  notes?: string;
  tags?: string[];
  /** A web page to go to. */
  link?: string;
  /** It is meant to be off now and then: silence is not worth a word. */
  expectedOff?: true;
}

/**
 * What changed in one resource: only the fields that did. In `attributes` and `metrics` only the
 * keys that did, `null` meaning "gone". For a resource not seen before every field is there.
 */
export type ResourceChange = { id: ResourceId } & Partial<
  Omit<Resource, "id" | "parentId" | "attributes" | "metrics" | "own">
> & {
    parentId?: ResourceId | null;
    own?: OwnFacts | null;
    attributes?: Record<string, unknown>;
    metrics?: Record<string, number | null>;
  };

/** Resources one share shows at most: those with the first ids. */
export const RESOURCES_PER_SHARE = 2_000;

/** Resources one answer of `resources.list` holds at most. */
export const RESOURCES_PER_PAGE = 500;

export const ResourceListInput = z.strictObject({
  kind: ResourceKind.optional(),
  status: ResourceStatus.optional(),
  text: z.string().max(100).optional(),
  limit: z.int().min(1).max(RESOURCES_PER_PAGE).optional(),
  cursor: ResourceId.optional(),
});
export type ResourceListInput = z.infer<typeof ResourceListInput>;

export interface ResourceList {
  resources: Resource[];
  nextCursor?: ResourceId;
}

export const ResourceGetInput = z.strictObject({ id: ResourceId });
export type ResourceGetInput = z.infer<typeof ResourceGetInput>;

export const OWN_LIMITS = {
  nameLength: 200,
  notesLength: 10_000,
  tags: 20,
  tagLength: 40,
  linkLength: 2_000,
} as const;

const Tag = z
  .string()
  .trim()
  .toLowerCase()
  .min(1, "must not be empty")
  .max(OWN_LIMITS.tagLength, "must have at most 40 characters")
  .regex(/^[^\p{Cc}\p{Cf},]+$/u, "has characters that cannot be shown");

/** Null gives back what is reported, or nothing. */
export const UpdateResourceInput = z
  .strictObject({
    id: ResourceId,
    name: z
      .string()
      .trim()
      .min(1, "must not be empty")
      .max(OWN_LIMITS.nameLength, "must have at most 200 characters")
      .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown")
      .nullable()
      .optional(),
    notes: z
      .string()
      .max(OWN_LIMITS.notesLength, "must have at most 10,000 characters")
      .nullable()
      .optional(),
    tags: z.array(Tag).max(OWN_LIMITS.tags, "are at most 20").nullable().optional(),
    link: z
      .string()
      .max(OWN_LIMITS.linkLength, "is too long")
      .refine((text) => URL.canParse(text) && /^https?:/i.test(text), "must be an http or https address")
      .nullable()
      .optional(),
    expectedOff: z.boolean().optional(),
  })
  .refine((change) => Object.keys(change).length > 1, "says nothing to change");
export type UpdateResourceInput = z.infer<typeof UpdateResourceInput>;

/** `absorbed` becomes one with `id`. */
export const MergeResourcesInput = z
  .strictObject({ id: ResourceId, absorbed: ResourceId })
  .refine(({ id, absorbed }) => id !== absorbed, { path: ["absorbed"], message: "must be another resource" });
export type MergeResourcesInput = z.infer<typeof MergeResourcesInput>;

/** One thing that two sources see. */
export interface Merge {
  id: MergeId;
  /** What it is now. */
  resource: { id: ResourceId; name: string };
  /** What became one with it, as its source names it, and who that source is. */
  absorbed: { name: string; source: string };
  /** Found by itself, or said by a person. */
  how: "found" | "said";
  /** Why it was found to be the same, in words. */
  evidence: string;
  at: number;
}

export interface MergeList {
  merges: Merge[];
}

export const NamedMergeInput = z.strictObject({ id: MergeId });
export type NamedMergeInput = z.infer<typeof NamedMergeInput>;
