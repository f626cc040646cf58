/**
 * One container engine behind one socket, and what it said last.
 *
 * A look is one list, then an inspection of each container whose entry in the list says that something happened since
 * it was last inspected, then the figures of those that run. Nothing that makes an engine count bytes on a disk
 * (`size=1`, `/system/df`): on a slow disk that alone kept dockerd busy.
 *
 * Podman is no daemon: a list costs it twice what it costs Docker, and ten times that where systemd starts the service
 * for it. So as long as the kernel shows that everything that ran still runs, it is asked less often.
 *
 * Whoever asks waits for a look, but not for long, and not at all for an engine that was late or failed the last time:
 * it gets the last picture. So an engine that hangs delays the report of its machine once, by `WAIT_MS`. A picture is
 * believed for a while, because a slow engine is not a broken one; then its containers are of unknown status until it
 * answers.
 */
import type { ReportedResource } from "../../contract/report.ts";
import { CONTAINER_LIMIT, type Listed } from "./container.ts";
import { readDockerList } from "./docker-answers.ts";
import { engineProblem } from "./engine-problem.ts";
import { docker, EngineFailure, type EngineFailureKind, type EngineSocket, podman } from "./engine-socket.ts";
import { Figures, type FiguresOptions } from "./figures.ts";
import { type Dialect, Inspections } from "./inspections.ts";
import { readPodmanList } from "./podman-answers.ts";
import { containerResource, shownName, unknownResource } from "./resource.ts";
import { Restarts } from "./restarts.ts";

/** How long a report waits for a look. */
const WAIT_MS = 1_000;
/** How old a picture may be and still be told as it is. */
const BELIEVED_MS = 60_000;

/** What begins, or becomes ill, in a Podman is seen within this time; what ends, with the next look. */
const PODMAN_LIST_EVERY_MS = 30_000;

/** Docker's list has one or two kilobytes a container, more with many labels and mounts. */
const LIST_LIMITS = { timeoutMs: 20_000, bytes: 8 * 1_048_576 };
const PING_LIMITS = { timeoutMs: 5_000, bytes: 4_096 };

interface Introduction extends Dialect {
  /** As people call it: `Docker 28.1.1`. */
  title: string;
}

interface Picture {
  at: number;
  resources: ReportedResource[];
}

interface List {
  at: number;
  entries: Listed[];
  /** Containers beyond the limit. */
  left: number;
}

export interface EngineOptions extends FiguresOptions {
  socket: EngineSocket;
  /** What this engine is called in keys, given its kind and its socket; asked once for each kind. */
  label: (kind: string, file: string) => string;
  now: () => number;
  waitMs?: number;
  podmanListEveryMs?: number;
}

export class Engine {
  private readonly inspections: Inspections;
  private readonly restarts = new Restarts();
  private readonly figures: Figures;
  private readonly waitMs: number;
  private introduction: Introduction | undefined;
  private isIntroduced = false;
  private label = "";
  private list: List | undefined;
  private areInSight = false;
  private picture: Picture | undefined;
  private failure: EngineFailureKind | undefined;
  private underWay: Promise<void> | undefined;
  private isPrompt = true;

  constructor(private readonly options: EngineOptions) {
    this.inspections = new Inspections(options.socket);
    this.figures = new Figures(options);
    this.waitMs = options.waitMs ?? WAIT_MS;
  }

  get title(): string | undefined {
    return this.introduction?.title;
  }

  get problem(): string | undefined {
    return engineProblem({
      kind: this.introduction?.kind,
      socket: this.options.socket.file,
      failure: this.failure,
      left: this.list?.left ?? 0,
    });
  }

  async collect(): Promise<ReportedResource[]> {
    if (!this.underWay) {
      this.underWay = this.look().finally(() => {
        this.underWay = undefined;
      });
      await within(this.underWay, this.isPrompt ? this.waitMs : 0);
    }
    if (!this.picture) return [];
    const isFresh = this.options.now() - this.picture.at < BELIEVED_MS;
    // One bad answer is no reason to doubt the last good one; an engine that is gone is.
    const isGone = this.failure === "absent" || this.failure === "denied";
    if (isFresh && !isGone) return this.picture.resources;
    const problem = this.problem ?? "The container engine does not answer.";
    return this.picture.resources.map((resource) => unknownResource(resource, problem));
  }

  /** Whatever is still waited for is given up. */
  close(): void {
    this.options.socket.close();
  }

  /** Never rejects: how it failed is `failure`. */
  private async look(): Promise<void> {
    const startMs = performance.now();
    try {
      const introduction = await this.introduce();
      const { entries } = this.keptList(introduction) ?? (await this.askList(introduction));
      await this.inspections.refresh(introduction, entries, this.options.now());
      const resources = await this.describe(entries);
      this.picture = { at: this.options.now(), resources };
      this.failure = undefined;
    } catch (error) {
      this.failure = error instanceof EngineFailure ? error.kind : "unreadable";
      // Another engine, or another version of it, may come back.
      this.isIntroduced = false;
      this.areInSight = false;
    }
    this.isPrompt = this.failure === undefined && performance.now() - startMs < this.waitMs;
  }

  private async introduce(): Promise<Introduction> {
    if (this.introduction && this.isIntroduced) return this.introduction;
    const { socket, label } = this.options;
    const introduction = readIntroduction(await socket.headers(PING_LIMITS));
    if (this.introduction?.kind !== introduction.kind) this.label = label(introduction.kind, socket.file);
    this.isIntroduced = true;
    this.introduction = introduction;
    return introduction;
  }

  private keptList({ kind }: Dialect): List | undefined {
    const { now, podmanListEveryMs = PODMAN_LIST_EVERY_MS } = this.options;
    const { list } = this;
    const isKept =
      kind === "podman" && this.areInSight && list !== undefined && now() - list.at < podmanListEveryMs;
    return isKept ? list : undefined;
  }

  private async askList({ kind, major }: Dialect): Promise<List> {
    const { socket, now } = this.options;
    const answer = await socket.json(kind === "podman" ? podman(major).list : docker.list, LIST_LIMITS);
    if (!Array.isArray(answer)) throw new EngineFailure("unreadable");
    const all = kind === "podman" ? readPodmanList(answer) : readDockerList(answer);
    const entries = firstMade(all);
    this.list = { at: now(), entries, left: all.length - entries.length };
    return this.list;
  }

  private async describe(listed: Listed[]): Promise<ReportedResource[]> {
    const all = listed.map((entry) => {
      const { facts, lastFailure } = this.inspections.of(entry.id) ?? {};
      return { name: shownName(entry), listed: entry, facts, lastFailure };
    });
    const runs = all.flatMap(({ name, listed: { id, state }, facts }) =>
      facts ? [[name, { ...facts, id, state }] as const] : [],
    );
    const looping = this.restarts.observe(new Map(runs), this.options.now());
    const running = all.filter(({ listed: { state } }) => state === "running" || state === "paused");
    const { metrics, areInSight } = await this.figures.read(running);
    this.areInSight = areInSight;
    const resources = new Map<string, ReportedResource>();
    for (const { name, ...container } of all) {
      const resource = containerResource({
        ...container,
        engine: this.label,
        isLooping: looping.has(name),
        metrics: metrics.get(container.listed.id) ?? {},
      });
      if (!resources.has(resource.key)) resources.set(resource.key, resource);
    }
    return [...resources.values()];
  }
}

function firstMade(listed: Listed[]): Listed[] {
  if (listed.length <= CONTAINER_LIMIT) return listed;
  const order = [...listed].sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0));
  return order.slice(0, CONTAINER_LIMIT);
}

function readIntroduction(headers: Headers): Introduction {
  const libpod = /^(\d{1,3})\.[\w.-]{1,30}$/.exec(headers.get("libpod-api-version") ?? "");
  if (libpod) return { kind: "podman", title: `Podman ${libpod[0]}`, major: Number(libpod[1]) };
  const version = /^Docker\/([\w.+-]{1,40})/.exec(headers.get("server") ?? "")?.[1];
  return { kind: "docker", title: version === undefined ? "Docker" : `Docker ${version}`, major: 0 };
}

async function within(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: Timer | undefined;
  const end = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, end]);
  clearTimeout(timer);
}
