import type { Resource } from "../../../server/contract/resource.ts";

/** A person's own, and those its source gave it. */
export function tagsOf({ own, attributes }: Resource): readonly string[] {
  const told = attributes["tags"];
  const theirs = Array.isArray(told) ? told.filter((tag) => typeof tag === "string") : [];
  return own?.tags ? [...new Set([...own.tags, ...theirs])] : theirs;
}

/** What someone typed, apart by commas. */
export function listOfTags(text: string): string[] {
  const tags = text.split(",").map((tag) => tag.trim().toLowerCase());
  return [...new Set(tags.filter(Boolean))];
}
