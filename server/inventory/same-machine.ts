/**
 * Whether two views are of one machine. Pure.
 *
 * A wrong join mixes two machines' figures, a missed one only shows a machine twice, so the evidence
 * has to be good: a network card's address that exactly these two have, or a name together with an
 * IP address that exactly these two have. A machine id or a host name alone is none: people clone
 * disks and call every machine `debian`. Two agents are never one machine, whatever they say: who
 * an agent is, its enrolment decides.
 */
import { isIP } from "node:net";
import type { ResourceId } from "../contract/ids.ts";
import type { Resource, ResourceKind } from "../contract/resource.ts";
import { distanceOf } from "./combine.ts";

export interface MachineView {
  resource: Resource;
  /** Of its interfaces, as they are reported beside it. */
  interfaces: readonly Resource[];
}

/** Of everything that is seen, the machines that are not shown as one with another already. */
export function machineViews(
  seen: readonly Resource[],
  isJoined: (id: ResourceId) => boolean,
): MachineView[] {
  const machines = seen.filter(({ kind, id }) => MACHINE_KINDS.has(kind) && !isJoined(id));
  if (machines.length < 2) return [];
  const interfaces = Map.groupBy(
    seen.filter(({ kind }) => kind === "interface"),
    ({ parentId }) => parentId,
  );
  return machines.map((resource) => ({ resource, interfaces: interfaces.get(resource.id) ?? [] }));
}

const MACHINE_KINDS = new Set<ResourceKind>(["host", "vm", "lxc"]);

export interface Found {
  /** Whose picture it becomes. */
  into: ResourceId;
  absorbed: ResourceId;
  evidence: string;
}

/** What a machine can be known by, in words for those who ask why. */
interface Marks {
  resource: Resource;
  cards: string[];
  namedAddresses: string[];
}

export function findSame(
  machines: readonly MachineView[],
  isSeparated: (first: ResourceId, second: ResourceId) => boolean,
): Found[] {
  const marked = machines.map(marksOf);
  const byMark = new Map<string, Marks[]>();
  for (const one of marked)
    for (const mark of [...one.cards, ...one.namedAddresses])
      byMark.set(mark, [...(byMark.get(mark) ?? []), one]);

  const found: Found[] = [];
  const taken = new Set<ResourceId>();
  for (const [mark, holders] of byMark) {
    const [first, second, ...others] = holders.map(({ resource }) => resource);
    if (!first || !second || others.length > 0) continue;
    if (first.id === second.id || taken.has(first.id) || taken.has(second.id)) continue;
    if (distanceOf(first) === distanceOf(second) || isSeparated(first.id, second.id)) continue;
    const [into, absorbed] = distanceOf(first) < distanceOf(second) ? [first, second] : [second, first];
    taken.add(first.id).add(second.id);
    found.push({ into: into.id, absorbed: absorbed.id, evidence: mark });
  }
  return found;
}

function marksOf({ resource, interfaces }: MachineView): Marks {
  const all = [resource, ...interfaces];
  const cards = all.flatMap(({ attributes }) => [
    ...texts(attributes["mac"]),
    ...texts(attributes["mac_addresses"]),
  ]);
  const addresses = all.flatMap(({ attributes }) => texts(attributes["addresses"]));
  const name = resource.name.toLowerCase().split(".")[0];
  return {
    resource,
    cards: unique(cards.map((card) => card.toLowerCase()).filter(isOneCard)).map(
      (card) => `both have the network card ${card}`,
    ),
    namedAddresses: unique(
      addresses.map((address) => address.split("/")[0] as string).filter(isOneAddress),
    ).map((address) => `both are called ${name} and have the address ${address}`),
  };
}

/** Not one of those that every container engine and every bridge makes up anew. */
function isOneCard(card: string): boolean {
  return /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(card) && !/^(?:00:00:00:00|02:42|ff:ff:ff:ff)/.test(card);
}

function isOneAddress(address: string): boolean {
  return isIP(address) > 0 && !/^(?:0\.|127\.|169\.254\.|172\.17\.|::1?$|fe80:)/i.test(address);
}

function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.filter((entry): entry is string => typeof entry === "string").slice(0, 64);
}

function unique(list: string[]): string[] {
  return [...new Set(list)];
}
