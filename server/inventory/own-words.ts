/** What people say about resources, and which of them they say are one. Answered when it is on disk. */
import type { ResourceId } from "../contract/ids.ts";
import type {
  Merge,
  MergeList,
  MergeResourcesInput,
  NamedMergeInput,
  Resource,
  UpdateResourceInput,
} from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Inventory, PictureChange } from "./inventory.ts";
import type { Join } from "./joins.ts";

interface WithWords {
  inventory: Inventory;
  clock: () => number;
  commit: { durable(withinMs: number): Promise<void> };
  show(change: PictureChange): void;
  /** Has the rules look at these: what is said of a thing may decide what is wrong with it. */
  lookAt(ids: readonly ResourceId[]): void;
}

const DURABLE_WITHIN_MS = 5;

export async function update(
  org: WithWords,
  { id, ...facts }: UpdateResourceInput,
): Promise<{ resource: Resource }> {
  getResource(org, id);
  const { expectedOff, ...words } = facts;
  const said = { ...words, ...(expectedOff !== undefined && { expectedOff: expectedOff || null }) };
  await done(org, org.inventory.say(id, said));
  return { resource: getResource(org, id) };
}

/** With its parts. What reports it still brings it back, as new. */
export async function forget(org: WithWords, { id }: { id: ResourceId }): Promise<{ name: string }> {
  const { name } = getResource(org, id);
  await done(org, org.inventory.forget(id));
  return { name };
}

export function merges(org: WithWords): MergeList {
  return { merges: org.inventory.joins().flatMap((join) => shown(org, join) ?? []) };
}

export async function merge(
  org: WithWords,
  { id, absorbed }: MergeResourcesInput,
): Promise<{ resource: Resource }> {
  const into = getResource(org, id);
  const other = getResource(org, absorbed);
  if (!isMachine(into) || !isMachine(other)) {
    throw new DomainError("invalid_request", "Only machines can be said to be the same.", {
      fields: { absorbed: "must be a machine, like the other" },
    });
  }
  const agents = [...into.sources, ...other.sources].filter((source) => source.startsWith("agent:"));
  if (agents.length > 1) {
    throw new DomainError("conflict", "Two agents are never one machine: each reports the one it runs on.");
  }
  const why = { how: "said", evidence: "somebody said so", at: org.clock() } as const;
  await done(org, org.inventory.join(absorbed, id, why));
  return { resource: getResource(org, id) };
}

/** Both are shown again, each with its own past, and are not found to be the same again. */
export async function separate(org: WithWords, { id }: NamedMergeInput): Promise<{ separated: true }> {
  const join = org.inventory.joins().find((one) => one.id === id);
  if (!join) throw new DomainError("not_found", "There is no such merge.");
  await done(org, org.inventory.separate(join, org.clock()));
  return { separated: true };
}

async function done(org: WithWords, change: PictureChange): Promise<void> {
  org.show(change);
  org.lookAt([...org.inventory.withParts(change.changed.map(({ id }) => id)), ...change.removed]);
  await org.commit.durable(DURABLE_WITHIN_MS);
}

function shown({ inventory }: WithWords, join: Join): Merge | undefined {
  const resource = inventory.get(join.into);
  const absorbed = inventory.viewOf(join.absorbed);
  if (!resource || !absorbed) return undefined;
  return {
    id: join.id,
    resource: { id: resource.id, name: resource.name },
    absorbed: { name: absorbed.name, source: absorbed.sources[0] ?? "" },
    how: join.how,
    evidence: join.evidence,
    at: join.at,
  };
}

function isMachine({ kind }: Resource): boolean {
  return kind === "host" || kind === "vm" || kind === "lxc";
}

function getResource({ inventory }: WithWords, id: ResourceId): Resource {
  const resource = inventory.get(id);
  if (!resource) throw new DomainError("not_found", "There is no such resource.");
  return resource;
}
