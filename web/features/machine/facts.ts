import type { Resource } from "../../../server/contract/resource.ts";

/** What a machine is, in words; empty where it does not say. */
export interface Facts {
  system: string;
  kernel: string;
  processor: string;
  kindOfMachine: string;
  bootAt: number | undefined;
  addresses: string[];
}

export interface TopProcess {
  pid: number;
  name: string;
  user?: string;
  cpu_percent?: number;
  memory_bytes?: number;
}

export function factsOf(machine: Resource): Facts {
  const word = (name: string) => textOf(machine.attributes[name]);
  const cores = machine.attributes["cpu_count"];
  const boot = machine.attributes["boot_at"];
  const model = word("cpu_model")
    .replace(/\((?:R|TM)\)/gi, "")
    .replace(/\s+/g, " ")
    .trim();
  return {
    system: word("os"),
    kernel: [word("kernel"), word("architecture")].filter(Boolean).join(" "),
    processor: [model, typeof cores === "number" ? `× ${cores}` : ""].filter(Boolean).join(" "),
    kindOfMachine: [word("virtualization"), word("container")].filter(Boolean).join(", "),
    bootAt: typeof boot === "number" ? boot : undefined,
    addresses: textsOf(machine.attributes["addresses"]),
  };
}

export function topProcessesOf(machine: Resource): TopProcess[] {
  const held = machine.attributes["top_processes"];
  if (!Array.isArray(held)) return [];
  return held.filter(
    (each): each is TopProcess => typeof each === "object" && each !== null && typeof each.name === "string",
  );
}

/** Strings of an attribute that should be a list of them. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
