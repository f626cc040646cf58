/** What can be named where something is for some of what is watched: found as it is typed. */
import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";
import { everything, isMachine } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import type { Option } from "../../ui/many-picker.tsx";
import { KIND_ORDER, KINDS, rankOf } from "../resource/kinds.ts";
import { rank } from "../shell/rank.ts";

/** As the contract has it. */
const TAG_MAX = 40;

interface Entry extends Option {
  name: string;
  also?: string;
}

function ranked(entries: readonly Entry[], typed: string): Option[] {
  return rank(entries, typed).map(({ value, label, hint }) => ({ value, label, hint }));
}

export function resourceOption({ id, kind, name, parentId }: Resource): Entry {
  const parent = parentId ? picture.resources[parentId]?.name : undefined;
  const hint = parent ? `${KINDS[kind].one} of ${parent}` : KINDS[kind].one;
  return { value: id, label: name, hint, name, also: hint };
}

/** What is chosen and not there any more can still be taken away. */
export function chosenResource(id: string): Option {
  const resource = picture.resources[id];
  return resource ? resourceOption(resource) : { value: id, label: "something that is gone" };
}

/** Machines first. What another organization shows here is for it to silence and to rule. */
export function findResources(typed: string, kinds?: readonly ResourceKind[]): Option[] {
  const own = everything().filter(
    (resource) => !resource.sharedFrom && (!kinds || kinds.includes(resource.kind)),
  );
  const order = ({ kind, sources }: Resource) => (isMachine({ kind, sources }) ? -1 : rankOf(kind));
  return ranked(own.toSorted((a, b) => order(a) - order(b)).map(resourceOption), typed);
}

/** Those somebody gave; those of a source are not what rules and silences go by. */
export function findTags(typed: string): Option[] {
  const known = new Set(everything().flatMap(({ own }) => own?.tags ?? []));
  const found = ranked([...known].sort().map(tagOption), typed);
  const wanted = typed.toLowerCase();
  if (wanted && wanted.length <= TAG_MAX && !known.has(wanted))
    found.push({ value: wanted, label: wanted, hint: "nothing has it yet" });
  return found;
}

/** How many have it. */
function countOf(tag: string): number {
  return everything().filter(({ own }) => own?.tags?.includes(tag)).length;
}

/** What was chosen before anything has it, or is left of what is gone. */
export function unusedTags(tags: readonly string[]): string[] {
  return tags.filter((tag) => countOf(tag) === 0);
}

export function tagOption(tag: string): Entry {
  const many = countOf(tag);
  return { value: tag, label: tag, name: tag, ...(many > 0 && { hint: `${many} with it` }) };
}

/** Those that are there first. */
export function findKinds(typed: string): Option[] {
  const there = new Set(everything().map(({ kind }) => kind));
  const order = KIND_ORDER.toSorted((a, b) => Number(there.has(b)) - Number(there.has(a)));
  return ranked(order.map(kindOption), typed);
}

export function kindOption(kind: ResourceKind): Entry {
  return { value: kind, label: KINDS[kind].many, name: KINDS[kind].many, also: `${KINDS[kind].one} ${kind}` };
}

interface Titled {
  name: string;
  title: string;
}

export function findRules(rules: readonly Titled[], typed: string): Option[] {
  return ranked(
    rules.map(({ name, title }) => ({ value: name, label: title, name: title, also: name })),
    typed,
  );
}
