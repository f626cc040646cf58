import type { Metrics } from "../../contract/resource.ts";
import type { Tree } from "../host/tree.ts";
import type { Facts, Listed } from "./container.ts";
import { ControlGroups, type Group } from "./control-groups.ts";
import { type Counters, containerMetrics } from "./counters.ts";
import { type ContainerId, docker, type EngineSocket } from "./engine-socket.ts";
import { eachOf } from "./side-by-side.ts";
import { readStats } from "./stats-answer.ts";

const STATS_LIMITS = { timeoutMs: 5_000, bytes: 262_144 };
/** Docker up to 27 measures all that are asked for together, once a second. */
const STATS_AT_ONCE = 16;
/** All of them together. What was not answered by then has no figures this time. */
const STATS_WITHIN_MS = 15_000;

export interface FiguresOptions {
  socket: EngineSocket;
  tree: Tree;
  cores: number;
  machineBytes: number;
  /** A clock that only goes forward. */
  passing: () => number;
}

export interface Running {
  listed: Listed;
  facts: Facts | undefined;
}

interface Before {
  /** Of which run: counters start anew with each. */
  run: string;
  group: Group | undefined;
  counters: Counters | undefined;
}

/** What running containers use: from the kernel where its files are in sight, otherwise from the engine. */
export class Figures {
  private before = new Map<ContainerId, Before>();
  private readonly groups: ControlGroups;

  constructor(private readonly options: FiguresOptions) {
    this.groups = new ControlGroups(options.tree, options.machineBytes);
  }

  /** `areInSight`: the kernel showed every one of them, so all of them still run. */
  async read(running: Running[]): Promise<{ metrics: Map<ContainerId, Metrics>; areInSight: boolean }> {
    const metrics = new Map<ContainerId, Metrics>();
    const kept = new Map<ContainerId, Before>();
    const elsewhere: Running[] = [];
    for (const each of running) {
      const before = this.recall(each);
      kept.set(each.listed.id, before);
      const { group } = before;
      const counters = group && this.groups.read(group, hasOwnNetwork(each), this.options.passing());
      if (counters) metrics.set(each.listed.id, this.compare(before, counters, each, this.options.cores));
      // A group that is gone is a container that has just ended, of which the engine knows no more; or it was moved.
      else if (group) kept.delete(each.listed.id);
      else if (each.listed.state === "running") elsewhere.push(each);
    }
    this.before = kept;
    const areInSight = metrics.size === running.length;
    await this.askEngine(elsewhere, metrics);
    return { metrics, areInSight };
  }

  private recall({ listed, facts }: Running): Before {
    const run = `${facts?.pid} ${facts?.startedAt}`;
    const before = this.before.get(listed.id);
    if (before?.run === run) return before;
    const group = facts?.pid === undefined ? undefined : this.groups.find(facts.pid, listed.id);
    return { run, group, counters: undefined };
  }

  private compare(before: Before, counters: Counters, { facts }: Running, cores: number): Metrics {
    const metrics = containerMetrics(before.counters, counters, cores, facts?.cpuLimit);
    before.counters = counters;
    return metrics;
  }

  private async askEngine(running: Running[], metrics: Map<ContainerId, Metrics>): Promise<void> {
    const end = this.options.passing() + STATS_WITHIN_MS;
    await eachOf(running, STATS_AT_ONCE, async (each) => {
      if (this.options.passing() > end) return;
      const { id } = each.listed;
      const before = this.before.get(id);
      // Podman answers this as Docker does.
      const answer = await this.options.socket.json(docker.stats(id), STATS_LIMITS).catch(() => undefined);
      const stats = readStats(answer, this.options.machineBytes);
      if (!stats || !before) return;
      const { cores = this.options.cores, counters } = stats;
      metrics.set(id, this.compare(before, counters, each, cores));
    });
  }
}

/** On the host's network its traffic is the host's; in another container's it is counted there. */
function hasOwnNetwork({ listed, facts }: Running): boolean {
  const mode = listed.networkMode ?? facts?.networkMode;
  return mode !== "host" && mode !== "none" && !mode?.startsWith("container:");
}
