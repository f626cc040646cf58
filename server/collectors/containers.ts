/**
 * Containers of Docker and Podman on this machine, running or not.
 *
 * Every engine that listens on one of the usual sockets is asked by itself: one that hangs holds up neither the others
 * nor, for more than a moment, the report (see `containers/engine.ts`). What a container's state means is the table in
 * `containers/verdict.ts`; why an id of the engine's is checked before it is used, `containers/engine-socket.ts`.
 */
import { cpus, totalmem } from "node:os";
import type { ReportedResource } from "../contract/report.ts";
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import type { Attributes } from "../contract/resource.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Collector } from "./collector.ts";
import { CONTAINER_LIMIT } from "./containers/container.ts";
import { Engine } from "./containers/engine.ts";
import { EngineSocket } from "./containers/engine-socket.ts";
import { ownerOf, presentSockets, usualSockets } from "./containers/sockets.ts";
import { clip, knownAttributes } from "./host/figures.ts";
import { Tree } from "./host/tree.ts";

/** A machine without any engine pays a handful of failed look-ups this often. */
const LOOK_FOR_SOCKETS_MS = 30_000;
/** Engines of one machine. */
const ENGINE_LIMIT = 16;

export interface ContainerCollectorOptions {
  /** Instead of the usual ones. */
  sockets?: readonly string[];
  /** Before /proc and /sys: a folder without them makes the engine be asked for figures. */
  root?: string;
  now?: Clock;
  /** How long a collection waits for an engine that has been well so far. */
  waitMs?: number;
  /** How often Podman is asked while nothing that ran has ended. */
  podmanListEveryMs?: number;
}

export interface ContainerCollector extends Collector {
  /**
   * What the machine itself should say about its engines, as of the last collection: `container_engines` and, when
   * one is there that cannot be read, `container_engine_problem`, a sentence. For the resource `host`.
   */
  hostAttributes(): Attributes;
}

export function createContainerCollector(options: ContainerCollectorOptions = {}): ContainerCollector {
  const now = options.now ?? systemClock;
  const machine = {
    tree: new Tree(options.root),
    cores: Math.max(1, cpus().length),
    machineBytes: totalmem(),
    passing: options.now ?? (() => performance.now()),
  };
  const engines = new Map<string, Engine>();
  const labels = new Set<string>();
  let nextLookAt = Number.NEGATIVE_INFINITY;

  /** Two engines may hold containers of one name: each has a label of its own, which its socket decides. */
  const label = (kind: string, file: string) => {
    const owner = ownerOf(file);
    const first = owner === undefined ? kind : `${kind}-${owner}`;
    let free = first;
    for (let number = 2; labels.has(free); number++) free = `${first}-${number}`;
    labels.add(free);
    return free;
  };

  /** One whose socket is gone keeps its last picture: its containers are not gone, only out of sight. */
  const findEngines = () => {
    if (now() < nextLookAt) return;
    nextLookAt = now() + LOOK_FOR_SOCKETS_MS;
    for (const [real, file] of presentSockets(options.sockets ?? usualSockets())) {
      if (engines.has(real) || engines.size === ENGINE_LIMIT) continue;
      const { waitMs, podmanListEveryMs } = options;
      const socket = new EngineSocket(file);
      engines.set(real, new Engine({ ...machine, socket, now, waitMs, podmanListEveryMs, label }));
    }
  };

  return {
    name: "containers",
    async collect(): Promise<ReportedResource[]> {
      findEngines();
      const found = await Promise.all([...engines.values()].map((engine) => engine.collect()));
      return found.flat().slice(0, CONTAINER_LIMIT);
    },
    close() {
      for (const engine of engines.values()) engine.close();
    },
    hostAttributes(): Attributes {
      const all = [...engines.values()];
      const titles = all.flatMap(({ title }) => title ?? []);
      const problems = [...new Set(all.flatMap(({ problem }) => problem ?? []))];
      return knownAttributes({
        container_engines: titles.length > 0 ? titles : undefined,
        container_engine_problem: problems.length > 0 ? clip(problems.join(" "), PROBLEM_LENGTH) : undefined,
      });
    },
  };
}

const PROBLEM_LENGTH = 2 * REPORT_LIMITS.nameLength;
