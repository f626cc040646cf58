/** What of everything is wanted. It stands in the address, so that it can be sent on and linked to. */
import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";
import { hasProblem } from "../overview/current-problems.ts";
import { KIND_ORDER } from "../resource/kinds.ts";
import { isMeantToBeOff, statusOf } from "../resource/status.ts";
import { tagsOf } from "../resource/tags.ts";
import { attribute } from "./figures.ts";

export const STATUS_CHOICES = ["wrong", "up", "degraded", "down", "unknown"] as const;
export type StatusChoice = (typeof STATUS_CHOICES)[number];

export interface Filter {
  text: string;
  /** None: all. */
  kinds: readonly ResourceKind[];
  status: StatusChoice | undefined;
  tag: string | undefined;
}

type Query = Record<string, string | string[] | undefined>;

const TEXT_MAX = 100;

/** A filter from an address; whatever does not make sense in it is as if it were not there. */
export function filterOf(query: Query): Filter {
  const text = one(query["q"]).slice(0, TEXT_MAX);
  const kinds = one(query["kind"])
    .split(",")
    .flatMap((word) => KIND_ORDER.filter((kind) => kind === word));
  const status = STATUS_CHOICES.find((choice) => choice === query["status"]);
  return { text, kinds, status, tag: one(query["tag"]) || undefined };
}

/** What of an address a part of a filter is. */
export function queryOf(change: Partial<Filter>): Record<string, string | undefined> {
  const query: Record<string, string | undefined> = {};
  if ("text" in change) query["q"] = change.text || undefined;
  if ("kinds" in change) query["kind"] = change.kinds?.join(",") || undefined;
  if ("status" in change) query["status"] = change.status;
  if ("tag" in change) query["tag"] = change.tag;
  return query;
}

export function isFiltering({ text, kinds, status, tag }: Filter): boolean {
  return text.trim() !== "" || kinds.length > 0 || status !== undefined || tag !== undefined;
}

/** Whether a resource is wanted. */
export function matcher({ text, kinds, status, tag }: Filter): (resource: Resource) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (resource) => {
    if (kinds.length > 0 && !kinds.includes(resource.kind)) return false;
    if (status && !hasStatus(resource, status)) return false;
    if (tag && !tagsOf(resource).includes(tag)) return false;
    if (words.length === 0) return true;
    const name = resource.name.toLowerCase();
    const rest = words.filter((word) => !name.includes(word));
    if (rest.length === 0) return true;
    const more = searched(resource);
    return rest.every((word) => more.includes(word));
  };
}

function hasStatus(resource: Resource, wanted: StatusChoice): boolean {
  if (wanted !== "wrong") return resource.status === wanted;
  const { level } = statusOf(resource);
  if (level === "fine") return hasProblem(resource.id);
  return level !== "unknown" || (resource.status === "unknown" && !isMeantToBeOff(resource));
}

const SEARCHED = [
  "image",
  "target",
  "url",
  "address",
  "compose_project",
  "hostname",
  "node",
  "device",
  "model",
];
const wordsOf = SEARCHED.map((name) => attribute(name));

function searched(resource: Resource): string {
  return [...wordsOf.map((words) => words(resource) ?? ""), ...tagsOf(resource)].join("\n").toLowerCase();
}

function one(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}
