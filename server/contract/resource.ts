import { z } from "zod";
import { ResourceId } from "./ids.ts";
import type { SharedFrom } from "./shares.ts";

export const ResourceStatus = z.enum(["up", "degraded", "down", "unknown"]);
export type ResourceStatus = z.infer<typeof ResourceStatus>;

/**
 * What is watched. The parts of a machine are resources of their own with the machine as parent: so
 * are its containers, and the guests of a Proxmox node. `exporter` is what is scraped and is no
 * machine, `series` one set of labels of it.
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
  /** Present when another org shows it here. */
  sharedFrom?: SharedFrom;
}

/**
 * What changed in one resource: only the fields that did. In `attributes` and `metrics` only the
 * keys that did, `null` meaning "gone". For a resource not seen before every field is there.
 */
export type ResourceChange = { id: ResourceId } & Partial<
  Omit<Resource, "id" | "parentId" | "attributes" | "metrics">
> & {
    parentId?: ResourceId | null;
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
